//! Which rows differ, once a proof has failed.
//!
//! Two passes over both sides, in bounded memory whatever the table's size. The first sorts rows by their key's hash into
//! buckets and adds up each bucket's row hashes: buckets whose sums are equal hold the same rows. The second compares, by
//! key, the rows of buckets that differ, as many as fit in memory.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::RecordBatch;
use aws::Cloud;
use aws::dynamodb::{Item, ValueRef};
use recovery::differences::{Difference, DifferenceKind, Differences};
use recovery::plan::{Plan, TablePlan};
use recovery::table::Column;
use tokio_util::sync::CancellationToken;

use crate::plan::planned;
use crate::read::Work;
use crate::row::{AddedKey, Columns, RowKeys, encode, readback};
use crate::scan::{self, Sift};
use crate::{Error, Tuning, existing, keys, source};

/// Buckets of keys; with 40 million rows, one holds about 10,000.
const BUCKETS: usize = 4_096;

/// The most rows of each side that are compared by key.
const COMPARED_MAX: u64 = 200_000;

/// The longest text of one key value.
const KEY_CHARS_MAX: usize = 120;

/// Finds the rows of a planned table that its target lacks, holds otherwise, or has too many; tells at most `told` of
/// them by key.
///
/// A target that somebody goes on writing to may differ otherwise at each pass; what is told was seen.
pub async fn find_differences(
    cloud: &Cloud,
    plan: &Plan,
    table_index: u32,
    told: usize,
    tuning: &Tuning,
    cancel: &CancellationToken,
) -> Result<Differences, Error> {
    let table = planned(plan, table_index)?;
    if !table.existing.is_refuse() {
        return existing::differences(cloud, plan, table, told, tuning, cancel).await;
    }
    let shape = Arc::new(Shape::of(table));
    let sums = both(cloud, plan, table, tuning, cancel, &shape, Sums::default).await?;
    let [copy, target] = sums.map(|sums| {
        sums.into_iter().fold(Sums::default(), |mut whole, part| {
            whole.add(&part);
            whole
        })
    });
    let (chosen, is_whole) = choose(&copy, &target);
    let chosen = Arc::new(chosen);
    let gather = || Gathered {
        chosen: Arc::clone(&chosen),
        rows: Vec::new(),
    };
    let [copy, target] = both(cloud, plan, table, tuning, cancel, &shape, gather).await?;
    let mut found = compare(copy, target);
    found.is_whole = is_whole;
    found.first.truncate(told);
    Ok(found)
}

/// The columns of a table and what its key is.
pub(crate) struct Shape {
    pub(crate) columns: Vec<Column>,
    /// The key's attributes.
    names: Vec<String>,
    /// Which columns they are; none where the key is added.
    pub(crate) key: Vec<usize>,
    /// The key, where it is added.
    pub(crate) added: Option<AddedKey>,
    /// The plan's objects, whose rows' places may be the key.
    objects: Vec<String>,
}

impl Shape {
    pub(crate) fn of(table: &TablePlan) -> Self {
        let parts = std::iter::once(&table.key.partition).chain(&table.key.sort);
        let names: Vec<String> = parts.map(|part| part.column.clone()).collect();
        let position = |name: &String| table.columns.iter().position(|column| column.name == *name);
        Self {
            key: names.iter().filter_map(position).collect(),
            names,
            columns: table.columns.clone(),
            objects: table.objects.iter().map(|object| object.key.clone()).collect(),
            added: AddedKey::of_table(table),
        }
    }

    /// Appends the canonical form of an item's key.
    pub(crate) fn key_form(&self, item: &Item, form: &mut Vec<u8>) {
        for position in &self.key {
            readback::canonical_attribute(&self.columns[*position], item, form);
        }
        if let Some(added) = &self.added
            && let Some(ValueRef::S(key)) = item.get(&added.name)
        {
            form.extend_from_slice(key.as_bytes());
        }
    }

    /// A difference at an item's key.
    pub(crate) fn difference(&self, kind: DifferenceKind, item: &Item) -> Difference {
        let key = self.item_text(item);
        Difference { kind, key }
    }

    /// An item's key for people.
    fn item_text(&self, item: &Item) -> String {
        self.text(|part| match item.get(&self.names[part]) {
            Some(ValueRef::S(text) | ValueRef::N(text)) => text.to_owned(),
            Some(ValueRef::B(bytes)) => format!("0x{}", hex::encode(bytes)),
            _ => "?".to_owned(),
        })
    }

    /// `id=7`, `order_id=1, line=2`; `value` gives the text of each part.
    fn text(&self, value: impl Fn(usize) -> String) -> String {
        let parts = self.names.iter().enumerate().map(|(part, name)| {
            let text: String = value(part).chars().take(KEY_CHARS_MAX).collect();
            format!("{name}={text}")
        });
        parts.collect::<Vec<_>>().join(", ")
    }
}

/// What is done with the rows of either side.
trait Take: Send + 'static {
    /// Takes a row by the hashes of its key and of the whole; `key` makes the key's text.
    fn row(&mut self, key_hash: u128, row_hash: u128, key: impl FnOnce() -> String);
}

