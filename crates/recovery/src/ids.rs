//! Typed identifiers. A bare string never crosses a function border where one of these is meant.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A string that is not a valid identifier of its kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{value:?} is not {kind}: {rule}")]
pub struct InvalidId {
    /// What was expected, with its article: `a Region`.
    pub kind: &'static str,
    /// The rule that is broken.
    pub rule: &'static str,
    /// What was given.
    pub value: String,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $rule:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(value: &str) -> Result<Self, InvalidId> {
                Self::try_from(value.to_owned())
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(value: String) -> Result<Self, InvalidId> {
                let valid: fn(&str) -> bool = $valid;
                if valid(&value) {
                    Ok(Self(value))
                } else {
                    Err(InvalidId { kind: $kind, rule: $rule, value })
                }
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id!(
    /// An AWS Region, for example `us-east-1`.
    Region,
    "a Region",
    "lower-case letters, digits and hyphens, such as us-east-1",
    |s| (4..=32).contains(&s.len())
        && s.contains('-')
        && s.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
);

impl Region {
    /// The partition that begins its ARNs after `arn:`: `aws`, `aws-cn`, `aws-us-gov`.
    pub fn partition(&self) -> &'static str {
        match self.as_str() {
            region if region.starts_with("cn-") => "aws-cn",
            region if region.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        }
    }
}

id!(
    /// An AWS account: twelve digits.
    AccountId,
    "an AWS account id",
    "twelve digits",
    |s| s.len() == 12 && s.bytes().all(|b| b.is_ascii_digit())
);

id!(
    /// A source: the DB instance identifier where that is enough (`tvshows`), otherwise with Region and account
    /// behind dots (`tvshows.eu-west-1.444455556666`), so that two sources of one name are never merged.
    SourceId,
    "a source",
    "1 to 120 letters, digits, hyphens and dots",
    |s| (1..=120).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
);

id!(
    /// What names a recovery point in this product and its export in every Region: the label of
    /// [`crate::label`], for example `tvshows-20261120t080000z-3f9a2c`.
    RecoveryPointId,
    "a recovery point id",
    "a label: at most 60 lower-case letters, digits and single hyphens, starting with a letter",
    crate::label::is_valid
);

id!(
    /// The ARN of a recovery point, for example `arn:aws:rds:us-east-1:111122223333:snapshot:awsbackup:job-…`.
    RecoveryPointArn,
    "a recovery point ARN",
    "starts with arn: and has at least six parts",
    |s| s.len() <= 1024 && s.starts_with("arn:") && s.splitn(6, ':').count() == 6
);

id!(
    /// One run of a plan: `r-` and 26 characters that sort by time.
    RunId,
    "a run id",
    "r- followed by 8 to 40 lower-case letters and digits",
    |s| s.strip_prefix("r-").is_some_and(|rest| {
        (8..=40).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    })
);

id!(
    /// A DynamoDB table name: 3 to 255 letters, digits, `_`, `-` and `.` (DynamoDB's naming rules).
    TargetName,
    "a DynamoDB table name",
    "3 to 255 letters, digits, underscores, hyphens and dots",
    |s| (3..=255).contains(&s.len())
        && s.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
);

/// A table of a source: database and table name, written `db.table`.
///
/// The database name ends at the first dot, as RDS writes it in the folder `db/db.table/` of an export.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TableName {
    database: String,
    table: String,
}

impl TableName {
    /// A table of a database. Fails where either is empty or the database name holds a dot or slash.
    pub fn new(database: &str, table: &str) -> Result<Self, InvalidId> {
        let valid = !database.is_empty() && !table.is_empty() && !database.contains(['.', '/']);
        if valid {
            Ok(Self {
                database: database.to_owned(),
                table: table.to_owned(),
            })
        } else {
            Err(InvalidId {
                kind: "a table",
                rule: "database.table, with no dot or slash in the database name",
                value: format!("{database}.{table}"),
            })
        }
    }

    /// The database (MySQL schema).
    pub fn database(&self) -> &str {
        &self.database
    }

    /// The table within the database.
    pub fn table(&self) -> &str {
        &self.table
    }
}

impl FromStr for TableName {
    type Err = InvalidId;

    fn from_str(value: &str) -> Result<Self, InvalidId> {
        let (database, table) = value.split_once('.').unwrap_or((value, ""));
        Self::new(database, table)
    }
}

impl TryFrom<String> for TableName {
    type Error = InvalidId;

    fn try_from(value: String) -> Result<Self, InvalidId> {
        value.parse()
    }
}

impl From<TableName> for String {
    fn from(name: TableName) -> Self {
        name.to_string()
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.database, self.table)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_accept_what_aws_accepts_and_say_why_not() {
        assert!("us-east-1".parse::<Region>().is_ok());
        assert!("111122223333".parse::<AccountId>().is_ok());
        assert!("1111-2222-3333".parse::<AccountId>().is_err());
        assert!("ab".parse::<TargetName>().is_err());
        let error = "US East".parse::<Region>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "\"US East\" is not a Region: lower-case letters, digits and hyphens, such as us-east-1"
        );
    }

    #[test]
    fn a_table_name_ends_its_database_at_the_first_dot() {
        let name: TableName = "shop.orders.v2".parse().unwrap();
        assert_eq!((name.database(), name.table()), ("shop", "orders.v2"));
        assert!("orders".parse::<TableName>().is_err());
        assert!(TableName::new("a/b", "c").is_err());
    }

    #[test]
    fn identifiers_are_checked_when_they_are_read_back() {
        assert!(serde_json::from_str::<AccountId>("\"12\"").is_err());
        let run: RunId = serde_json::from_str("\"r-01jd3k0000000000\"").unwrap();
        assert_eq!(run.as_str(), "r-01jd3k0000000000");
    }
}
