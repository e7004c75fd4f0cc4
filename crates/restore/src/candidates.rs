//! Which columns could be a table's key. No export tells primary keys, so names and types suggest them, and only
//! reading every row proves them.

use aws::Cloud;
use recovery::plan::CopyRef;
use recovery::table::{Column, KeyCandidate};
use recovery::types::ColumnKind;
use tokio_util::sync::CancellationToken;

use crate::inspect::{TableInspection, bucket_of};
use crate::keys::KeySet;
use crate::read::{self, Stretch};
use crate::{Error, keys};

/// The most candidates that are told.
const CANDIDATES_MAX: usize = 8;

/// Pairs are made of the first so many possible columns.
const PAIR_COLUMNS_MAX: usize = 4;

/// Possible keys of a table, the likeliest first: `id`, names made of the table's, other names that end like a key,
/// then the first columns, then pairs.
pub(crate) fn ranked(table: &str, columns: &[Column]) -> Vec<KeyCandidate> {
    let mut single: Vec<(u32, usize, &Column)> = columns
        .iter()
        .enumerate()
        .filter(|(_, column)| column.kind.can_be_key())
        .filter_map(|(position, column)| Some((rank(table, position, column)?, position, column)))
        .collect();
    single.sort_by_key(|(rank, position, _)| (*rank, *position));
    let mut candidates: Vec<KeyCandidate> = single
        .iter()
        .take(CANDIDATES_MAX / 2)
        .map(|(_, _, column)| KeyCandidate {
            partition: column.name.clone(),
            sort: None,
            proven: false,
        })
        .collect();
    let parts: Vec<&Column> = columns
        .iter()
        .filter(|column| {
            matches!(
                column.kind,
                ColumnKind::Integer | ColumnKind::Text | ColumnKind::Decimal { .. }
            )
        })
        .take(PAIR_COLUMNS_MAX)
        .collect();
    for (position, first) in parts.iter().enumerate() {
        for second in &parts[position + 1..] {
            candidates.push(KeyCandidate {
                partition: first.name.clone(),
                sort: Some(second.name.clone()),
                proven: false,
            });
        }
    }
    candidates.truncate(CANDIDATES_MAX);
    candidates
}

/// How likely a column is the key by its name; `None` where nothing speaks for it.
fn rank(table: &str, position: usize, column: &Column) -> Option<u32> {
    let plain = |text: &str| -> String {
        text.chars()
            .filter(char::is_ascii_alphanumeric)
            .collect::<String>()
            .to_ascii_lowercase()
    };
    let (table, name) = (plain(table), plain(&column.name));
    let singular = singular(&table);
    let named_after = |key: &str| name == format!("{table}{key}") || name == format!("{singular}{key}");
    let of_key_type = matches!(
        column.kind,
        ColumnKind::Integer | ColumnKind::Decimal { .. } | ColumnKind::Text | ColumnKind::Binary
    );
    match () {
        () if !of_key_type => None,
        () if matches!(name.as_str(), "id" | "uuid" | "guid") => Some(0),
        () if ["id", "uuid", "key", "no", "number", "code"]
            .iter()
            .any(|key| named_after(key)) =>
        {
            Some(1)
        }
        () if position == 0 && name.ends_with("id") => Some(2),
        () if position == 0 => Some(3),
        () if name.ends_with("uuid") || name.ends_with("guid") => Some(4),
        () if name.ends_with("id") && column.name.len() > 2 => Some(5),
        () => None,
    }
}

/// English plurals, as tables are named: `companies`, `boxes`, `shows`.
fn singular(plural: &str) -> String {
    if let Some(stem) = plural.strip_suffix("ies") {
        return format!("{stem}y");
    }
    for ending in ["ses", "xes", "ches", "shes"] {
        if plural.ends_with(ending) {
            return plural[..plural.len() - 2].to_owned();
        }
    }
    plural.strip_suffix('s').unwrap_or(plural).to_owned()
}

/// Reads every row and keeps those of `candidates` that are unique and never NULL or empty, now proven. The order stays.
///
/// Single columns are read first: where one is a key, pairs are not looked at, for they could only be worse ones.
pub async fn prove_candidates(
    cloud: &Cloud,
    copy: &CopyRef,
    table: &TableInspection,
    cancel: &CancellationToken,
) -> Result<Vec<KeyCandidate>, Error> {
    let (single, pairs): (Vec<_>, Vec<_>) = table
        .candidates
        .iter()
        .partition(|candidate| candidate.sort.is_none());
    for group in [single, pairs] {
        let proven = prove_group(cloud, copy, table, &group, cancel).await?;
        if !proven.is_empty() {
            return Ok(proven);
        }
    }
    Ok(Vec::new())
}

/// Proves all candidates of a group in one pass over the rows.
async fn prove_group(
    cloud: &Cloud,
    copy: &CopyRef,
    table: &TableInspection,
    group: &[&KeyCandidate],
    cancel: &CancellationToken,
) -> Result<Vec<KeyCandidate>, Error> {
    let bucket = bucket_of(copy);
    let names: Vec<String> = group
        .iter()
        .flat_map(|candidate| std::iter::once(&candidate.partition).chain(&candidate.sort))
        .cloned()
        .collect();
    let columns: Vec<Column> = table
        .summary
        .columns
        .iter()
        .filter(|column| names.contains(&column.name))
        .cloned()
        .collect();
    let mut work = keys::Candidates::new(group, columns);
    for object in &table.objects {
        let stretch = Stretch {
            cloud: cloud.clone(),
            bucket: bucket.clone(),
            key: object.key.clone(),
            size: object.size,
            etag: object.etag.clone(),
            row_groups: 0..object.row_groups.len(),
            columns: Some(names.clone()),
        };
        work = read::through(&stretch, Some(&object.row_groups), cancel, work).await?;
    }
    tokio::task::spawn_blocking(move || work.proven())
        .await
        .map_err(|error| Error::from_join(&error))?
}

/// A set for each candidate shares this much memory before it spills to disk.
pub(crate) const CANDIDATE_MEMORY_MAX: usize = KeySet::MEMORY_DEFAULT / CANDIDATES_MAX;

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(names: &[(&str, ColumnKind)]) -> Vec<Column> {
        names
            .iter()
            .map(|(name, kind)| Column {
                name: (*name).to_owned(),
                original_type: None,
                parquet_type: String::new(),
                kind: *kind,
                nullable: true,
            })
            .collect()
    }

    fn text(candidates: &[KeyCandidate]) -> Vec<String> {
        candidates
            .iter()
            .map(|candidate| match &candidate.sort {
                Some(sort) => format!("{},{sort}", candidate.partition),
                None => candidate.partition.clone(),
            })
            .collect()
    }

    #[test]
    fn names_rank_before_positions_and_pairs_come_last() {
        let shop = columns(&[
            ("created", ColumnKind::DateTime),
            ("customerId", ColumnKind::Integer),
            ("order_id", ColumnKind::Integer),
            ("note", ColumnKind::Text),
        ]);
        assert_eq!(
            text(&ranked("orders", &shop)),
            [
                "order_id", "customerId", "customerId,order_id", "customerId,note", "order_id,note"
            ]
        );
        let plain = columns(&[("id", ColumnKind::Integer), ("rate", ColumnKind::Double)]);
        assert_eq!(text(&ranked("shows", &plain)), ["id"]);
        assert_eq!(singular("companies"), "company");
        assert_eq!(singular("boxes"), "box");
    }
}
