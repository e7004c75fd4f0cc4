//! The type of a Parquet field in our words, and a field of such a type.

use parquet::basic::{ConvertedType, LogicalType, Repetition, TimeUnit as ParquetUnit, Type as Physical};
use parquet::errors::ParquetError;
use parquet::schema::types::Type;
use recovery::parquet_type::{Annotation, ParquetType, PhysicalType, TimeUnit};

/// The type of a root field; `None` for one that is nested, or annotated with what MySQL has nothing for: FLOAT16,
/// INTERVAL, VARIANT, columns of nothing but NULL.
pub(crate) fn of_field(field: &Type) -> Option<ParquetType> {
    let Type::PrimitiveType {
        basic_info,
        physical_type,
        type_length,
        scale,
        precision,
    } = field
    else {
        return None;
    };
    let physical = match physical_type {
        Physical::BOOLEAN => PhysicalType::Boolean,
        Physical::INT32 => PhysicalType::Int32,
        Physical::INT64 => PhysicalType::Int64,
        Physical::INT96 => PhysicalType::Int96,
        Physical::FLOAT => PhysicalType::Float,
        Physical::DOUBLE => PhysicalType::Double,
        Physical::BYTE_ARRAY => PhysicalType::ByteArray,
        Physical::FIXED_LEN_BYTE_ARRAY => PhysicalType::FixedLenByteArray(u32::try_from(*type_length).ok()?),
    };
    let annotation = match basic_info.logical_type_ref() {
        Some(logical) => Some(of_logical(logical)?),
        None if basic_info.converted_type() == ConvertedType::NONE => None,
        None => Some(of_converted(basic_info.converted_type(), *precision, *scale)?),
    };
    Some(ParquetType { physical, annotation })
}

fn of_logical(logical: &LogicalType) -> Option<Annotation> {
    Some(match logical {
        LogicalType::String => Annotation::String,
        LogicalType::Enum => Annotation::Enum,
        LogicalType::Json => Annotation::Json,
        LogicalType::Bson => Annotation::Bson,
        LogicalType::Uuid => Annotation::Uuid,
        LogicalType::Date => Annotation::Date,
        LogicalType::Decimal(decimal) => of_decimal(decimal.precision, decimal.scale)?,
        LogicalType::Integer(integer) => Annotation::Integer {
            bits: integer.bit_width.cast_unsigned(),
            signed: integer.is_signed,
        },
        LogicalType::Time(time) => Annotation::Time {
            unit: of_unit(time.unit),
            utc: time.is_adjusted_to_u_t_c,
        },
        LogicalType::Timestamp(timestamp) => Annotation::Timestamp {
            unit: of_unit(timestamp.unit),
            utc: timestamp.is_adjusted_to_u_t_c,
        },
        _ => return None,
    })
}

/// The annotations of Parquet's first version, all of whose times are in UTC.
fn of_converted(converted: ConvertedType, precision: i32, scale: i32) -> Option<Annotation> {
    let integer = |bits, signed| Annotation::Integer { bits, signed };
    Some(match converted {
        ConvertedType::UTF8 => Annotation::String,
        ConvertedType::ENUM => Annotation::Enum,
        ConvertedType::JSON => Annotation::Json,
        ConvertedType::BSON => Annotation::Bson,
        ConvertedType::DATE => Annotation::Date,
        ConvertedType::DECIMAL => of_decimal(precision, scale)?,
        ConvertedType::TIME_MILLIS => Annotation::Time {
            unit: TimeUnit::Millis,
            utc: true,
        },
        ConvertedType::TIME_MICROS => Annotation::Time {
            unit: TimeUnit::Micros,
            utc: true,
        },
        ConvertedType::TIMESTAMP_MILLIS => Annotation::Timestamp {
            unit: TimeUnit::Millis,
            utc: true,
        },
        ConvertedType::TIMESTAMP_MICROS => Annotation::Timestamp {
            unit: TimeUnit::Micros,
            utc: true,
        },
        ConvertedType::INT_8 => integer(8, true),
        ConvertedType::INT_16 => integer(16, true),
        ConvertedType::INT_32 => integer(32, true),
        ConvertedType::INT_64 => integer(64, true),
        ConvertedType::UINT_8 => integer(8, false),
        ConvertedType::UINT_16 => integer(16, false),
        ConvertedType::UINT_32 => integer(32, false),
        ConvertedType::UINT_64 => integer(64, false),
        ConvertedType::NONE
        | ConvertedType::LIST
        | ConvertedType::MAP
        | ConvertedType::MAP_KEY_VALUE
        | ConvertedType::INTERVAL => return None,
    })
}

/// Arrow holds 76 digits; MySQL has 65.
fn of_decimal(precision: i32, scale: i32) -> Option<Annotation> {
    Some(Annotation::Decimal {
        precision: u8::try_from(precision)
            .ok()
            .filter(|digits| (1..=76).contains(digits))?,
        scale: u8::try_from(scale)
            .ok()
            .filter(|scale| i32::from(*scale) <= precision)?,
    })
}

