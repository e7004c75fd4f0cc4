//! What may be changed of a request so that a finding goes away.

use serde::{Deserialize, Serialize};

use super::Depth;
use crate::archive::ThawOption;
use crate::ids::{Region, TableName, TargetName};
use crate::plan::Existing;
use crate::request::{PlanRequest, TreatAs};
use crate::synthetic_key::SyntheticKey;

/// A change of the request for a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Choice {
    /// Take these columns as the table's key, or add one.
    UseKey {
        /// The table.
        table: TableName,
        /// The column of the partition key; with `synthetic`, the name of the attribute that is added.
        partition: String,
        /// The column of the sort key.
        sort: Option<String>,
        /// What the key is, where it is added.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        synthetic: Option<SyntheticKey>,
        /// Whether every row was read and it is unique and never NULL.
        proven: bool,
    },
    /// Take a column as text or as bytes.
    TreatAs {
        /// The table.
        table: TableName,
        /// The column.
        column: String,
        /// As what.
        treat_as: TreatAs,
    },
    /// Restore the other tables without this one.
    LeaveOut {
        /// The table.
        table: TableName,
    },
    /// Write into another DynamoDB table.
    UseTarget {
        /// The table.
        table: TableName,
        /// A name that was free.
        target: TargetName,
    },
    /// Keep or overwrite the items that the target holds.
    TreatExisting {
        /// The table.
        table: TableName,
        /// What becomes of them.
        existing: Existing,
    },
    /// Read another Region's copy.
    UseCopy {
        /// One that is restorable; `None` where none is known here.
        region: Option<Region>,
    },
    /// Make the preflight exact: read every row.
    CheckExactly,
    /// Start the run all the same and agree to a thaw of the copy, for which the run waits. The request stays as it is.
    AgreeToThaw(ThawOption),
}

impl Choice {
    /// Changes the request so.
    ///
    /// A choice that names no Region leaves it as it is: somebody has to know another copy.
    pub fn apply(&self, request: &mut PlanRequest) {
        let find = |request: &mut PlanRequest, name: &TableName, change: &dyn Fn(&mut _)| {
            request
                .tables
                .iter_mut()
                .filter(|table| table.source == *name)
                .for_each(change);
        };
        match self {
            Self::UseKey {
                table,
                partition,
                sort,
                synthetic,
                ..
            } => find(request, table, &|table: &mut crate::request::TableRequest| {
                table.partition.clone_from(partition);
                table.sort.clone_from(sort);
                table.synthetic = *synthetic;
            }),
            Self::TreatAs {
                table,
                column,
                treat_as,
            } => find(request, table, &|table| {
                table.treat_as.insert(column.clone(), *treat_as);
            }),
            Self::LeaveOut { table } => request.tables.retain(|asked| asked.source != *table),
            Self::UseTarget { table, target } => {
                find(request, table, &|table| table.target.clone_from(target));
            }
            Self::TreatExisting { table, existing } => {
                find(request, table, &|table| table.existing = *existing);
            }
            Self::UseCopy { region } => {
                if let Some(region) = region {
                    request.region.clone_from(region);
                }
            }
            Self::CheckExactly => request.preflight = Depth::Exact,
            // It is said when the run is started.
            Self::AgreeToThaw(_) => {}
        }
    }

