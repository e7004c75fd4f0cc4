//! The type mapping: MySQL and MariaDB types, as an RDS export carries them, to DynamoDB attributes, without loss.

use serde::{Deserialize, Serialize};

/// A DynamoDB attribute type that a column's values take. NULL is `NULL:true` in every column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum AttributeType {
    /// Number: 38 significant digits, 1E-130 to 9.99E125.
    N,
    /// String, UTF-8.
    S,
    /// Binary.
    B,
}

impl AttributeType {
    /// `N`, `S` or `B`, as in DynamoDB's API.
    pub fn name(self) -> &'static str {
        match self {
            Self::N => "N",
            Self::S => "S",
            Self::B => "B",
        }
    }
}

/// What a column's values are, once the Parquet type and `originalType` are both known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum ColumnKind {
    /// TINYINT to BIGINT, signed or unsigned, YEAR.
    Integer,
    /// DECIMAL and BIGINT UNSIGNED held as Parquet DECIMAL.
    Decimal {
        /// Total digits.
        precision: u8,
        /// Digits behind the point.
        scale: i8,
    },
    /// DECIMAL beyond 38 digits, which RDS exports as text.
    DecimalText,
    /// FLOAT and DOUBLE.
    Double,
    /// CHAR, VARCHAR, TEXT, ENUM, SET.
    Text,
    /// JSON, kept as the text that MySQL gave.
    Json,
    /// DATE and TIME, kept as the text that was exported.
    DateOrTimeText,
    /// DATETIME: microseconds without a zone.
    DateTime,
    /// TIMESTAMP: microseconds in UTC.
    Timestamp,
    /// BIT, BINARY, VARBINARY, BLOB and geometry.
    Binary,
    /// A Parquet BOOLEAN, which RDS does not write for MySQL but other writers do; 0 or 1.
    Boolean,
}

impl ColumnKind {
    /// The attribute type that holds every value of this kind, by the mapping's table.
    ///
    /// Values of `Double` outside DynamoDB's number range are held as `S`, each one by itself.
    pub fn attribute_type(self) -> AttributeType {
        match self {
            Self::Decimal { precision, .. } if precision > 38 => AttributeType::S,
            Self::Integer | Self::Decimal { .. } | Self::Double | Self::Boolean => AttributeType::N,
            Self::DecimalText
            | Self::Text
            | Self::Json
            | Self::DateOrTimeText
            | Self::DateTime
            | Self::Timestamp => AttributeType::S,
            Self::Binary => AttributeType::B,
        }
    }

    /// Whether a column of this kind can be a key attribute.
    pub fn can_be_key(self) -> bool {
        !matches!(self, Self::Double | Self::Json)
    }
}

/// Whether an `originalType` such as `char(2)`, `CHAR` or `enum('a','b')` names character data.
///
/// CHAR carries no STRING annotation in an export, so only its original type tells text from bytes.
pub fn is_character_type(original: &str) -> bool {
    let base = base_type(original);
    matches!(
        base.as_str(),
        "char"
            | "varchar"
            | "tinytext"
            | "text"
            | "mediumtext"
            | "longtext"
            | "enum"
            | "set"
            | "json"
            | "nchar"
            | "nvarchar"
            | "inet4"
            | "inet6"
            | "uuid"
    )
}

/// The bare lower-case type name: `BIGINT(20) UNSIGNED` is `bigint`.
pub fn base_type(original: &str) -> String {
    original
        .trim()
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_ascii_lowercase()
}

/// The character set that an original type names: `latin1` of `varchar(20) character set latin1`.
pub fn charset(original: &str) -> Option<String> {
    let lower = original.to_ascii_lowercase();
    let (_, named) = lower
        .split_once(" character set ")
        .or_else(|| lower.split_once(" charset "))?;
    let name: String = named
        .trim_start()
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
        .collect();
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn original_types_tell_text_from_bytes_in_every_spelling() {
        for text in ["CHAR", "char(2)", "enum('a','b')", " VARCHAR(255) ", "set('x')"] {
            assert!(is_character_type(text), "{text}");
        }
        for bytes in ["binary(16)", "BIT", "geometry", "longblob", ""] {
            assert!(!is_character_type(bytes), "{bytes}");
        }
        assert_eq!(base_type("BIGINT(20) UNSIGNED"), "bigint");
        assert_eq!(
            charset("VARCHAR(20) CHARACTER SET latin1 COLLATE latin1_bin").as_deref(),
            Some("latin1")
        );
        assert_eq!(charset("char(2) charset utf8mb3").as_deref(), Some("utf8mb3"));
        assert_eq!(charset("varchar(20)"), None);
    }
}