fn of_unit(unit: ParquetUnit) -> TimeUnit {
    match unit {
        ParquetUnit::MILLIS => TimeUnit::Millis,
        ParquetUnit::MICROS => TimeUnit::Micros,
        ParquetUnit::NANOS => TimeUnit::Nanos,
    }
}

/// A field of this type.
pub(crate) fn field(name: &str, parquet: ParquetType, optional: bool) -> Result<Type, ParquetError> {
    let (physical, length) = match parquet.physical {
        PhysicalType::Boolean => (Physical::BOOLEAN, None),
        PhysicalType::Int32 => (Physical::INT32, None),
        PhysicalType::Int64 => (Physical::INT64, None),
        PhysicalType::Int96 => (Physical::INT96, None),
        PhysicalType::Float => (Physical::FLOAT, None),
        PhysicalType::Double => (Physical::DOUBLE, None),
        PhysicalType::ByteArray => (Physical::BYTE_ARRAY, None),
        PhysicalType::FixedLenByteArray(length) => (Physical::FIXED_LEN_BYTE_ARRAY, Some(length)),
    };
    let mut builder = Type::primitive_type_builder(name, physical)
        .with_repetition(if optional {
            Repetition::OPTIONAL
        } else {
            Repetition::REQUIRED
        })
        .with_logical_type(parquet.annotation.map(logical));
    if let Some(length) = length {
        builder = builder.with_length(i32::try_from(length).unwrap_or(i32::MAX));
    }
    if let Some(Annotation::Decimal { precision, scale }) = parquet.annotation {
        builder = builder
            .with_precision(i32::from(precision))
            .with_scale(i32::from(scale));
    }
    builder.build()
}

fn logical(annotation: Annotation) -> LogicalType {
    match annotation {
        Annotation::String => LogicalType::String,
        Annotation::Enum => LogicalType::Enum,
        Annotation::Json => LogicalType::Json,
        Annotation::Bson => LogicalType::Bson,
        Annotation::Uuid => LogicalType::Uuid,
        Annotation::Date => LogicalType::Date,
        Annotation::Decimal { precision, scale } => {
            LogicalType::decimal(i32::from(scale), i32::from(precision))
        }
        Annotation::Integer { bits, signed } => LogicalType::integer(bits.cast_signed(), signed),
        Annotation::Time { unit, utc } => LogicalType::time(utc, parquet_unit(unit)),
        Annotation::Timestamp { unit, utc } => LogicalType::timestamp(utc, parquet_unit(unit)),
    }
}

fn parquet_unit(unit: TimeUnit) -> ParquetUnit {
    match unit {
        TimeUnit::Millis => ParquetUnit::MILLIS,
        TimeUnit::Micros => ParquetUnit::MICROS,
        TimeUnit::Nanos => ParquetUnit::NANOS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parquet::schema::parser::parse_message_type;

    #[test]
    fn a_field_of_a_type_has_that_type_in_both_generations_of_annotations() {
        let cases = [
            ("boolean c", "BOOLEAN"),
            ("int32 c (INTEGER(16,true))", "INT32 INT(16,true)"),
            ("int32 c (UINT_8)", "INT32 INT(8,false)"),
            ("int32 c (DATE)", "INT32 DATE"),
            ("int32 c (TIME_MILLIS)", "INT32 TIME_MILLIS"),
            ("int64 c (TIME(MICROS,false))", "INT64 TIME_MICROS(LOCAL)"),
            ("int64 c (TIMESTAMP_MICROS)", "INT64 TIMESTAMP_MICROS"),
            ("int64 c (TIMESTAMP(NANOS,false))", "INT64 TIMESTAMP_NANOS(LOCAL)"),
            ("int96 c", "INT96"),
            ("double c", "DOUBLE"),
            ("binary c", "BYTE_ARRAY"),
            ("binary c (UTF8)", "BYTE_ARRAY STRING"),
            ("binary c (DECIMAL(65,30))", "BYTE_ARRAY DECIMAL(65,30)"),
            (
                "fixed_len_byte_array(9) c (DECIMAL(20,0))",
                "FIXED_LEN_BYTE_ARRAY(9) DECIMAL(20,0)",
            ),
            (
                "fixed_len_byte_array(16) c (UUID)", "FIXED_LEN_BYTE_ARRAY(16) UUID",
            ),
        ];
        for (written, words) in cases {
            let message = parse_message_type(&format!("message m {{ optional {written}; }}")).unwrap();
            let parquet = of_field(&message.get_fields()[0]).unwrap();
            assert_eq!(parquet.to_string(), words, "{written}");
            assert_eq!(
                of_field(&field("c", parquet, true).unwrap()),
                Some(parquet),
                "{written}"
            );
        }
    }

    #[test]
    fn what_mysql_has_nothing_for_has_no_type_here() {
        for written in [
            "fixed_len_byte_array(2) c (FLOAT16);", "fixed_len_byte_array(12) c (INTERVAL);",
            "group c { optional int32 d; }",
        ] {
            let message = parse_message_type(&format!("message m {{ optional {written} }}")).unwrap();
            assert_eq!(of_field(&message.get_fields()[0]), None, "{written}");
        }
    }
}
