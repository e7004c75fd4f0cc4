//! The schema record of a restore: everything that a restored table's items do not say of the table they were.
//!
//! Items hold values and names. What a column's type was, in MySQL and in Parquet, which key was chosen and how values
//! are represented is kept here, so that restored tables can be turned back into rows of the original schema.
//! `docs/SEMANTICS.md` describes the JSON for whoever reads it with another program.

use serde::{Deserialize, Serialize};

use crate::ids::{Region, TableName, TargetName};
use crate::plan::{CopyRef, Key, Plan, TablePlan};
use crate::table::Column;
use crate::types::{AttributeType, ColumnKind, charset};

/// The version of the record's form that this build writes and reads.
pub const SCHEMA_RECORD_VERSION: u32 = 1;

/// What a restore chose and knew of every table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SchemaRecord {
    /// [`SCHEMA_RECORD_VERSION`].
    pub version: u32,
    /// SHA-256 of the plan that was executed.
    pub plan_digest: String,
    /// The copy that was restored.
    pub copy: CopyRef,
    /// The Region of the tables.
    pub target_region: Region,
    /// The tables, in the plan's order.
    pub tables: Vec<TableSchema>,
}

/// One table of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TableSchema {
    /// The table in the copy.
    pub source: TableName,
    /// The DynamoDB table.
    pub target: TargetName,
    /// The key that was chosen.
    pub key: Key,
    /// Rows that the copy had.
    pub rows: u64,
    /// The columns, in order.
    pub columns: Vec<ColumnSchema>,
}

/// One column of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ColumnSchema {
    /// The column as the plan had it.
    #[serde(flatten)]
    pub column: Column,
    /// The source's character set, where the original type names it. An export's text is UTF-8 whatever it was.
    pub charset: Option<String>,
    /// The attribute type that its values have, but for NULL and doubles that are no number of DynamoDB's.
    pub attribute_type: AttributeType,
    /// How a value stands in its attribute.
    pub representation: Representation,
}

/// How a value stands in its attribute. NULL is `NULL:true` in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Representation {
    /// `N`: a whole number.
    WholeNumber,
    /// `N`: a decimal without the trailing zeros of its fraction.
    DecimalNumber,
    /// `S`: a decimal with every digit of its scale.
    DecimalText,
    /// `N`: the shortest text that reads back as the same double; `S` where DynamoDB's number cannot hold it.
    ShortestDouble,
    /// `S`: the text as it was exported.
    Text,
    /// `S`: `YYYY-MM-DD` of a count of days.
    DateText,
    /// `S`: `HH:MM:SS[.ffffff]` of a count since midnight.
    TimeText,
    /// `S`: `YYYY-MM-DDTHH:MM:SS[.ffffff]`, without a zone.
    DateTimeText,
    /// `S`: the same in UTC, with `Z`.
    UtcText,
    /// `B`: the bytes as they were exported.
    Bytes,
    /// `N`: 0 or 1.
    ZeroOrOne,
}

impl SchemaRecord {
    /// The record of a plan, whose choices are all of them.
    pub fn of(plan: &Plan) -> Self {
        Self {
            version: SCHEMA_RECORD_VERSION,
            plan_digest: plan.digest(),
            copy: plan.copy.clone(),
            target_region: plan.target_region.clone(),
            tables: plan.tables.iter().map(TableSchema::of).collect(),
        }
    }

    /// The table of that name in the copy.
    pub fn table(&self, source: &TableName) -> Option<&TableSchema> {
        self.tables.iter().find(|table| &table.source == source)
    }
}

impl TableSchema {
    fn of(table: &TablePlan) -> Self {
        Self {
            source: table.source.clone(),
            target: table.target.clone(),
            key: table.key.clone(),
            rows: table.rows,
            columns: table.columns.iter().map(ColumnSchema::of).collect(),
        }
    }
}

impl ColumnSchema {
    fn of(column: &Column) -> Self {
        Self {
            charset: column.original_type.as_deref().and_then(charset),
            attribute_type: column.kind.attribute_type(),
            representation: representation(column),
            column: column.clone(),
        }
    }
}

