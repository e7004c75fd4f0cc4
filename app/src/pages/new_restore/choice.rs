//! What somebody has chosen, as the address says it.

use std::collections::BTreeMap;

use leptos_router::params::ParamsMap;
use recovery::ids::{Region, TableName, TargetName};
use recovery::plan::{Capacity, Existing, Pace, Way};
use recovery::preflight::Depth;
use recovery::request::{Draft, DraftTable, PlanRequest, TableRequest, TreatAs, key_argument};
use recovery::synthetic_key::SyntheticKey;

use crate::ui::link::encode;

/// The choice for one table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TableChoice {
    pub(super) source: TableName,
    pub(super) is_chosen: bool,
    /// A column, or a key to add as the command line names it: `@row-digest`.
    pub(super) partition: String,
    pub(super) sort: String,
    pub(super) target: String,
    pub(super) treat_as: BTreeMap<String, TreatAs>,
}

/// The whole choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) target_region: Region,
    pub(super) capacity: Capacity,
    pub(super) existing: Existing,
    /// The most write units a second, where there is a bound.
    pub(super) max_write_units: Option<u64>,
    pub(super) way: Way,
    pub(super) depth: Depth,
    pub(super) show_values: bool,
    /// One for each table of the draft, in its order.
    pub(super) tables: Vec<TableChoice>,
}

/// Capacity of a provisioned table where none is given.
const UNITS_DEFAULT: u64 = 1000;

impl Choice {
    /// What `query` says, and the draft's suggestions where it says nothing.
    pub(super) fn of(draft: &Draft, query: &ParamsMap) -> Self {
        let target_region = query
            .get("target_region")
            .and_then(|region| region.parse().ok())
            .filter(|region| draft.target_regions.contains(region))
            .or_else(|| draft.target_regions.first().cloned())
            .unwrap_or_else(|| draft.region.clone());
        let units = |name| {
            query
                .get(name)
                .and_then(|units| units.trim().parse().ok())
                .unwrap_or(UNITS_DEFAULT)
        };
        let capacity = match query.get("capacity").as_deref() {
            Some("provisioned") => Capacity::Provisioned {
                read_units: units("read_units"),
                write_units: units("write_units"),
            },
            _ => Capacity::OnDemand,
        };
        let text = |name| query.get(name).unwrap_or_default().trim().to_owned();
        let way = match query.get("way").as_deref() {
            Some("import") => Way::Import {
                bucket: text("work_bucket"),
                prefix: text("work_prefix"),
            },
            _ => Way::Write,
        };
        let existing = Existing::ALL
            .into_iter()
            .find(|existing| query.get("existing").as_deref() == Some(existing.name()));
        // A form that was sent says which tables are chosen, even if it is none.
        let chosen = query
            .get("review")
            .is_some()
            .then(|| query.get_all("table").unwrap_or_default());
        let tables = draft
            .tables
            .iter()
            .map(|table| table_choice(table, chosen.as_deref(), query))
            .collect();
        Self {
            target_region,
            capacity,
            existing: existing.unwrap_or_default(),
            max_write_units: text("max_write_units").parse().ok(),
            way,
            depth: match query.get("preflight").as_deref() {
                Some("quick") => Depth::Quick,
                _ => Depth::Exact,
            },
            show_values: query.get("values").is_some(),
            tables,
        }
    }

    /// The request for a plan, or what is missing for one.
    pub(super) fn request(&self, draft: &Draft) -> Result<PlanRequest, Vec<String>> {
        let mut problems = Vec::new();
        let mut tables = Vec::new();
        for table in self.tables.iter().filter(|table| table.is_chosen) {
            let (partition, synthetic) = match SyntheticKey::of_argument(&table.partition) {
                Some((kind, name)) => (name, Some(kind)),
                None => (table.partition.as_str(), None),
            };
            if table.partition.is_empty() {
                problems.push(format!("{} needs a partition key.", table.source));
            } else if table.partition == table.sort {
                problems.push(format!(
                    "{} has one column as both partition and sort key.",
                    table.source
                ));
            } else if synthetic.is_some() && !table.sort.is_empty() {
                problems.push(format!(
                    "{} has a key that is added, and no sort key can stand beside it.",
                    table.source
                ));
            }
            match table.target.trim().parse::<TargetName>() {
                Ok(target) => tables.push(TableRequest {
                    sort: Some(table.sort.clone()).filter(|sort| !sort.is_empty()),
                    synthetic,
                    capacity: self.capacity,
                    existing: self.existing,
                    pace: Pace {
                        max_write_units: self.max_write_units,
                        warm_write_units: None,
                    },
                    way: self.way.clone(),
                    treat_as: table.treat_as.clone(),
                    ..TableRequest::new(table.source.clone(), target, partition)
                }),
                Err(error) => problems.push(format!("{}: {error}.", table.source)),
            }
        }
        if tables.is_empty() && problems.is_empty() {
            problems.push("Choose at least one table.".to_owned());
        }
        if matches!(&self.way, Way::Import { bucket, .. } if bucket.is_empty()) {
            problems.push(format!(
                "An import needs a work bucket: name one of {}.",
                self.target_region
            ));
        }
        for (index, table) in tables.iter().enumerate() {
            if tables[..index].iter().any(|other| other.target == table.target) {
                problems.push(format!("Two tables would be written into {}.", table.target));
            }
        }
        if problems.is_empty() {
            Ok(PlanRequest {
                recovery_point: draft.point.id.clone(),
                region: draft.region.clone(),
                target_region: self.target_region.clone(),
                tables,
                preflight: self.depth,
                show_values: self.show_values,
            })
        } else {
            Err(problems)
        }
    }
}

