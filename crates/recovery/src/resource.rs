//! Whatever AWS Backup protects, of any type, and the databases that it does not.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, Region};

/// What AWS Backup holds in one Region of one account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Inventory {
    /// The Region.
    pub region: Region,
    /// The account.
    pub account: AccountId,
    /// Whatever has a recovery point, of every type, by ARN.
    pub protected: Vec<Protected>,
    /// DB instances and clusters that have none, by ARN. A cluster is one, whatever instances it has.
    pub unprotected: Vec<Unprotected>,
    /// What could not be looked at, and why. What is not known is not protected.
    pub unseen: Vec<String>,
    /// When it was looked at.
    pub seen_at: Timestamp,
}

/// A resource that has a recovery point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Protected {
    /// Its ARN.
    pub arn: String,
    /// AWS Backup's word: `RDS`, `Aurora`, `DynamoDB`, `S3`, `EBS`, `EFS`, …
    pub resource_type: String,
    /// Its name, where it has one.
    pub name: Option<String>,
    /// When it was last backed up.
    pub last_backup_at: Option<Timestamp>,
    /// Recovery points in each vault that was looked into, by vault.
    pub recovery_points: Vec<VaultCount>,
    /// Whether this product restores it.
    pub restorable: Restorable,
}

/// How many recovery points of a resource a vault holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VaultCount {
    /// The vault.
    pub vault: String,
    /// How many.
    pub count: u64,
    /// When the oldest of them was made.
    pub oldest_at: Timestamp,
    /// When the newest of them was made.
    pub newest_at: Timestamp,
}

/// Whether this product restores a resource into DynamoDB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Restorable {
    /// RDS or Aurora, MySQL or MariaDB.
    Yes,
    /// RDS or Aurora of an engine whose exports are of other types.
    OtherEngine,
    /// Another type: AWS Backup restores it, this product lists it.
    ListedOnly,
    /// RDS or Aurora of an engine that is not known: the database is gone, or could not be looked at.
    Unknown,
}

impl Restorable {
    /// What follows from AWS Backup's type and RDS's engine.
    pub fn of(resource_type: &str, engine: Option<&str>) -> Self {
        match (resource_type, engine) {
            ("RDS" | "Aurora", Some(engine)) if is_mysql(engine) => Self::Yes,
            ("RDS" | "Aurora", Some(_)) => Self::OtherEngine,
            ("RDS" | "Aurora", None) => Self::Unknown,
            _ => Self::ListedOnly,
        }
    }

    /// It in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Yes => "restorable",
            Self::OtherEngine => "another engine than MySQL or MariaDB: listed only",
            Self::ListedOnly => "listed only",
            Self::Unknown => "engine unknown",
        }
    }
}

/// A DB instance or cluster without a recovery point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Unprotected {
    /// Its ARN.
    pub arn: String,
    /// Its identifier.
    pub name: String,
    /// For example `mysql 8.0.39`.
    pub engine: Option<String>,
    /// For example `db.r6g.large`.
    pub class: Option<String>,
    /// Whether its exports could be restored if it were backed up.
    pub restorable: Restorable,
}

/// Whether exports of an engine, with its version behind it or not, have the types that this product knows.
pub fn is_mysql(engine: &str) -> bool {
    let name = engine.split_whitespace().next().unwrap_or_default();
    matches!(name, "mysql" | "mariadb" | "aurora-mysql" | "aurora")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_exports_of_mysql_and_mariadb_are_restored() {
        for (resource_type, engine, expected) in [
            ("RDS", Some("mysql 8.4.3"), Restorable::Yes),
            ("RDS", Some("mariadb 11.4"), Restorable::Yes),
            ("Aurora", Some("aurora-mysql 8.0"), Restorable::Yes),
            ("RDS", Some("postgres 16"), Restorable::OtherEngine),
            ("Aurora", Some("aurora-postgresql 16"), Restorable::OtherEngine),
            ("RDS", None, Restorable::Unknown),
            ("DynamoDB", None, Restorable::ListedOnly),
            ("S3", Some("mysql"), Restorable::ListedOnly),
        ] {
            assert_eq!(
                Restorable::of(resource_type, engine),
                expected,
                "{resource_type} {engine:?}"
            );
        }
    }
}
