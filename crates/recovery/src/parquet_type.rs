//! The type of a Parquet column in words: how its values lie in a file, and what they mean.
//!
//! `INT64 TIMESTAMP_MICROS`, `FIXED_LEN_BYTE_ARRAY(9) DECIMAL(20,0)`, `BYTE_ARRAY`: the physical type, then the
//! annotation if there is one. The words can be read back, so that a column can be written again as it was.
//! <https://parquet.apache.org/docs/file-format/types/logicaltypes/>

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The type of a Parquet column that isn't nested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ParquetType {
    /// How the values lie in a file.
    pub physical: PhysicalType,
    /// What they mean.
    pub annotation: Option<Annotation>,
}

/// How values lie in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PhysicalType {
    /// One bit.
    Boolean,
    /// 32 bits, two's complement.
    Int32,
    /// 64 bits, two's complement.
    Int64,
    /// Twelve bytes: nanoseconds of a day, and a Julian day. Deprecated, and what Spark writes.
    Int96,
    /// IEEE 754, 32 bits.
    Float,
    /// IEEE 754, 64 bits.
    Double,
    /// Any number of bytes.
    ByteArray,
    /// So many bytes.
    FixedLenByteArray(u32),
}

/// What values mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Annotation {
    /// UTF-8.
    String,
    /// UTF-8, one of few.
    Enum,
    /// UTF-8, JSON.
    Json,
    /// BSON.
    Bson,
    /// Sixteen bytes of a UUID.
    Uuid,
    /// Days since 1970-01-01.
    Date,
    /// An unscaled number, two's complement, big-endian where it is bytes.
    Decimal {
        /// All digits.
        precision: u8,
        /// Digits behind the point.
        scale: u8,
    },
    /// A number of so many bits.
    Integer {
        /// 8, 16, 32 or 64.
        bits: u8,
        /// Whether it may be negative.
        signed: bool,
    },
    /// A time of day.
    Time {
        /// What is counted.
        unit: TimeUnit,
        /// Whether it is in UTC rather than without a zone.
        utc: bool,
    },
    /// Time since 1970-01-01T00:00:00.
    Timestamp {
        /// What is counted.
        unit: TimeUnit,
        /// Whether it is in UTC rather than without a zone.
        utc: bool,
    },
}

/// What a time is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimeUnit {
    /// A thousandth of a second.
    Millis,
    /// A millionth.
    Micros,
    /// A billionth.
    Nanos,
}

/// Words that name no type of a Parquet column.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} names no type of a Parquet column, such as INT64 TIMESTAMP_MICROS")]
pub struct InvalidParquetType(String);

impl TimeUnit {
    /// How many make a second.
    pub fn per_second(self) -> i64 {
        match self {
            Self::Millis => 1_000,
            Self::Micros => 1_000_000,
            Self::Nanos => 1_000_000_000,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Millis => "MILLIS",
            Self::Micros => "MICROS",
            Self::Nanos => "NANOS",
        }
    }

    fn of_name(name: &str) -> Option<Self> {
        [Self::Millis, Self::Micros, Self::Nanos]
            .into_iter()
            .find(|unit| unit.name() == name)
    }
}

impl fmt::Display for ParquetType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.physical)?;
        match self.annotation {
            Some(annotation) => write!(f, " {annotation}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for PhysicalType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Boolean => "BOOLEAN",
            Self::Int32 => "INT32",
            Self::Int64 => "INT64",
            Self::Int96 => "INT96",
            Self::Float => "FLOAT",
            Self::Double => "DOUBLE",
            Self::ByteArray => "BYTE_ARRAY",
            Self::FixedLenByteArray(length) => return write!(f, "FIXED_LEN_BYTE_ARRAY({length})"),
        })
    }
}

impl fmt::Display for Annotation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Parquet's first annotations knew UTC alone, so that a bare TIMESTAMP_MICROS is in UTC.
        let local = |utc: bool| if utc { "" } else { "(LOCAL)" };
        match *self {
            Self::String => f.write_str("STRING"),
            Self::Enum => f.write_str("ENUM"),
            Self::Json => f.write_str("JSON"),
            Self::Bson => f.write_str("BSON"),
            Self::Uuid => f.write_str("UUID"),
            Self::Date => f.write_str("DATE"),
            Self::Decimal { precision, scale } => write!(f, "DECIMAL({precision},{scale})"),
            Self::Integer { bits, signed } => write!(f, "INT({bits},{signed})"),
            Self::Time { unit, utc } => write!(f, "TIME_{}{}", unit.name(), local(utc)),
            Self::Timestamp { unit, utc } => write!(f, "TIMESTAMP_{}{}", unit.name(), local(utc)),
        }
    }
}