fn table_choice(table: &DraftTable, chosen: Option<&[String]>, query: &ParamsMap) -> TableChoice {
    let name = table.summary.name.to_string();
    let best = table.candidates.first();
    let value = |field: &str| query.get(&format!("{field}.{name}"));
    let suggested = best.map_or_else(String::new, |key| key.partition.clone());
    let suggested_sort = best.and_then(|key| key.sort.clone()).unwrap_or_default();
    let (partition, sort) = match value("partition") {
        Some(partition) => (partition, value("sort").unwrap_or_default()),
        None => (suggested, suggested_sort),
    };
    TableChoice {
        is_chosen: match chosen {
            Some(chosen) => chosen.contains(&name),
            None => table.summary.skipped.is_none(),
        },
        partition,
        sort,
        target: value("target").unwrap_or_else(|| table.target.to_string()),
        source: table.summary.name.clone(),
        treat_as: table
            .summary
            .columns
            .iter()
            .filter_map(|column| {
                let treat_as = match value_of(query, &name, &column.name).as_deref() {
                    Some("text") => TreatAs::Text,
                    Some("binary") => TreatAs::Binary,
                    _ => return None,
                };
                Some((column.name.clone(), treat_as))
            })
            .collect(),
    }
}

/// The address of a request: the form filled in so, and reviewed.
pub(super) fn address(request: &PlanRequest) -> String {
    let mut pairs = vec![
        ("recovery_point".to_owned(), request.recovery_point.to_string()),
        ("region".to_owned(), request.region.to_string()),
        ("review".to_owned(), "1".to_owned()),
        ("target_region".to_owned(), request.target_region.to_string()),
        ("preflight".to_owned(), request.preflight.name().to_owned()),
    ];
    if request.show_values {
        pairs.push(("values".to_owned(), "1".to_owned()));
    }
    if let Some(Capacity::Provisioned {
        read_units,
        write_units,
    }) = request.tables.first().map(|table| table.capacity)
    {
        pairs.push(("capacity".to_owned(), "provisioned".to_owned()));
        pairs.push(("write_units".to_owned(), write_units.to_string()));
        pairs.push(("read_units".to_owned(), read_units.to_string()));
    }
    if let Some(table) = request.tables.first().filter(|table| !table.existing.is_refuse()) {
        pairs.push(("existing".to_owned(), table.existing.name().to_owned()));
    }
    if let Some(units) = request
        .tables
        .first()
        .and_then(|table| table.pace.max_write_units)
    {
        pairs.push(("max_write_units".to_owned(), units.to_string()));
    }
    if let Some(Way::Import { bucket, prefix }) = request.tables.first().map(|table| &table.way) {
        pairs.push(("way".to_owned(), "import".to_owned()));
        pairs.push(("work_bucket".to_owned(), bucket.clone()));
        pairs.push(("work_prefix".to_owned(), prefix.clone()));
    }
    for table in &request.tables {
        let source = &table.source;
        pairs.push(("table".to_owned(), source.to_string()));
        let partition = key_argument(&table.partition, None, table.synthetic);
        pairs.push((format!("partition.{source}"), partition));
        pairs.push((format!("sort.{source}"), table.sort.clone().unwrap_or_default()));
        pairs.push((format!("target.{source}"), table.target.to_string()));
        for (column, treat_as) in &table.treat_as {
            pairs.push((format!("treat.{source}.{column}"), treat_as.name().to_owned()));
        }
    }
    let query: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
        .collect();
    format!("/restores/new?{}", query.join("&"))
}

