//! What every row is looked at for.

use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::RecordBatch;
use aws::dynamodb::ITEM_BYTES_MAX;
use recovery::plan::TablePlan;
use recovery::table::Column;
use recovery::types::ColumnKind;

use crate::Error;
use crate::keys::{self, KeyHash, KeySet};
use crate::read::Work;
use crate::row::{Columns, Values, encode, number};

/// The largest partition key value.
pub(super) const PARTITION_BYTES_MAX: usize = 2_048;

/// The largest sort key value.
pub(super) const SORT_BYTES_MAX: usize = 1_024;

/// A number takes at most so many bytes.
const NUMBER_BYTES_MAX: usize = 21;

/// An instant as text takes at most so many bytes.
const INSTANT_BYTES_MAX: usize = 30;

/// What was counted over rows.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub(super) rows: u64,
    /// Rows whose partition or sort key is NULL, by key part.
    pub(super) null_keys: [u64; 2],
    /// Rows whose key part is an empty string or empty bytes.
    pub(super) empty_keys: [u64; 2],
    /// Rows whose key part is too long.
    pub(super) long_keys: [u64; 2],
    /// Values that cannot be represented, by column.
    pub(super) unfit: Vec<u64>,
    /// Doubles that are kept as text, by column.
    pub(super) as_text: Vec<u64>,
    /// Items beyond 400 KB, and the first few of their keys.
    pub(super) large_items: u64,
    pub(super) large_examples: Vec<String>,
    /// Bytes of the largest item. An upper bound, within a few bytes a number.
    pub(super) largest: usize,
    /// Write units that all items take: one for each 1 KB begun.
    pub(super) write_units: u64,
}

impl Tally {
    pub(super) fn new(columns: usize) -> Self {
        Self {
            unfit: vec![0; columns],
            as_text: vec![0; columns],
            ..Self::default()
        }
    }

    pub(super) fn add(&mut self, other: Self) {
        self.rows += other.rows;
        for part in 0..2 {
            self.null_keys[part] += other.null_keys[part];
            self.empty_keys[part] += other.empty_keys[part];
            self.long_keys[part] += other.long_keys[part];
        }
        for (mine, theirs) in self.unfit.iter_mut().zip(other.unfit) {
            *mine += theirs;
        }
        for (mine, theirs) in self.as_text.iter_mut().zip(other.as_text) {
            *mine += theirs;
        }
        self.large_items += other.large_items;
        self.large_examples.extend(other.large_examples);
        self.large_examples.truncate(keys::EXAMPLES_MAX);
        self.largest = self.largest.max(other.largest);
        self.write_units += other.write_units;
    }
}

/// The names of the key's columns.
pub(super) fn key_columns(table: &TablePlan) -> Vec<String> {
    std::iter::once(&table.key.partition)
        .chain(&table.key.sort)
        .map(|part| part.column.clone())
        .collect()
}

/// Positions of the key's columns among the table's.
fn key_positions(columns: &[Column], table: &TablePlan) -> Vec<usize> {
    key_columns(table)
        .iter()
        .filter_map(|name| columns.iter().position(|column| column.name == *name))
        .collect()
}

/// Checks the rows of one object.
pub(super) struct Check {
    table: Arc<TablePlan>,
    key: Vec<usize>,
    keys: Arc<Mutex<KeySet>>,
    pub(super) tally: Tally,
    form: Vec<u8>,
    hashes: Vec<KeyHash>,
    sizes: Vec<usize>,
    text: String,
}

impl Check {
    pub(super) fn new(table: Arc<TablePlan>, keys: Arc<Mutex<KeySet>>) -> Self {
        Self {
            key: key_positions(&table.columns, &table),
            tally: Tally::new(table.columns.len()),
            table,
            keys,
            form: Vec::new(),
            hashes: Vec::new(),
            sizes: Vec::new(),
            text: String::new(),
        }
    }

    /// Counts, column by column, what cannot be represented, and adds up the items' sizes.
    fn check_values(&mut self, columns: &Columns<'_>) {
        let names: usize = columns
            .columns
            .iter()
            .map(|column| column.column.name.len())
            .sum();
        self.sizes.clear();
        self.sizes.resize(columns.rows, names);
        for (position, column) in columns.columns.iter().enumerate() {
            let (mut unfit, mut as_text) = (0, 0);
            for (row, size) in self.sizes.iter_mut().enumerate() {
                if column.is_null(row) {
                    *size += 1;
                    continue;
                }
                *size += match column.values {
                    Values::Bytes(_) | Values::FixedBytes(_) => {
                        let bytes = column.bytes(row).unwrap_or_default();
                        let is_text = column.column.kind != ColumnKind::Binary;
                        unfit += u64::from(is_text && std::str::from_utf8(bytes).is_err());
                        bytes.len()
                    }
                    Values::F32(array) => {
                        as_text += u64::from(!number::double_is_number(f64::from(array.value(row))));
                        NUMBER_BYTES_MAX
                    }
                    Values::F64(array) => {
                        as_text += u64::from(!number::double_is_number(array.value(row)));
                        NUMBER_BYTES_MAX
                    }
                    Values::Instant(..)
                    | Values::Days(_)
                    | Values::TimeOfDay32(..)
                    | Values::TimeOfDay64(..) => {
                        unfit += u64::from(!encode::is_representable(column, row, &mut self.text));
                        INSTANT_BYTES_MAX
                    }
                    Values::Decimal256(_) => 80,
                    Values::I8(_)
                    | Values::I16(_)
                    | Values::I32(_)
                    | Values::I64(_)
                    | Values::U8(_)
                    | Values::U16(_)
                    | Values::U32(_)
                    | Values::U64(_)
                    | Values::Boolean(_)
                    | Values::Decimal128(_) => NUMBER_BYTES_MAX,
                };
            }
            self.tally.unfit[position] += unfit;
            self.tally.as_text[position] += as_text;
        }
    }

