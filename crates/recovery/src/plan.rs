//! A plan: an immutable, serialisable statement of a restore. A run executes its plan and makes no further choices.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::ids::{AccountId, RecoveryPointId, Region, SourceId, TableName, TargetName};
use crate::inventory::Checksum;
use crate::synthetic_key::SyntheticKey;
use crate::table::Column;
use crate::types::AttributeType;

/// The version of the plan's form that this build writes and reads.
pub const PLAN_VERSION: u32 = 1;

/// A restore of tables of one copy into DynamoDB tables of one Region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// [`PLAN_VERSION`].
    pub version: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// What is restored from.
    pub copy: CopyRef,
    /// Copies elsewhere that are known to be identical. A run goes on from the next one, object by object and only where
    /// size and checksum are the planned ones, while `copy` cannot be reached.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fallbacks: Vec<CopyRef>,
    /// The Region of the target tables.
    pub target_region: Region,
    /// The tables, each with its target.
    pub tables: Vec<TablePlan>,
}

/// The copy that a plan reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CopyRef {
    /// The catalogue's recovery point, when the plan was made through the catalogue.
    pub recovery_point: Option<RecoveryPointId>,
    /// The source, likewise.
    pub source: Option<SourceId>,
    /// When the recovery point was made, likewise.
    pub data_as_of: Option<Timestamp>,
    /// The Region of the bucket.
    pub region: Region,
    /// The account of the bucket, likewise.
    pub account: Option<AccountId>,
    /// The bucket.
    pub bucket: String,
    /// The export's prefix, without a trailing slash.
    pub prefix: String,
}

impl CopyRef {
    /// `s3://bucket/prefix`.
    pub fn uri(&self) -> String {
        format!("s3://{}/{}", self.bucket, self.prefix)
    }
}

/// One table of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TablePlan {
    /// The table in the copy.
    pub source: TableName,
    /// The DynamoDB table that is created, or is there and empty, or is filled as `existing` says.
    pub target: TargetName,
    /// What becomes of items that the target holds already.
    #[serde(default, skip_serializing_if = "Existing::is_refuse")]
    pub existing: Existing,
    /// The target's key.
    pub key: Key,
    /// The target's capacity, when it is created.
    pub capacity: Capacity,
    /// How fast it may be written to.
    #[serde(default, skip_serializing_if = "Pace::is_default")]
    pub pace: Pace,
    /// How its items come into it.
    #[serde(default, skip_serializing_if = "Way::is_write")]
    pub way: Way,
    /// Every column, in order.
    pub columns: Vec<Column>,
    /// Every object to read, pinned by size and checksum as they were when the plan was made.
    pub objects: Vec<PlannedObject>,
    /// Rows over all objects, by their footers.
    pub rows: u64,
}

/// The key of a target table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// The partition key.
    pub partition: KeyAttribute,
    /// The sort key.
    pub sort: Option<KeyAttribute>,
    /// Where the partition key is no column but an attribute that the restore adds: what its values are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub synthetic: Option<SyntheticKey>,
}

impl Key {
    /// A key that the restore adds as an attribute of this name.
    pub fn added(kind: SyntheticKey, name: impl Into<String>) -> Self {
        Self {
            partition: KeyAttribute {
                column: name.into(),
                attribute_type: AttributeType::S,
            },
            sort: None,
            synthetic: Some(kind),
        }
    }
}

/// A column, or an added attribute, that is a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct KeyAttribute {
    /// The column, and attribute, name; of an added key the attribute's alone.
    pub column: String,
    /// Its DynamoDB type.
    pub attribute_type: AttributeType,
}

/// How a created table is billed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "mode")]
pub enum Capacity {
    /// PAY_PER_REQUEST.
    #[default]
    OnDemand,
    /// PROVISIONED.
    Provisioned {
        /// Read capacity units.
        read_units: u64,
        /// Write capacity units.
        write_units: u64,
    },
}

/// What becomes of items that a target holds already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Existing {
    /// There must be none: a target that holds items is refused.
    #[default]
    Refuse,
    /// They stay as they are. Rows are written only where no item has their key.
    OnlyMissing,
    /// Those that have the key of a row are replaced by it, whole. Others stay.
    Overwrite,
}

impl Existing {
    /// Every choice, the safest first.
    pub const ALL: [Self; 3] = [Self::Refuse, Self::OnlyMissing, Self::Overwrite];

