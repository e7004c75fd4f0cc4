//! What a column's values are: the Parquet type and RDS's `originalType` decide together.

use parquet::basic::Repetition;
use parquet::schema::types::Type;
use recovery::parquet_type::{Annotation, ParquetType, PhysicalType};
use recovery::request::TreatAs;
use recovery::table::Column;
use recovery::types::{ColumnKind, base_type, is_character_type};

use crate::metadata::TypeMapping;
use crate::parquet_type;

/// Why a column cannot be restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UnsupportedColumn {
    pub(crate) column: String,
    pub(crate) parquet_type: String,
}

/// The column that a Parquet root field is.
pub(crate) fn of_parquet(field: &Type, mapping: Option<&TypeMapping>) -> Result<Column, UnsupportedColumn> {
    let original = mapping.and_then(|mapping| mapping.original_type.as_deref());
    let parquet = parquet_type::of_field(field)
        .filter(|_| field.get_basic_info().repetition() != Repetition::REPEATED)
        .ok_or_else(|| UnsupportedColumn {
            column: field.name().to_owned(),
            parquet_type: unsupported_type(field),
        })?;
    Ok(Column {
        name: field.name().to_owned(),
        original_type: original.map(str::to_owned),
        original_numbers: mapping.map(TypeMapping::numbers).unwrap_or_default(),
        parquet_type: parquet.to_string(),
        kind: kind(parquet, original),
        nullable: field.is_optional(),
    })
}

/// The column that RDS's metadata alone tells of, for a table without a row and so without a Parquet object.
pub(crate) fn of_metadata(mapping: &TypeMapping) -> Column {
    let original = mapping.original_type.as_deref().unwrap_or_default();
    let unsigned = original.to_ascii_lowercase().contains("unsigned");
    let digits = mapping
        .original_num_precision
        .filter(|digits| (1.0..=65.0).contains(digits));
    let kind = match base_type(original).as_str() {
        "tinyint" | "smallint" | "mediumint" | "int" | "integer" | "year" => ColumnKind::Integer,
        "bigint" if !unsigned => ColumnKind::Integer,
        "bigint" => ColumnKind::Decimal {
            precision: 20,
            scale: 0,
        },
        "decimal" | "numeric" if digits.is_some_and(|digits| digits > 38.0) => ColumnKind::DecimalText,
        "decimal" | "numeric" => ColumnKind::Decimal {
            precision: 38,
            scale: 0,
        },
        "float" | "double" | "real" => ColumnKind::Double,
        "date" | "time" => ColumnKind::DateOrTimeText,
        "datetime" => ColumnKind::DateTime,
        "timestamp" => ColumnKind::Timestamp,
        "json" => ColumnKind::Json,
        _ if is_character_type(original) => ColumnKind::Text,
        _ => ColumnKind::Binary,
    };
    Column {
        name: mapping.column_name.clone(),
        original_type: mapping.original_type.clone(),
        original_numbers: mapping.numbers(),
        parquet_type: "none: the table is empty".to_owned(),
        kind,
        nullable: true,
    }
}

/// The column as the caller wants its bytes taken, or `None` where that makes no sense for its kind.
pub(crate) fn treated_as(mut column: Column, wish: TreatAs) -> Option<Column> {
    column.kind = match (column.kind, wish) {
        (ColumnKind::Binary | ColumnKind::Text | ColumnKind::Json, TreatAs::Text) => ColumnKind::Text,
        (ColumnKind::Binary | ColumnKind::Text | ColumnKind::Json, TreatAs::Binary) => ColumnKind::Binary,
        _ => return None,
    };
    Some(column)
}

fn kind(parquet: ParquetType, original: Option<&str>) -> ColumnKind {
    match (parquet.physical, parquet.annotation) {
        (_, Some(Annotation::Decimal { precision, scale })) => ColumnKind::Decimal {
            precision,
            // At most 76, as the type says.
            scale: scale.cast_signed(),
        },
        (_, Some(Annotation::Date | Annotation::Time { .. })) => ColumnKind::DateOrTimeText,
        (_, Some(Annotation::Timestamp { utc, .. })) => instant(original, utc),
        (PhysicalType::Int96, _) => instant(original, false),
        (PhysicalType::Boolean, _) => ColumnKind::Boolean,
        (PhysicalType::Int32 | PhysicalType::Int64, _) => ColumnKind::Integer,
        (PhysicalType::Float | PhysicalType::Double, _) => ColumnKind::Double,
        (PhysicalType::ByteArray, annotation) => bytes(annotation, original),
        (PhysicalType::FixedLenByteArray(_), _) => ColumnKind::Binary,
    }
}

/// DATETIME and TIMESTAMP are one Parquet type, so the original type decides; without it, whether the writer says that
/// the values are in UTC.
fn instant(original: Option<&str>, utc: bool) -> ColumnKind {
    match original.map(base_type).as_deref() {
        Some("datetime") => ColumnKind::DateTime,
        Some("timestamp") => ColumnKind::Timestamp,
        _ if utc => ColumnKind::Timestamp,
        _ => ColumnKind::DateTime,
    }
}