    fn check_sizes(&mut self, columns: &Columns<'_>) {
        for (row, bound) in self.sizes.iter().enumerate() {
            let mut size = *bound;
            // Only where the bound is too large is the exact size reckoned.
            if size > ITEM_BYTES_MAX
                && let Some(exact) = columns.item_bytes(row, &mut self.text)
            {
                size = exact;
                if size > ITEM_BYTES_MAX {
                    self.tally.large_items += 1;
                    if self.tally.large_examples.len() < keys::EXAMPLES_MAX {
                        self.tally.large_examples.push(key_text(columns, &self.key, row));
                    }
                }
            }
            self.tally.largest = self.tally.largest.max(size);
            self.tally.write_units += size.div_ceil(1_024).max(1) as u64;
        }
    }

    fn check_keys(&mut self, columns: &Columns<'_>) -> Result<(), Error> {
        self.hashes.clear();
        for row in 0..columns.rows {
            self.form.clear();
            let mut is_key = true;
            for (part, position) in self.key.iter().enumerate() {
                let Some(column) = columns.columns.get(*position) else {
                    continue;
                };
                if column.is_null(row) {
                    self.tally.null_keys[part] += 1;
                    is_key = false;
                    continue;
                }
                if let Some(bytes) = column.bytes(row) {
                    let max = if part == 0 {
                        PARTITION_BYTES_MAX
                    } else {
                        SORT_BYTES_MAX
                    };
                    self.tally.empty_keys[part] += u64::from(bytes.is_empty());
                    self.tally.long_keys[part] += u64::from(bytes.len() > max);
                }
                column.canonical(row, &mut self.form);
            }
            // Rows without a key are counted as such; among each other they would only look like duplicates.
            if is_key {
                self.hashes.push(keys::hash(&self.form));
            }
        }
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        for hash in &self.hashes {
            keys.insert(*hash).map_err(|error| keys::spill_failed(&error))?;
        }
        Ok(())
    }
}

impl Work for Check {
    fn batch(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        let table = Arc::clone(&self.table);
        let columns = Columns::of(batch, &table.columns).map_err(|cause| keys::unfit(&cause))?;
        self.tally.rows += columns.rows as u64;
        self.check_values(&columns);
        self.check_sizes(&columns);
        self.check_keys(&columns)
    }
}

/// The key of a row for people: `id=5`, `order=1, line=2`.
fn key_text(columns: &Columns<'_>, key: &[usize], row: usize) -> String {
    let parts: Vec<String> = key
        .iter()
        .filter_map(|position| columns.columns.get(*position))
        .map(|column| {
            let mut text = encode::display(column, row);
            if text.chars().count() > 60 {
                text = text.chars().take(60).chain(['…']).collect();
            }
            format!("{}={text}", column.column.name)
        })
        .collect();
    parts.join(", ")
}

/// Finds the text of keys by their hashes.
pub(super) struct FindKeys {
    columns: Vec<Column>,
    key: Vec<usize>,
    wanted: Vec<(KeyHash, Option<String>)>,
    form: Vec<u8>,
}

impl FindKeys {
    pub(super) fn new(table: &TablePlan, wanted: &[KeyHash]) -> Self {
        let names = key_columns(table);
        let columns: Vec<Column> = table
            .columns
            .iter()
            .filter(|column| names.contains(&column.name))
            .cloned()
            .collect();
        Self {
            key: key_positions(&columns, table),
            columns,
            wanted: wanted.iter().map(|hash| (*hash, None)).collect(),
            form: Vec::new(),
        }
    }

    pub(super) fn is_done(&self) -> bool {
        self.wanted.iter().all(|(_, text)| text.is_some())
    }

    pub(super) fn texts(self) -> Vec<String> {
        self.wanted.into_iter().filter_map(|(_, text)| text).collect()
    }
}

impl Work for FindKeys {
    fn batch(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        if self.is_done() {
            return Ok(());
        }
        let columns = Columns::of(batch, &self.columns).map_err(|cause| keys::unfit(&cause))?;
        for row in 0..columns.rows {
            self.form.clear();
            for column in self
                .key
                .iter()
                .filter_map(|position| columns.columns.get(*position))
            {
                column.canonical(row, &mut self.form);
            }
            let hash = keys::hash(&self.form);
            if let Some((_, text)) = self.wanted.iter_mut().find(|(wanted, _)| *wanted == hash)
                && text.is_none()
            {
                *text = Some(key_text(&columns, &self.key, row));
            }
        }
        Ok(())
    }
}
