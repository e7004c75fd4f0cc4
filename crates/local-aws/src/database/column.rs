//! Tables and columns as `information_schema` describes them.

use serde::{Deserialize, Serialize};

/// A base table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// The schema, which for MySQL is the database.
    pub schema: String,
    /// The table.
    pub name: String,
    /// In ordinal order.
    pub columns: Vec<Column>,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What `information_schema.COLUMNS` calls DATA_TYPE, with ` unsigned` where it is: `bigint unsigned`.
    pub original_type: String,
    /// What it can hold.
    pub kind: Kind,
    /// Whether it may be NULL.
    pub nullable: bool,
    /// CHARACTER_MAXIMUM_LENGTH.
    pub char_max_length: Option<u64>,
    /// NUMERIC_PRECISION.
    pub numeric_precision: Option<u64>,
    /// DATETIME_PRECISION.
    pub datetime_precision: Option<u64>,
}

/// The families of MySQL's and MariaDB's types that an export tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// TINYINT.
    TinyInt,
    /// TINYINT UNSIGNED.
    TinyIntUnsigned,
    /// SMALLINT, signed or not.
    SmallInt,
    /// MEDIUMINT.
    MediumInt,
    /// INT.
    Int,
    /// YEAR.
    Year,
    /// MEDIUMINT UNSIGNED.
    MediumIntUnsigned,
    /// INT UNSIGNED.
    IntUnsigned,
    /// BIGINT.
    BigInt,
    /// BIGINT UNSIGNED.
    BigIntUnsigned,
    /// DECIMAL and NUMERIC.
    Decimal {
        /// All digits.
        precision: u8,
        /// Digits after the point.
        scale: u8,
    },
    /// FLOAT.
    Float,
    /// DOUBLE.
    Double,
    /// DATE.
    Date,
    /// TIME.
    Time,
    /// DATETIME: no zone.
    DateTime,
    /// TIMESTAMP: UTC.
    Timestamp,
    /// CHAR.
    Char,
    /// VARCHAR, every TEXT, ENUM, SET, JSON, and MariaDB's UUID and INET types: text.
    Text,
    /// BINARY, VARBINARY, every BLOB, BIT, VECTOR and geometry: bytes.
    Bytes,
}

/// What `information_schema.COLUMNS` says about a column.
#[derive(Clone, Copy, Debug)]
pub struct Declared<'a> {
    /// DATA_TYPE: `bigint`.
    pub data_type: &'a str,
    /// COLUMN_TYPE: `bigint(20) unsigned`.
    pub column_type: &'a str,
    /// NUMERIC_PRECISION.
    pub precision: Option<u64>,
    /// NUMERIC_SCALE.
    pub scale: Option<u64>,
}

impl Kind {
    /// The kind of a declared column; `None` for a type that RDS's export does not know.
    pub fn of(declared: &Declared<'_>) -> Option<Self> {
        let unsigned = is_unsigned(declared);
        let data_type = declared.data_type.to_ascii_lowercase();
        Some(match (data_type.as_str(), unsigned) {
            ("tinyint", false) => Self::TinyInt,
            ("tinyint", true) => Self::TinyIntUnsigned,
            ("smallint", _) => Self::SmallInt,
            ("mediumint", false) => Self::MediumInt,
            ("mediumint", true) => Self::MediumIntUnsigned,
            ("int" | "integer", false) => Self::Int,
            ("int" | "integer", true) => Self::IntUnsigned,
            ("bigint", false) => Self::BigInt,
            ("bigint", true) => Self::BigIntUnsigned,
            ("year", _) => Self::Year,
            ("decimal" | "numeric", _) => Self::Decimal {
                precision: u8::try_from(declared.precision.unwrap_or(10)).ok()?,
                scale: u8::try_from(declared.scale.unwrap_or(0)).ok()?,
            },
            ("float", _) => Self::Float,
            ("double" | "real", _) => Self::Double,
            ("date", _) => Self::Date,
            ("time", _) => Self::Time,
            ("datetime", _) => Self::DateTime,
            ("timestamp", _) => Self::Timestamp,
            ("char", _) => Self::Char,
            (
                "varchar" | "tinytext" | "text" | "mediumtext" | "longtext" | "enum" | "set" | "json"
                | "uuid" | "inet4" | "inet6",
                _,
            ) => Self::Text,
            (
                "binary" | "varbinary" | "tinyblob" | "blob" | "mediumblob" | "longblob" | "bit" | "vector"
                | "geometry" | "point" | "linestring" | "polygon" | "multipoint" | "multilinestring"
                | "multipolygon" | "geomcollection" | "geometrycollection",
                _,
            ) => Self::Bytes,
            _ => return None,
        })
    }
}