/// How a column is to be taken, as the address says.
fn value_of(query: &ParamsMap, table: &str, column: &str) -> Option<String> {
    query.get(&format!("treat.{table}.{column}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> Draft {
        let table = |name: &str, key: serde_json::Value| {
            serde_json::json!({
                "summary": {"name": name, "rows": 3, "bytes": 10, "objects": 1, "columns": [], "skipped": null},
                "candidates": [key],
                "target": name,
            })
        };
        serde_json::from_value(serde_json::json!({
            "point": {
                "id": "shop-20261120t080000z-3f9a2c", "source": "shop",
                "arn": "arn:aws:rds:us-east-1:111122223333:snapshot:awsbackup:job-1", "vault": "hourly",
                "region": "us-east-1", "account": "111122223333", "created_at": "2026-11-20T08:00:00Z",
                "state": "verified", "steps": [], "copies": [], "tables": []
            },
            "region": "us-west-2",
            "target_regions": ["us-west-2", "us-east-1"],
            "tables": [
                table("shop.orders", serde_json::json!({"partition": "id", "sort": null, "proven": true})),
                table("shop.items", serde_json::json!({"partition": "order_id", "sort": "line", "proven": true})),
            ],
        }))
        .unwrap()
    }

    fn query(pairs: &[(&str, &str)]) -> ParamsMap {
        let mut query = ParamsMap::new();
        for (name, value) in pairs {
            query.insert((*name).to_owned(), (*value).to_owned());
        }
        query
    }

    fn check(pairs: &[(&str, &str)], expected: &str) {
        let draft = draft();
        let found = match Choice::of(&draft, &query(pairs)).request(&draft) {
            Ok(request) => format!(
                "{}: {}",
                request.target_region,
                request
                    .tables
                    .iter()
                    .map(|table| format!(
                        "{}={}:{}",
                        table.source,
                        table.target,
                        key_argument(&table.partition, table.sort.as_deref(), table.synthetic)
                    ))
                    .collect::<Vec<_>>()
                    .join(" ")
            ),
            Err(problems) => problems.join(" "),
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn an_empty_address_takes_every_suggestion() {
        check(
            &[],
            "us-west-2: shop.orders=shop.orders:id shop.items=shop.items:order_id,line",
        );
    }

    #[test]
    fn the_address_of_a_request_asks_for_the_same_again() {
        let draft = draft();
        let mut request = Choice::of(&draft, &query(&[("preflight", "quick"), ("values", "1")]))
            .request(&draft)
            .unwrap();
        assert_eq!((request.preflight, request.show_values), (Depth::Quick, true));
        request.tables.remove(0);
        request.tables[0].partition = "_row2".into();
        request.tables[0].sort = None;
        request.tables[0].synthetic = Some(SyntheticKey::RowPlace);
        request.tables[0].target = "items-2".parse().unwrap();
        request.tables[0].capacity = Capacity::Provisioned {
            read_units: 5,
            write_units: 70,
        };
        request.tables[0].existing = Existing::Overwrite;
        request.tables[0].pace.max_write_units = Some(250);
        request.tables[0].way = Way::Import {
            bucket: "work-usw2".to_owned(),
            prefix: "restores".to_owned(),
        };
        let address = address(&request);
        let pairs: Vec<(&str, &str)> = address
            .strip_prefix("/restores/new?")
            .unwrap()
            .split('&')
            .map(|pair| pair.split_once('=').unwrap())
            .collect();
        let again = Choice::of(&draft, &query(&pairs)).request(&draft).unwrap();
        assert_eq!(again, request);
    }

    #[test]
    fn a_form_that_was_sent_is_taken_as_it_is() {
        check(
            &[
                ("review", "1"),
                ("table", "shop.items"),
                ("partition.shop.items", "line"),
                ("sort.shop.items", ""),
                ("target.shop.items", "restored-items"),
                ("target_region", "us-east-1"),
            ],
            "us-east-1: shop.items=restored-items:line",
        );
        let added = |sort, expected| {
            let pairs = [
                ("review", "1"),
                ("table", "shop.items"),
                ("partition.shop.items", "@row-digest"),
                ("sort.shop.items", sort),
            ];
            check(&pairs, expected);
        };
        added("", "us-west-2: shop.items=shop.items:@row-digest");
        added(
            "line",
            "shop.items has a key that is added, and no sort key can stand beside it.",
        );
        check(&[("review", "1")], "Choose at least one table.");
        check(
            &[
                ("review", "1"),
                ("table", "shop.orders"),
                ("target.shop.orders", "a b"),
            ],
            "shop.orders: \"a b\" is not a DynamoDB table name: 3 to 255 letters, digits, underscores, hyphens and dots.",
        );
        check(
            &[("target.shop.orders", "same"), ("target.shop.items", "same")],
            "Two tables would be written into same.",
        );
        check(
            &[("way", "import"), ("work_bucket", " ")],
            "An import needs a work bucket: name one of us-west-2.",
        );
    }
}
