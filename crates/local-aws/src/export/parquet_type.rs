//! How each of MySQL's types stands in a Parquet file of an RDS export.
//!
//! <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ExportSnapshot.FileNames.html>

use std::sync::Arc;

use parquet::basic::{LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::errors::ParquetError;
use parquet::schema::types::{Type, TypePtr};

use crate::database::{Column, Kind};

/// A Parquet type with everything needed to write a value of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParquetType {
    /// INT32, annotated INT(16,true) for TINYINT UNSIGNED.
    Int32 {
        /// Whether the annotation is there.
        int16: bool,
    },
    /// INT64.
    Int64,
    /// DOUBLE.
    Double,
    /// INT64, TIMESTAMP_MICROS.
    Micros,
    /// DECIMAL(p,s) on INT32 (p ≤ 9), INT64 (p ≤ 18) or as few fixed bytes as hold it.
    Decimal {
        /// All digits.
        precision: u8,
        /// Digits after the point.
        scale: u8,
        /// The fixed length, or `None` for INT32 and INT64.
        length: Option<u8>,
    },
    /// BYTE_ARRAY, STRING.
    Text,
    /// BYTE_ARRAY without annotation.
    Bytes,
}

impl ParquetType {
    /// The Parquet type of a column.
    pub fn of(kind: Kind) -> Self {
        match kind {
            Kind::TinyInt | Kind::SmallInt | Kind::MediumInt | Kind::Int | Kind::Year => {
                Self::Int32 { int16: false }
            }
            Kind::TinyIntUnsigned => Self::Int32 { int16: true },
            Kind::MediumIntUnsigned | Kind::IntUnsigned | Kind::BigInt => Self::Int64,
            Kind::BigIntUnsigned => Self::Decimal {
                precision: 20,
                scale: 0,
                length: Some(9),
            },
            Kind::Decimal { precision, scale } if precision <= 38 => Self::Decimal {
                precision,
                scale,
                length: (precision > 18).then(|| fixed_length(precision)),
            },
            Kind::Decimal { .. } | Kind::Date | Kind::Time | Kind::Text => Self::Text,
            Kind::Float | Kind::Double => Self::Double,
            Kind::DateTime | Kind::Timestamp => Self::Micros,
            Kind::Char | Kind::Bytes => Self::Bytes,
        }
    }

    /// The physical type.
    pub fn physical(self) -> Physical {
        match self {
            Self::Int32 { .. } => Physical::INT32,
            Self::Decimal {
                precision,
                length: None,
                ..
            } if precision <= 9 => Physical::INT32,
            Self::Int64 | Self::Micros | Self::Decimal { length: None, .. } => Physical::INT64,
            Self::Decimal { length: Some(_), .. } => Physical::FIXED_LEN_BYTE_ARRAY,
            Self::Double => Physical::DOUBLE,
            Self::Text | Self::Bytes => Physical::BYTE_ARRAY,
        }
    }

    /// As `expectedExportedType` of the export's metadata names it: `int64 (TIMESTAMP_MICROS)`.
    pub fn name(self) -> String {
        let physical = match self.physical() {
            Physical::INT32 => "int32".to_owned(),
            Physical::INT64 => "int64".to_owned(),
            Physical::DOUBLE => "double".to_owned(),
            Physical::FIXED_LEN_BYTE_ARRAY => format!("fixed_len_byte_array({})", self.length()),
            _ => "binary".to_owned(),
        };
        match self {
            Self::Int32 { int16: true } => format!("{physical} (INT_16)"),
            Self::Micros => format!("{physical} (TIMESTAMP_MICROS)"),
            Self::Decimal { precision, scale, .. } => format!("{physical} (DECIMAL({precision},{scale}))"),
            Self::Text => format!("{physical} (UTF8)"),
            Self::Int32 { int16: false } | Self::Int64 | Self::Double | Self::Bytes => physical,
        }
    }

    /// Bytes of a fixed-length value; 0 for the other types.
    pub fn length(self) -> usize {
        match self {
            Self::Decimal {
                length: Some(length), ..
            } => usize::from(length),
            _ => 0,
        }
    }

    fn field(self, name: &str) -> Result<Type, ParquetError> {
        let logical = match self {
            Self::Int32 { int16: true } => Some(LogicalType::integer(16, true)),
            Self::Micros => Some(LogicalType::timestamp(true, TimeUnit::MICROS)),
            Self::Decimal { precision, scale, .. } => {
                Some(LogicalType::decimal(i32::from(scale), i32::from(precision)))
            }
            Self::Text => Some(LogicalType::String),
            Self::Int32 { int16: false } | Self::Int64 | Self::Double | Self::Bytes => None,
        };
        let builder = Type::primitive_type_builder(name, self.physical())
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(logical);
        let Self::Decimal {
            precision,
            scale,
            length,
        } = self
        else {
            return builder.build();
        };
        let builder = match length {
            Some(length) => builder.with_length(i32::from(length)),
            None => builder,
        };
        builder
            .with_precision(i32::from(precision))
            .with_scale(i32::from(scale))
            .build()
    }
}

/// The file schema of a table. Every column is optional, as Spark writes them, NOT NULL or not.
pub(super) fn schema(columns: &[Column]) -> Result<TypePtr, ParquetError> {
    let fields = columns
        .iter()
        .map(|column| ParquetType::of(column.kind).field(&column.name).map(Arc::new))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Arc::new(
        Type::group_type_builder("spark_schema")
            .with_fields(fields)
            .build()?,
    ))
}

/// The fewest bytes whose two's complement holds every number of `precision` digits.
fn fixed_length(precision: u8) -> u8 {
    let largest = 10_u128.pow(u32::from(precision)) - 1;
    let bits = 128 - largest.leading_zeros() + 1;
    u8::try_from(bits.div_ceil(8)).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_take_the_bytes_that_spark_gives_them() {
        let length = |precision| ParquetType::of(Kind::Decimal { precision, scale: 2 }).length();
        assert_eq!([9, 18, 19, 20, 21, 22, 38].map(length), [0, 0, 9, 9, 9, 10, 16]);
        assert_eq!(
            ParquetType::of(Kind::Decimal {
                precision: 39,
                scale: 2
            }),
            ParquetType::Text
        );
    }

    #[test]
    fn metadata_names_types_as_parquet_tools_do() {
        let name = |kind| ParquetType::of(kind).name();
        assert_eq!(
            name(Kind::BigIntUnsigned),
            "fixed_len_byte_array(9) (DECIMAL(20,0))"
        );
        assert_eq!(name(Kind::TinyIntUnsigned), "int32 (INT_16)");
        assert_eq!(name(Kind::DateTime), "int64 (TIMESTAMP_MICROS)");
        assert_eq!(name(Kind::Char), "binary");
        assert_eq!(name(Kind::Date), "binary (UTF8)");
    }
}
