//! Which columns could be a table's key. No export tells primary keys, so names, types and footers suggest them, and
//! only reading every row proves them.

use recovery::table::{Column, KeyCandidate, TableSummary};
use recovery::types::ColumnKind;

use crate::statistics::Statistics;

/// The most candidates that are proven in one pass.
pub(crate) const CANDIDATES_MAX: usize = 8;

/// Single columns among them.
const SINGLE_MAX: usize = 4;

/// Pairs are made of the likeliest so many columns.
const PAIR_COLUMNS_MAX: usize = 5;

/// The most candidates that are told while none is proven.
const TOLD_MAX: usize = 3;

/// How likely a column is the key by its name: less is likelier.
const NAMED_ID: u32 = 0;
const NAMED_AFTER_TABLE: u32 = 1;
const FIRST_AND_ENDS_WITH_ID: u32 = 2;
const FIRST: u32 = 3;
const ENDS_WITH_UUID: u32 = 4;
const ENDS_WITH_ID: u32 = 5;
/// Nothing speaks for it but its type: only as a part of a pair.
const OF_KEY_TYPE: u32 = 6;

/// Possible keys of a table, the likeliest first: `id`, names made of the table's, other names that end like a key, the
/// first column, then pairs. Columns that the footers show to be NULL somewhere, or to repeat, are not among them.
pub(crate) fn ranked(table: &str, columns: &[Column], statistics: &Statistics) -> Vec<KeyCandidate> {
    let is_nowhere_null = |position: usize| {
        let column = statistics.columns.get(position);
        column.is_none_or(|column| column.nulls.is_none_or(|nulls| nulls == 0))
    };
    let repeats = |position: usize| {
        let column = statistics.columns.get(position);
        column.is_some_and(|column| column.repeats(statistics.rows))
    };
    let mut parts: Vec<(u32, usize, &Column)> = columns
        .iter()
        .enumerate()
        .filter(|(position, column)| column.kind.can_be_key() && is_nowhere_null(*position))
        .filter_map(|(position, column)| Some((rank(table, position, column)?, position, column)))
        .collect();
    parts.sort_by_key(|(rank, position, _)| (*rank, *position));
    let mut candidates: Vec<KeyCandidate> = parts
        .iter()
        .filter(|(rank, position, _)| *rank < OF_KEY_TYPE && !repeats(*position))
        .take(SINGLE_MAX)
        .map(|(_, _, column)| candidate(&column.name, None))
        .collect();
    parts.truncate(PAIR_COLUMNS_MAX);
    let mut pairs = Vec::new();
    for (at, (rank, position, column)) in parts.iter().enumerate() {
        for (other_rank, other_position, other) in &parts[at + 1..] {
            // The column that stands first in the table is the likelier partition.
            let (first, second) = if position < other_position {
                (column, other)
            } else {
                (other, column)
            };
            pairs.push((rank + other_rank, candidate(&first.name, Some(&second.name))));
        }
    }
    pairs.sort_by_key(|(rank, _)| *rank);
    candidates.extend(pairs.into_iter().map(|(_, pair)| pair));
    candidates.truncate(CANDIDATES_MAX);
    candidates
}

/// Those of the candidates that are worth telling while none is proven: pairs only where no single column is likely.
pub(crate) fn likely(candidates: &[KeyCandidate]) -> Vec<KeyCandidate> {
    let has_single = candidates.iter().any(|candidate| candidate.sort.is_none());
    candidates
        .iter()
        .filter(|candidate| candidate.sort.is_none() == has_single)
        .take(TOLD_MAX)
        .cloned()
        .collect()
}

/// Likely keys of a table of which nothing but its columns is known, as of one whose objects cannot be read now.
pub fn keys_by_name(table: &TableSummary) -> Vec<KeyCandidate> {
    likely(&ranked(
        table.name.table(),
        &table.columns,
        &Statistics::default(),
    ))
}

fn candidate(partition: &str, sort: Option<&str>) -> KeyCandidate {
    KeyCandidate {
        partition: partition.to_owned(),
        sort: sort.map(str::to_owned),
        proven: false,
    }
}

/// How likely a column is the key, or a part of it; `None` where its type speaks against it.
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
        () if matches!(name.as_str(), "id" | "uuid" | "guid") => Some(NAMED_ID),
        () if ["id", "uuid", "key", "no", "number", "code"]
            .iter()
            .any(|key| named_after(key)) =>
        {
            Some(NAMED_AFTER_TABLE)
        }
        () if position == 0 && name.ends_with("id") => Some(FIRST_AND_ENDS_WITH_ID),
        () if position == 0 => Some(FIRST),
        () if name.ends_with("uuid") || name.ends_with("guid") => Some(ENDS_WITH_UUID),
        () if name.ends_with("id") && column.name.len() > 2 => Some(ENDS_WITH_ID),
        // Bytes without a telling name are pictures and hashes more often than keys.
        () if column.kind == ColumnKind::Binary => None,
        () => Some(OF_KEY_TYPE),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::{ColumnStatistics, Range};
    use recovery::table::OriginalNumbers;

    fn columns(names: &[(&str, ColumnKind)]) -> Vec<Column> {
        names
            .iter()
            .map(|(name, kind)| Column {
                name: (*name).to_owned(),
                original_type: None,
                original_numbers: OriginalNumbers::default(),
                parquet_type: String::new(),
                kind: *kind,
                nullable: true,
            })
            .collect()
    }

    fn text(candidates: &[KeyCandidate]) -> Vec<String> {
        candidates.iter().map(KeyCandidate::columns).collect()
    }

    #[test]
    fn names_rank_before_positions_and_pairs_come_last() {
        let shop = columns(&[
            ("created", ColumnKind::DateTime),
            ("customerId", ColumnKind::Integer),
            ("order_id", ColumnKind::Integer),
            ("note", ColumnKind::Text),
        ]);
        let found = ranked("orders", &shop, &Statistics::default());
        assert_eq!(
            text(&found),
            [
                "order_id", "customerId", "customerId,order_id", "order_id,note", "customerId,note"
            ]
        );
        assert_eq!(text(&likely(&found)), ["order_id", "customerId"]);
        let plain = columns(&[("id", ColumnKind::Integer), ("rate", ColumnKind::Double)]);
        assert_eq!(text(&ranked("shows", &plain, &Statistics::default())), ["id"]);
        assert_eq!(singular("companies"), "company");
        assert_eq!(singular("boxes"), "box");
    }

    #[test]
    fn what_footers_speak_against_is_no_candidate() {
        let columns = columns(&[
            ("actor_id", ColumnKind::Integer),
            ("film_id", ColumnKind::Integer),
            ("note", ColumnKind::Text),
        ]);
        let of = |nulls, range| ColumnStatistics {
            nulls,
            range,
            bytes: 0,
        };
        let statistics = Statistics {
            rows: 5_462,
            item_bytes_max: 0,
            columns: vec![
                of(Some(0), Range::Integers(1, 200)),
                of(Some(0), Range::Integers(1, 1_000)),
                of(Some(3), Range::Unknown),
            ],
        };
        let found = ranked("film_actor", &columns, &statistics);
        assert_eq!(text(&found), ["actor_id,film_id"]);
        assert_eq!(text(&likely(&found)), ["actor_id,film_id"]);
    }
}