    /// `refuse`, `only_missing` or `overwrite`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Refuse => "refuse",
            Self::OnlyMissing => "only_missing",
            Self::Overwrite => "overwrite",
        }
    }

    /// Whether a target that holds items is refused.
    pub fn is_refuse(&self) -> bool {
        *self == Self::Refuse
    }
}

/// How fast a target may be written to. Without either bound, as fast as DynamoDB takes it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Pace {
    /// The most write units a second, so that others who write to the table keep their share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_write_units: Option<u64>,
    /// Write units a second that a table created on demand is made ready for (its warm throughput), in place of the
    /// 4,000 that a new one takes. AWS bills what lies above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warm_write_units: Option<u64>,
}

impl Pace {
    /// Whether nothing bounds it.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// How the items of a table come into DynamoDB.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "by")]
pub enum Way {
    /// In batches, which use the table's write capacity.
    #[default]
    Write,
    /// By DynamoDB's import from S3, which uses none and makes the table itself. The items are put into S3 first, and
    /// removed from there afterwards.
    Import {
        /// A bucket of the target Region.
        bucket: String,
        /// The objects lie below this prefix, in a folder of the plan's own.
        prefix: String,
    },
}

impl Way {
    /// Whether it is by batches.
    pub fn is_write(&self) -> bool {
        matches!(self, Self::Write)
    }
}

/// A Parquet object of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PlannedObject {
    /// The whole key in the bucket.
    pub key: String,
    /// Bytes.
    pub size: u64,
    /// A full-object checksum, where S3 holds one.
    pub checksum: Option<Checksum>,
    /// The entity tag, sent as If-Match so that an object that changes under a run fails it.
    pub etag: String,
    /// Rows of each row group, in order.
    pub row_groups: Vec<u64>,
}

/// A stretch of work: some row groups of one object of one table.
///
/// A unit is data. Whoever executes it needs the plan, the unit and AWS, nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Unit {
    /// Position in [`Plan::units`], which is its identity within a run.
    pub index: u32,
    /// Index into [`Plan::tables`].
    pub table: u32,
    /// Index into [`TablePlan::objects`].
    pub object: u32,
    /// First row group.
    pub row_group_start: u32,
    /// One behind the last row group.
    pub row_group_end: u32,
    /// Rows in these row groups.
    pub rows: u64,
}

/// Row groups are gathered into a unit up to this many rows: small enough that a killed process repeats little,
/// large enough that a checkpoint costs little.
const UNIT_ROWS_TARGET: u64 = 20_000;

impl Plan {
    /// The SHA-256 (hex) of the plan's canonical JSON: two equal plans have one digest.
    pub fn digest(&self) -> String {
        let json = serde_json::to_vec(self).unwrap_or_default();
        hex::encode(Sha256::digest(json))
    }

    /// The plan's units, in an order that takes turns between tables, so that one partition key range of one table
    /// does not take every write.
    pub fn units(&self) -> Vec<Unit> {
        let mut queues: Vec<std::collections::VecDeque<Unit>> = (0_u32..)
            .zip(&self.tables)
            .map(|(index, table)| table.units(index).into())
            .collect();
        let mut units = Vec::new();
        while queues.iter().any(|queue| !queue.is_empty()) {
            for queue in &mut queues {
                if let Some(mut unit) = queue.pop_front() {
                    unit.index = u32::try_from(units.len()).unwrap_or(u32::MAX);
                    units.push(unit);
                }
            }
        }
        units
    }

    /// Rows over all tables.
    pub fn rows(&self) -> u64 {
        let rows = self.tables.iter().map(|table| table.rows);
        rows.fold(0, u64::saturating_add)
    }
}