/// Reads the copy and then the target through what `make` makes.
async fn both<T: Take>(
    cloud: &Cloud,
    plan: &Plan,
    table: &TablePlan,
    tuning: &Tuning,
    cancel: &CancellationToken,
    shape: &Arc<Shape>,
    make: impl Fn() -> T,
) -> Result<[Vec<T>; 2], Error> {
    let side = || Side {
        shape: Arc::clone(shape),
        keys: RowKeys::of(&table.key),
        key: Vec::new(),
        row: Vec::new(),
        take: make(),
    };
    let copy = source::through(cloud, plan, table, cancel, side).await?;
    let target = scan::through(cloud, plan, table, tuning, cancel, side).await?;
    Ok([copy, target].map(|sides| sides.into_iter().map(|side| side.take).collect()))
}

/// The rows of one side, on their way into `take`.
struct Side<T> {
    shape: Arc<Shape>,
    /// Makes the keys of the copy's rows, where they are added.
    keys: Option<RowKeys>,
    key: Vec<u8>,
    row: Vec<u8>,
    take: T,
}

fn hash(form: &[u8]) -> u128 {
    let hash = blake3::hash(form);
    hash.as_bytes()
        .first_chunk()
        .copied()
        .map_or(0, u128::from_le_bytes)
}

impl<T: Take> Work for Side<T> {
    fn begin(&mut self, key: &str) {
        if let Some(keys) = &mut self.keys {
            let position = self.shape.objects.iter().position(|object| object == key);
            keys.begin(position.unwrap_or_default(), 0);
        }
    }

    fn batch(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        let shape = Arc::clone(&self.shape);
        let columns = Columns::of(batch, &shape.columns).map_err(|cause| keys::unfit(&cause))?;
        for row in 0..columns.rows {
            self.key.clear();
            self.row.clear();
            for position in &shape.key {
                columns.columns[*position].canonical(row, &mut self.key);
            }
            columns.canonical(row, &mut self.row);
            let added = self.keys.as_mut().map(|keys| keys.next(&self.row));
            self.key.extend(added.into_iter().flat_map(str::bytes));
            self.take.row(hash(&self.key), hash(&self.row), || {
                shape.text(|part| match added {
                    Some(key) => key.to_owned(),
                    None => encode::display(&columns.columns[shape.key[part]], row),
                })
            });
        }
        Ok(())
    }
}

impl<T: Take> Sift for Side<T> {
    fn items(&mut self, items: &[Item]) {
        for item in items {
            self.key.clear();
            self.row.clear();
            let shape = &self.shape;
            shape.key_form(item, &mut self.key);
            readback::canonical_of(&shape.columns, shape.added.as_ref(), item, &mut self.row);
            self.take
                .row(hash(&self.key), hash(&self.row), || shape.item_text(item));
        }
    }
}

fn bucket_of(key_hash: u128) -> usize {
    usize::try_from(key_hash % BUCKETS as u128).unwrap_or_default()
}

/// Rows of each bucket, and the sum of their hashes.
struct Sums {
    buckets: Vec<(u64, u128)>,
}

impl Default for Sums {
    fn default() -> Self {
        Self {
            buckets: vec![(0, 0); BUCKETS],
        }
    }
}

impl Sums {
    fn add(&mut self, other: &Self) {
        for (mine, theirs) in self.buckets.iter_mut().zip(&other.buckets) {
            *mine = (mine.0 + theirs.0, mine.1.wrapping_add(theirs.1));
        }
    }
}

impl Take for Sums {
    fn row(&mut self, key_hash: u128, row_hash: u128, _: impl FnOnce() -> String) {
        let bucket = &mut self.buckets[bucket_of(key_hash)];
        *bucket = (bucket.0 + 1, bucket.1.wrapping_add(row_hash));
    }
}

/// The buckets that differ, as many as may be compared, and whether these are all. The first is always taken.
fn choose(copy: &Sums, target: &Sums) -> (Vec<bool>, bool) {
    let mut chosen = vec![false; BUCKETS];
    let (mut rows, mut is_whole) = (0, true);
    for (index, (mine, theirs)) in copy.buckets.iter().zip(&target.buckets).enumerate() {
        if mine == theirs {
            continue;
        }
        let larger = mine.0.max(theirs.0);
        if rows > 0 && rows + larger > COMPARED_MAX {
            is_whole = false;
            continue;
        }
        rows += larger;
        chosen[index] = true;
    }
    (chosen, is_whole)
}

/// The rows of chosen buckets.
struct Gathered {
    chosen: Arc<Vec<bool>>,
    rows: Vec<(u128, u128, String)>,
}

impl Take for Gathered {
    fn row(&mut self, key_hash: u128, row_hash: u128, key: impl FnOnce() -> String) {
        if self.chosen[bucket_of(key_hash)] {
            self.rows.push((key_hash, row_hash, key()));
        }
    }
}

fn compare(copy: Vec<Gathered>, target: Vec<Gathered>) -> Differences {
    let mut rows: HashMap<u128, (u128, String)> = copy
        .into_iter()
        .flat_map(|part| part.rows)
        .map(|(key_hash, row_hash, key)| (key_hash, (row_hash, key)))
        .collect();
    let mut found = Differences::default();
    for (key_hash, row_hash, key) in target.into_iter().flat_map(|part| part.rows) {
        let kind = match rows.remove(&key_hash) {
            Some((of_copy, _)) if of_copy == row_hash => continue,
            Some(_) => {
                found.altered += 1;
                DifferenceKind::Altered
            }
            None => {
                found.unexpected += 1;
                DifferenceKind::Unexpected
            }
        };
        found.first.push(Difference { kind, key });
    }
    found.missing = rows.len() as u64;
    found.first.extend(rows.into_values().map(|(_, key)| Difference {
        kind: DifferenceKind::Missing,
        key,
    }));
    found.first.sort_unstable();
    found
}