fn bytes(annotation: Option<Annotation>, original: Option<&str>) -> ColumnKind {
    let is_json = annotation == Some(Annotation::Json);
    let is_string = is_json || matches!(annotation, Some(Annotation::String | Annotation::Enum));
    match original.map(|original| (base_type(original), original)) {
        Some((base, _)) if base == "json" => ColumnKind::Json,
        Some((base, _)) if matches!(base.as_str(), "decimal" | "numeric") && is_string => {
            ColumnKind::DecimalText
        }
        Some((base, _)) if matches!(base.as_str(), "date" | "time") => ColumnKind::DateOrTimeText,
        // Geometry is bytes even where a writer annotates it as STRING: WKB is not UTF-8.
        Some((base, _)) if is_bytes_type(&base) => ColumnKind::Binary,
        Some((_, original)) if is_character_type(original) => ColumnKind::Text,
        _ if is_json => ColumnKind::Json,
        _ if is_string => ColumnKind::Text,
        _ => ColumnKind::Binary,
    }
}

fn is_bytes_type(base: &str) -> bool {
    matches!(
        base,
        "bit"
            | "binary"
            | "varbinary"
            | "tinyblob"
            | "blob"
            | "mediumblob"
            | "longblob"
            | "geometry"
            | "point"
            | "linestring"
            | "polygon"
            | "multipoint"
            | "multilinestring"
            | "multipolygon"
            | "geometrycollection"
            | "geomcollection"
            | "vector"
    )
}

/// What a field is that no column can be made of, in Parquet's own words.
fn unsupported_type(field: &Type) -> String {
    if !field.is_primitive() {
        return "a nested group".to_owned();
    }
    let info = field.get_basic_info();
    let annotation = match info.logical_type_ref() {
        Some(logical) => format!("{logical:?}"),
        None => info.converted_type().to_string(),
    };
    let repeated = if info.repetition() == Repetition::REPEATED {
        "a repeated "
    } else {
        ""
    };
    format!("{repeated}{} {annotation}", field.get_physical_type())
}

#[cfg(test)]
mod tests {
    use super::*;
    use parquet::schema::parser::parse_message_type;

    fn column(parquet: &str, original: Option<&str>) -> Result<Column, UnsupportedColumn> {
        let end = if parquet.ends_with('}') { "" } else { ";" };
        let message = parse_message_type(&format!("message m {{ optional {parquet}{end} }}")).unwrap();
        let mapping = original.map(|original| TypeMapping {
            column_name: "c".into(),
            original_type: Some(original.into()),
            ..TypeMapping::default()
        });
        of_parquet(&message.get_fields()[0], mapping.as_ref())
    }

    #[test]
    fn the_original_type_decides_where_parquet_cannot() {
        let cases = [
            ("binary c", Some("char(2)"), ColumnKind::Text),
            ("binary c", Some("binary(16)"), ColumnKind::Binary),
            ("binary c", None, ColumnKind::Binary),
            ("binary c (UTF8)", None, ColumnKind::Text),
            ("binary c (UTF8)", Some("geometry"), ColumnKind::Binary),
            ("binary c (UTF8)", Some("json"), ColumnKind::Json),
            ("binary c (UTF8)", Some("date"), ColumnKind::DateOrTimeText),
            ("binary c (UTF8)", Some("decimal(65,30)"), ColumnKind::DecimalText),
            (
                "int64 c (TIMESTAMP_MICROS)",
                Some("datetime(6)"),
                ColumnKind::DateTime,
            ),
            (
                "int64 c (TIMESTAMP_MICROS)",
                Some("timestamp"),
                ColumnKind::Timestamp,
            ),
            ("int64 c (TIMESTAMP_MICROS)", None, ColumnKind::Timestamp),
            ("int64 c (TIMESTAMP(MICROS,false))", None, ColumnKind::DateTime),
            (
                "int32 c (INTEGER(16,true))",
                Some("tinyint unsigned"),
                ColumnKind::Integer,
            ),
            ("int32 c", Some("year"), ColumnKind::Integer),
            ("double c", Some("float"), ColumnKind::Double),
            (
                "fixed_len_byte_array(9) c (DECIMAL(20,0))",
                Some("bigint unsigned"),
                ColumnKind::Decimal {
                    precision: 20,
                    scale: 0,
                },
            ),
            (
                "int32 c (DECIMAL(9,2))",
                Some("decimal(9,2)"),
                ColumnKind::Decimal {
                    precision: 9,
                    scale: 2,
                },
            ),
        ];
        for (parquet, original, expected) in cases {
            assert_eq!(
                column(parquet, original).unwrap().kind,
                expected,
                "{parquet} {original:?}"
            );
        }
    }

    #[test]
    fn the_parquet_type_reads_in_words_and_nesting_is_refused() {
        let text = |parquet| column(parquet, None).unwrap().parquet_type;
        assert_eq!(text("binary c (UTF8)"), "BYTE_ARRAY STRING");
        assert_eq!(
            text("fixed_len_byte_array(9) c (DECIMAL(20,0))"),
            "FIXED_LEN_BYTE_ARRAY(9) DECIMAL(20,0)"
        );
        assert_eq!(text("int64 c"), "INT64");
        assert!(column("group c { optional int32 d; }", None).is_err());
    }
}