impl FromStr for ParquetType {
    type Err = InvalidParquetType;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (physical, annotation) = match text.split_once(' ') {
            Some((physical, annotation)) => (physical, Some(annotation)),
            None => (text, None),
        };
        let invalid = || InvalidParquetType(text.to_owned());
        Ok(Self {
            physical: physical_of(physical).ok_or_else(invalid)?,
            annotation: match annotation {
                Some(annotation) => Some(annotation_of(annotation).ok_or_else(invalid)?),
                None => None,
            },
        })
    }
}

/// `NAME(inside)` as its parts; a bare name has no inside.
fn parts(text: &str) -> Option<(&str, Option<&str>)> {
    match text.split_once('(') {
        Some((name, rest)) => Some((name, Some(rest.strip_suffix(')')?))),
        None => Some((text, None)),
    }
}

fn physical_of(text: &str) -> Option<PhysicalType> {
    Some(match parts(text)? {
        ("BOOLEAN", None) => PhysicalType::Boolean,
        ("INT32", None) => PhysicalType::Int32,
        ("INT64", None) => PhysicalType::Int64,
        ("INT96", None) => PhysicalType::Int96,
        ("FLOAT", None) => PhysicalType::Float,
        ("DOUBLE", None) => PhysicalType::Double,
        ("BYTE_ARRAY", None) => PhysicalType::ByteArray,
        ("FIXED_LEN_BYTE_ARRAY", Some(length)) => PhysicalType::FixedLenByteArray(length.parse().ok()?),
        _ => return None,
    })
}

fn annotation_of(text: &str) -> Option<Annotation> {
    let (name, inside) = parts(text)?;
    let pair = || inside?.split_once(',');
    Some(match (name, inside) {
        ("STRING", None) => Annotation::String,
        ("ENUM", None) => Annotation::Enum,
        ("JSON", None) => Annotation::Json,
        ("BSON", None) => Annotation::Bson,
        ("UUID", None) => Annotation::Uuid,
        ("DATE", None) => Annotation::Date,
        ("DECIMAL", Some(_)) => {
            let (precision, scale) = pair()?;
            Annotation::Decimal {
                precision: precision.parse().ok()?,
                scale: scale.parse().ok()?,
            }
        }
        ("INT", Some(_)) => {
            let (bits, signed) = pair()?;
            Annotation::Integer {
                bits: bits.parse().ok()?,
                signed: signed.parse().ok()?,
            }
        }
        (name, None | Some("LOCAL")) => {
            let utc = inside.is_none();
            match name.split_once('_')? {
                ("TIME", unit) => Annotation::Time {
                    unit: TimeUnit::of_name(unit)?,
                    utc,
                },
                ("TIMESTAMP", unit) => Annotation::Timestamp {
                    unit: TimeUnit::of_name(unit)?,
                    utc,
                },
                _ => return None,
            }
        }
        _ => return None,
    })
}

impl TryFrom<String> for ParquetType {
    type Error = InvalidParquetType;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<ParquetType> for String {
    fn from(parquet: ParquetType) -> Self {
        parquet.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_type_read_back_as_that_type() {
        for text in [
            "BOOLEAN", "INT32", "INT32 INT(16,true)", "INT32 INT(8,false)", "INT64", "INT96", "FLOAT",
            "DOUBLE", "BYTE_ARRAY", "BYTE_ARRAY STRING", "BYTE_ARRAY ENUM", "BYTE_ARRAY JSON",
            "BYTE_ARRAY BSON", "FIXED_LEN_BYTE_ARRAY(16) UUID", "FIXED_LEN_BYTE_ARRAY(9) DECIMAL(20,0)",
            "INT32 DECIMAL(9,2)", "BYTE_ARRAY DECIMAL(65,30)", "INT32 DATE", "INT32 TIME_MILLIS",
            "INT64 TIME_MICROS(LOCAL)", "INT64 TIMESTAMP_MICROS", "INT64 TIMESTAMP_NANOS(LOCAL)",
        ] {
            let parsed: ParquetType = text.parse().unwrap();
            assert_eq!(parsed.to_string(), text);
        }
        let micros: ParquetType = "INT64 TIMESTAMP_MICROS".parse().unwrap();
        let annotation = Annotation::Timestamp {
            unit: TimeUnit::Micros,
            utc: true,
        };
        assert_eq!(micros.annotation, Some(annotation));
    }

    #[test]
    fn other_words_are_no_type() {
        for text in [
            "", "int32", "INT64 ", "INT64 TIMESTAMP", "INT64 TIMESTAMP_MICROS(UTC)", "BYTE_ARRAY(3)",
            "FIXED_LEN_BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY(9", "INT32 DECIMAL(9)", "INT32 DECIMAL(9,2",
            "INT32 INT(16,1)", "none: the table is empty",
        ] {
            assert!(text.parse::<ParquetType>().is_err(), "{text:?}");
        }
    }
}