/// `bigint unsigned` for `bigint(20) unsigned zerofill`.
pub(super) fn original_type(declared: &Declared<'_>) -> String {
    let data_type = declared.data_type.to_ascii_lowercase();
    if is_unsigned(declared) {
        format!("{data_type} unsigned")
    } else {
        data_type
    }
}

fn is_unsigned(declared: &Declared<'_>) -> bool {
    let numeric = matches!(
        declared.data_type.to_ascii_lowercase().as_str(),
        "tinyint"
            | "smallint"
            | "mediumint"
            | "int"
            | "integer"
            | "bigint"
            | "decimal"
            | "numeric"
            | "float"
            | "double"
    );
    // An ENUM may well list a value 'unsigned'.
    numeric && declared.column_type.to_ascii_lowercase().contains("unsigned")
}

impl Column {
    /// A column of a built-in database, written as in CREATE TABLE: `DECIMAL(10,2)`, `BIGINT UNSIGNED`,
    /// `VARCHAR(255)`, `DATETIME(6)`.
    pub(crate) fn declare(name: &str, declaration: &str, nullable: bool) -> Self {
        let lower = declaration.to_ascii_lowercase();
        let data_type = lower.split(['(', ' ']).next().unwrap_or_default();
        let arguments: Vec<u64> = lower
            .split_once('(')
            .and_then(|(_, rest)| rest.split_once(')'))
            .map(|(inside, _)| inside.split(',').filter_map(|n| n.trim().parse().ok()).collect())
            .unwrap_or_default();
        let first = arguments.first().copied();
        let precision = match data_type {
            "tinyint" => Some(3),
            "smallint" => Some(5),
            "int" => Some(10),
            "bigint" if lower.contains("unsigned") => Some(20),
            "bigint" => Some(19),
            "double" => Some(22),
            "decimal" => first,
            _ => None,
        };
        let declared = Declared {
            data_type,
            column_type: &lower,
            precision,
            scale: arguments.get(1).copied(),
        };
        let kind = Kind::of(&declared).unwrap_or(Kind::Text);
        let char_max_length = match data_type {
            "char" | "varchar" | "binary" | "varbinary" => first,
            "text" => Some(65_535),
            "json" => Some(u64::from(u32::MAX)),
            _ => None,
        };
        let datetime_precision =
            matches!(kind, Kind::DateTime | Kind::Timestamp | Kind::Time).then(|| first.unwrap_or(0));
        Self {
            name: name.to_owned(),
            original_type: original_type(&declared),
            kind,
            nullable,
            char_max_length,
            numeric_precision: precision,
            datetime_precision,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(data_type: &str, column_type: &str) -> Option<Kind> {
        Kind::of(&Declared {
            data_type,
            column_type,
            precision: Some(12),
            scale: Some(3),
        })
    }

    #[test]
    fn declared_types_are_told_apart() {
        assert_eq!(kind("bigint", "bigint(20) unsigned"), Some(Kind::BigIntUnsigned));
        assert_eq!(kind("bigint", "bigint(20)"), Some(Kind::BigInt));
        assert_eq!(kind("int", "int(10) unsigned zerofill"), Some(Kind::IntUnsigned));
        assert_eq!(kind("enum", "enum('signed','unsigned')"), Some(Kind::Text));
        assert_eq!(
            kind("decimal", "decimal(12,3)"),
            Some(Kind::Decimal {
                precision: 12,
                scale: 3
            })
        );
        assert_eq!(kind("geomcollection", "geomcollection"), Some(Kind::Bytes));
        assert_eq!(kind("hologram", "hologram"), None);
    }

    #[test]
    fn a_declaration_gives_what_information_schema_would() {
        let column = Column::declare("total", "DECIMAL(10,2)", false);
        assert_eq!(
            column.kind,
            Kind::Decimal {
                precision: 10,
                scale: 2
            }
        );
        assert_eq!(column.numeric_precision, Some(10));
        let column = Column::declare("placed_at", "DATETIME(6)", true);
        assert_eq!(
            (column.kind, column.datetime_precision),
            (Kind::DateTime, Some(6))
        );
        let column = Column::declare("id", "BIGINT UNSIGNED", false);
        assert_eq!(
            (column.original_type.as_str(), column.kind),
            ("bigint unsigned", Kind::BigIntUnsigned)
        );
    }
}