impl TablePlan {
    /// This table's units, not yet numbered.
    fn units(&self, table: u32) -> Vec<Unit> {
        let mut units = Vec::new();
        for (object, planned) in (0_u32..).zip(&self.objects) {
            let mut unit: Option<Unit> = None;
            for (row_group, rows) in (0_u32..).zip(&planned.row_groups) {
                match &mut unit {
                    Some(open) if open.rows.saturating_add(*rows) <= UNIT_ROWS_TARGET => {
                        open.row_group_end = row_group + 1;
                        open.rows += rows;
                    }
                    _ => {
                        units.extend(unit.replace(Unit {
                            index: 0,
                            table,
                            object,
                            row_group_start: row_group,
                            row_group_end: row_group + 1,
                            rows: *rows,
                        }));
                    }
                }
            }
            units.extend(unit);
        }
        units
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: &str, objects: &[&[u64]]) -> TablePlan {
        TablePlan {
            source: name.parse().unwrap(),
            target: name.parse().unwrap(),
            existing: Existing::Refuse,
            key: Key {
                partition: KeyAttribute {
                    column: "id".into(),
                    attribute_type: AttributeType::N,
                },
                sort: None,
                synthetic: None,
            },
            capacity: Capacity::OnDemand,
            pace: Pace::default(),
            way: Way::Write,
            columns: Vec::new(),
            objects: objects
                .iter()
                .map(|groups| PlannedObject {
                    key: "k".into(),
                    size: 1,
                    checksum: None,
                    etag: "e".into(),
                    row_groups: groups.to_vec(),
                })
                .collect(),
            rows: objects.iter().flat_map(|groups| groups.iter()).sum(),
        }
    }

    fn plan(tables: Vec<TablePlan>) -> Plan {
        Plan {
            version: PLAN_VERSION,
            created_at: Timestamp::UNIX_EPOCH,
            copy: CopyRef {
                recovery_point: None,
                source: None,
                data_as_of: None,
                region: "us-east-1".parse().unwrap(),
                account: None,
                bucket: "b".into(),
                prefix: "p".into(),
            },
            fallbacks: Vec::new(),
            target_region: "us-east-1".parse().unwrap(),
            tables,
        }
    }

    #[test]
    fn units_cover_every_row_group_once_and_take_turns_between_tables() {
        let plan = plan(vec![
            table("db.a", &[&[10_000, 10_000, 1], &[], &[30_000, 5]]),
            table("db.b", &[&[7]]),
        ]);
        let units = plan.units();
        let shape: Vec<_> = units
            .iter()
            .map(|u| {
                (
                    u.index, u.table, u.object, u.row_group_start, u.row_group_end, u.rows,
                )
            })
            .collect();
        assert_eq!(
            shape,
            [
                (0, 0, 0, 0, 2, 20_000),
                (1, 1, 0, 0, 1, 7),
                (2, 0, 0, 2, 3, 1),
                (3, 0, 2, 0, 1, 30_000),
                (4, 0, 2, 1, 2, 5),
            ]
        );
        assert_eq!(units.iter().map(|u| u.rows).sum::<u64>(), plan.rows());
        let back: Plan = serde_json::from_str(&serde_json::to_string(&plan).unwrap()).unwrap();
        assert_eq!(back.digest(), plan.digest());
    }

    #[test]
    fn a_plan_from_before_added_keys_keeps_its_json_and_digest() {
        let json = concat!(
            r#"{"version":1,"created_at":"1970-01-01T00:00:00Z","copy":{"recovery_point":null,"source":null,"#,
            r#""data_as_of":null,"region":"us-east-1","account":null,"bucket":"b","prefix":"p"},"#,
            r#""target_region":"us-east-1","tables":[{"source":"db.a","target":"db.a","key":{"partition":"#,
            r#"{"column":"id","attribute_type":"N"},"sort":null},"capacity":{"mode":"on_demand"},"columns":[],"#,
            r#""objects":[],"rows":0}]}"#
        );
        let mut plan: Plan = serde_json::from_str(json).unwrap();
        assert_eq!(plan.tables[0].key.synthetic, None);
        assert_eq!(serde_json::to_string(&plan).unwrap(), json);
        let digest = "1f59bd9060a16e1af599426bcb950ce832026c121b115404a146f98688d5402b";
        assert_eq!(plan.digest(), digest);
        plan.tables[0].key.synthetic = Some(SyntheticKey::RowDigest);
        assert_ne!(plan.digest(), digest, "an added key is of the plan");
        let key = serde_json::to_value(&plan.tables[0].key).unwrap();
        assert_eq!(key["synthetic"], "row_digest");
    }

    #[test]
    fn rows_that_nothing_can_hold_are_a_plan_too() {
        let mut huge = table("db.a", &[&[1, 2]]);
        huge.objects[0].row_groups = vec![1, u64::MAX];
        huge.rows = u64::MAX;
        let plan = plan(vec![huge, table("db.b", &[&[7]])]);
        assert_eq!(plan.rows(), u64::MAX);
        let rows: Vec<_> = plan.units().iter().map(|unit| unit.rows).collect();
        assert_eq!(rows, [1, 7, u64::MAX]);
    }
}