fn representation(column: &Column) -> Representation {
    // DATE and TIME are text in RDS's exports; other writers count.
    let is_counted = column.parquet_type.starts_with("INT");
    match column.kind {
        ColumnKind::Integer => Representation::WholeNumber,
        ColumnKind::Decimal { .. } if column.kind.attribute_type() == AttributeType::S => {
            Representation::DecimalText
        }
        ColumnKind::Decimal { .. } => Representation::DecimalNumber,
        ColumnKind::Double => Representation::ShortestDouble,
        ColumnKind::DateOrTimeText if is_counted && column.parquet_type.ends_with("DATE") => {
            Representation::DateText
        }
        ColumnKind::DateOrTimeText if is_counted => Representation::TimeText,
        ColumnKind::DecimalText | ColumnKind::Text | ColumnKind::Json | ColumnKind::DateOrTimeText => {
            Representation::Text
        }
        ColumnKind::DateTime => Representation::DateTimeText,
        ColumnKind::Timestamp => Representation::UtcText,
        ColumnKind::Binary => Representation::Bytes,
        ColumnKind::Boolean => Representation::ZeroOrOne,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Capacity, Existing, KeyAttribute, PLAN_VERSION, Pace, Way};
    use crate::table::OriginalNumbers;
    use jiff::Timestamp;
    use serde_json::json;

    fn column(name: &str, original: &str, parquet: &str, kind: ColumnKind) -> Column {
        Column {
            name: name.into(),
            original_type: Some(original.into()),
            original_numbers: OriginalNumbers {
                char_max_length: (original == "char").then_some(2),
                ..OriginalNumbers::default()
            },
            parquet_type: parquet.into(),
            kind,
            nullable: true,
        }
    }

    fn plan() -> Plan {
        let decimal = ColumnKind::Decimal {
            precision: 10,
            scale: 2,
        };
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
            target_region: "us-west-2".parse().unwrap(),
            tables: vec![TablePlan {
                source: "shop.orders".parse().unwrap(),
                target: "orders".parse().unwrap(),
                existing: Existing::Refuse,
                key: Key {
                    partition: KeyAttribute {
                        column: "country".into(),
                        attribute_type: AttributeType::S,
                    },
                    sort: None,
                    synthetic: None,
                },
                capacity: Capacity::OnDemand,
                pace: Pace::default(),
                way: Way::Write,
                columns: vec![
                    column("country", "char", "BYTE_ARRAY", ColumnKind::Text),
                    column("total", "decimal", "INT64 DECIMAL(10,2)", decimal),
                    column("day", "date", "INT32 DATE", ColumnKind::DateOrTimeText),
                    column("due", "date", "BYTE_ARRAY STRING", ColumnKind::DateOrTimeText),
                ],
                objects: Vec::new(),
                rows: 7,
            }],
        }
    }

    #[test]
    fn the_record_keeps_the_json_that_other_programs_read() {
        let record = serde_json::to_value(SchemaRecord::of(&plan())).unwrap();
        assert_eq!(record["version"], 1);
        assert_eq!(record["plan_digest"], plan().digest());
        assert_eq!(record["target_region"], "us-west-2");
        let expected = json!([{
            "source": "shop.orders",
            "target": "orders",
            "key": {"partition": {"column": "country", "attribute_type": "S"}, "sort": null},
            "rows": 7,
            "columns": [
                {
                    "name": "country", "original_type": "char", "original_numbers": {"char_max_length": 2}, "charset": null,
                    "parquet_type": "BYTE_ARRAY", "nullable": true, "kind": "text", "attribute_type": "S",
                    "representation": "text",
                },
                {
                    "name": "total", "original_type": "decimal", "charset": null, "parquet_type": "INT64 DECIMAL(10,2)",
                    "nullable": true, "kind": "decimal", "precision": 10, "scale": 2, "attribute_type": "N",
                    "representation": "decimal_number",
                },
                {
                    "name": "day", "original_type": "date", "charset": null, "parquet_type": "INT32 DATE",
                    "nullable": true, "kind": "date_or_time_text", "attribute_type": "S", "representation": "date_text",
                },
                {
                    "name": "due", "original_type": "date", "charset": null, "parquet_type": "BYTE_ARRAY STRING",
                    "nullable": true, "kind": "date_or_time_text", "attribute_type": "S", "representation": "text",
                },
            ],
        }]);
        assert_eq!(record["tables"], expected);
    }

    #[test]
    fn a_record_reads_back_as_itself() {
        let record = SchemaRecord::of(&plan());
        let json = serde_json::to_string(&record).unwrap();
        assert_eq!(serde_json::from_str::<SchemaRecord>(&json).unwrap(), record);
    }
}