    /// What it does, as a sentence without its full stop.
    pub fn sentence(&self) -> String {
        match self {
            Self::UseKey {
                partition,
                synthetic: Some(kind),
                ..
            } => format!("Add an attribute {partition} as the key: {}", kind.description()),
            Self::UseKey {
                partition,
                sort,
                proven,
                ..
            } => {
                let with = sort
                    .as_ref()
                    .map(|sort| format!(" with {sort} as the sort key"))
                    .unwrap_or_default();
                let proven = if *proven { ", proven unique" } else { "" };
                format!("Take {partition} as the key{with}{proven}")
            }
            Self::TreatAs { column, treat_as, .. } => format!("Take {column} as {}", treat_as.name()),
            Self::LeaveOut { table } => format!("Leave {table} out"),
            Self::UseTarget { target, .. } => format!("Write into {target}, which is free"),
            Self::TreatExisting {
                existing: Existing::Refuse,
                ..
            } => "Refuse a table that holds items".to_owned(),
            Self::TreatExisting {
                existing: Existing::OnlyMissing,
                ..
            } => "Keep every item that is there, and write only rows whose key has none".to_owned(),
            Self::TreatExisting {
                existing: Existing::Overwrite,
                ..
            } => "Overwrite the items that have a row's key".to_owned(),
            Self::UseCopy { region: Some(region) } => format!("Restore from the copy in {region}"),
            Self::UseCopy { region: None } => "Restore from another Region's copy".to_owned(),
            Self::CheckExactly => "Read every row: an exact preflight".to_owned(),
            Self::AgreeToThaw(option) => format!(
                "Thaw it ({}) and let the restore wait: {}",
                option.tier.name(),
                option.takes_and_costs()
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> PlanRequest {
        serde_json::from_value(serde_json::json!({
            "recovery_point": "shop-20261120t080000z-3f9a2c",
            "region": "us-east-1",
            "target_region": "us-east-1",
            "preflight": "quick",
            "tables": [
                {"source": "shop.orders", "target": "orders", "partition": "note"},
                {"source": "shop.items", "target": "items", "partition": "id"},
            ],
        }))
        .unwrap()
    }

    #[test]
    fn each_choice_changes_what_it_names_and_nothing_else() {
        let table: TableName = "shop.orders".parse().unwrap();
        let changed = |choice: Choice| {
            let mut request = request();
            choice.apply(&mut request);
            request
        };
        let mut expected = request();
        expected.tables[0].partition = "id".into();
        expected.tables[0].sort = Some("line".into());
        let key = Choice::UseKey {
            table: table.clone(),
            partition: "id".into(),
            sort: Some("line".into()),
            synthetic: None,
            proven: true,
        };
        assert_eq!(
            key.sentence(),
            "Take id as the key with line as the sort key, proven unique"
        );
        assert_eq!(changed(key.clone()), expected);

        let mut expected = request();
        expected.tables[0].partition = "_row".into();
        expected.tables[0].synthetic = Some(SyntheticKey::RowPlace);
        let added = Choice::UseKey {
            table: table.clone(),
            partition: "_row".into(),
            sort: None,
            synthetic: Some(SyntheticKey::RowPlace),
            proven: true,
        };
        assert_eq!(
            added.sentence(),
            "Add an attribute _row as the key: the row's place in the copy"
        );
        let mut request_of_added = request();
        added.apply(&mut request_of_added);
        assert_eq!(request_of_added, expected);
        key.apply(&mut request_of_added);
        assert_eq!(
            request_of_added.tables[0].synthetic, None,
            "a column's key adds nothing"
        );

        let mut expected = request();
        expected.tables[0].treat_as = [("note".to_owned(), TreatAs::Binary)].into();
        let as_bytes = Choice::TreatAs {
            table: table.clone(),
            column: "note".into(),
            treat_as: TreatAs::Binary,
        };
        assert_eq!(changed(as_bytes), expected);

        let mut expected = request();
        expected.tables.remove(0);
        assert_eq!(changed(Choice::LeaveOut { table: table.clone() }), expected);

        let mut expected = request();
        expected.tables[0].target = "orders-2".parse().unwrap();
        let elsewhere = Choice::UseTarget {
            table,
            target: "orders-2".parse().unwrap(),
        };
        assert_eq!(changed(elsewhere), expected);

        let mut expected = request();
        expected.region = "eu-west-1".parse().unwrap();
        let replica = Choice::UseCopy {
            region: Some("eu-west-1".parse().unwrap()),
        };
        assert_eq!(changed(replica), expected);
        assert_eq!(changed(Choice::UseCopy { region: None }), request());

        let mut expected = request();
        expected.preflight = Depth::Exact;
        assert_eq!(changed(Choice::CheckExactly), expected);
    }
}
