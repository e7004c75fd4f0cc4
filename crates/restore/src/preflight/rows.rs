//! What every row is looked at for.

use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::RecordBatch;
use aws::dynamodb::ITEM_BYTES_MAX;
use recovery::estimate::WRITE_UNIT_BYTES;
use recovery::plan::TablePlan;
use recovery::preflight::{Example, Place};
use recovery::synthetic_key::SyntheticKey;
use recovery::table::Column;
use recovery::types::{AttributeType, ColumnKind};

use crate::Error;
use crate::examples::{self, EXAMPLES_MAX};
use crate::frequent::{self, Frequent};
use crate::keys::{self, KEY_BYTES_MAX, KeyHash, KeySet};
use crate::read::Work;
use crate::row::{ColumnValues, Columns, Values, added_bytes, encode, number};

/// A double's seventeen digits take so many bytes of an item, its exponent none.
const DOUBLE_BYTES: usize = 13;

/// As text, a double takes at most so many.
const DOUBLE_TEXT_BYTES: usize = 26;

/// A decimal beyond 38 digits is text of at most 76 digits, a sign and a point.
const LONG_DECIMAL_BYTES: usize = 80;

/// Rows of one sort, and the first few of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Counted {
    pub(super) count: u64,
    pub(super) examples: Vec<Example>,
}

impl Counted {
    fn see(&mut self, example: impl FnOnce() -> Example) {
        self.count += 1;
        if self.examples.len() < EXAMPLES_MAX {
            self.examples.push(example());
        }
    }

    fn add(&mut self, other: Self) {
        self.count += other.count;
        self.examples.extend(other.examples);
        self.examples.truncate(EXAMPLES_MAX);
    }
}

/// What was counted over rows.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub(super) rows: u64,
    /// Rows whose partition or sort key is NULL, by key part.
    pub(super) null_keys: [Counted; 2],
    /// Rows whose key part is an empty string or empty bytes.
    pub(super) empty_keys: [Counted; 2],
    /// Rows whose key part is too long.
    pub(super) long_keys: [Counted; 2],
    /// Values that cannot be represented, by column.
    pub(super) unfit: Vec<Counted>,
    /// Numbers that are kept as text, by column.
    pub(super) as_text: Vec<Counted>,
    /// Dates that are no days, by column.
    pub(super) zero_dates: Vec<Counted>,
    /// Items beyond 400 KB; the examples are the largest of them.
    pub(super) large: Counted,
    /// Bytes of the largest item.
    pub(super) largest: usize,
    /// Bytes of all items.
    pub(super) bytes: u64,
    /// Write units that all items take: one for each 1 KB begun.
    pub(super) write_units: u64,
    /// Write units by partition key value, where several items may share one.
    pub(super) partitions: Frequent,
}

impl Tally {
    pub(super) fn new(columns: usize) -> Self {
        Self {
            unfit: vec![Counted::default(); columns],
            as_text: vec![Counted::default(); columns],
            zero_dates: vec![Counted::default(); columns],
            ..Self::default()
        }
    }

    pub(super) fn add(&mut self, other: Self) {
        let all = |mine: &mut [Counted], theirs: Vec<Counted>| {
            mine.iter_mut()
                .zip(theirs)
                .for_each(|(mine, theirs)| mine.add(theirs));
        };
        self.rows += other.rows;
        all(&mut self.null_keys, other.null_keys.into());
        all(&mut self.empty_keys, other.empty_keys.into());
        all(&mut self.long_keys, other.long_keys.into());
        all(&mut self.unfit, other.unfit);
        all(&mut self.as_text, other.as_text);
        all(&mut self.zero_dates, other.zero_dates);
        self.large.count += other.large.count;
        for example in other.large.examples {
            self.keep_large(example);
        }
        self.largest = self.largest.max(other.largest);
        self.bytes += other.bytes;
        self.write_units += other.write_units;
        self.partitions.merge(other.partitions);
    }

    /// Keeps the largest few items.
    fn keep_large(&mut self, example: Example) {
        let examples = &mut self.large.examples;
        let at = examples.partition_point(|other| other.item_bytes >= example.item_bytes);
        examples.insert(at, example);
        examples.truncate(EXAMPLES_MAX);
    }
}

/// The names of the key's attributes.
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

/// Checks rows.
pub(super) struct Check {
    table: Arc<TablePlan>,
    keys: Arc<Mutex<KeySet>>,
    shown: Shown,
    pub(super) tally: Tally,
    /// Bytes of each item that no column has.
    added_bytes: usize,
    form: Vec<u8>,
    hashes: Vec<KeyHash>,
    sizes: Vec<usize>,
    text: String,
}

/// How a row becomes an example.
struct Shown {
    /// The copy's prefix.
    prefix: String,
    /// The object, below it.
    object: String,
    /// Rows of the object before this batch.
    rows_before: u64,
    /// Positions of the key's columns.
    key: Vec<usize>,
    show_values: bool,
}

impl Shown {
    /// The row by its key, and by the value of one more column.
    fn example(&self, columns: &Columns<'_>, row: usize, more: Option<usize>) -> Example {
        let positions = self
            .key
            .iter()
            .copied()
            .chain(more.filter(|at| !self.key.contains(at)));
        Example {
            places: vec![Place {
                object: self.object.clone(),
                row: self.rows_before + row as u64 + 1,
            }],
            values: positions
                .filter_map(|at| examples::value(columns.columns.get(at)?, row, self.show_values))
                .collect(),
            item_bytes: None,
        }
    }
}

impl Check {
    /// For rows of a table of the copy at `prefix`.
    pub(super) fn new(
        prefix: &str,
        table: Arc<TablePlan>,
        keys: Arc<Mutex<KeySet>>,
        show_values: bool,
    ) -> Self {
        Self {
            shown: Shown {
                prefix: prefix.to_owned(),
                object: String::new(),
                rows_before: 0,
                key: key_positions(&table.columns, &table),
                show_values,
            },
            tally: Tally::new(table.columns.len()),
            added_bytes: added_bytes(&table.key),
            table,
            keys,
            form: Vec::new(),
            hashes: Vec::new(),
            sizes: Vec::new(),
            text: String::new(),
        }
    }

    /// Counts, column by column, what cannot be represented or is worth knowing, and adds up the items' sizes.
    fn check_values(&mut self, columns: &Columns<'_>) {
        let names: usize = columns
            .columns
            .iter()
            .map(|column| column.column.name.len())
            .sum();
        self.sizes.clear();
        self.sizes.resize(columns.rows, names + self.added_bytes);
        let Self {
            tally,
            shown,
            sizes,
            text,
            ..
        } = self;
        for (position, column) in columns.columns.iter().enumerate() {
            let example = |row| shown.example(columns, row, Some(position));
            for (row, size) in sizes.iter_mut().enumerate() {
                if column.is_null(row) {
                    *size += 1;
                    continue;
                }
                match fitness(column, row, text) {
                    Fitness::Fits => {}
                    Fitness::AsText => tally.as_text[position].see(|| example(row)),
                    Fitness::ZeroDate => tally.zero_dates[position].see(|| example(row)),
                    Fitness::Unfit => tally.unfit[position].see(|| example(row)),
                }
                *size += value_bytes(column, row);
            }
        }
    }

    fn check_sizes(&mut self, columns: &Columns<'_>) {
        for (row, bound) in self.sizes.iter_mut().enumerate() {
            // Only where the bound is too large is the exact size reckoned; a row that has no item has none.
            if *bound > ITEM_BYTES_MAX
                && let Some(exact) = columns.item_bytes(row, &mut self.text)
            {
                let exact = exact + self.added_bytes;
                *bound = exact;
                if exact > ITEM_BYTES_MAX {
                    self.tally.large.count += 1;
                    let mut example = self.shown.example(columns, row, None);
                    example.item_bytes = Some(exact as u64);
                    self.tally.keep_large(example);
                }
            }
            let size = *bound as u64;
            self.tally.largest = self.tally.largest.max(*bound);
            self.tally.bytes += size;
            self.tally.write_units += size.div_ceil(WRITE_UNIT_BYTES).max(1);
        }
    }

    fn check_keys(&mut self, columns: &Columns<'_>) -> Result<(), Error> {
        self.hashes.clear();
        match self.table.key.synthetic {
            None => self.check_key_columns(columns),
            Some(SyntheticKey::RowDigest) => {
                for row in 0..columns.rows {
                    self.form.clear();
                    columns.canonical(row, &mut self.form);
                    self.hashes.push(keys::hash(&self.form));
                }
            }
            // No two rows stand in one place.
            Some(SyntheticKey::RowPlace) => {}
        }
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        for hash in &self.hashes {
            keys.insert(*hash).map_err(|error| keys::spill_failed(&error))?;
        }
        Ok(())
    }

    fn check_key_columns(&mut self, columns: &Columns<'_>) {
        let Self {
            tally,
            shown,
            hashes,
            form,
            sizes,
            ..
        } = self;
        for (row, size) in sizes.iter().enumerate() {
            form.clear();
            let mut is_key = true;
            for (part, (position, max)) in shown.key.iter().zip(KEY_BYTES_MAX).enumerate() {
                let Some(column) = columns.columns.get(*position) else {
                    continue;
                };
                if column.is_null(row) {
                    tally.null_keys[part].see(|| shown.example(columns, row, None));
                    is_key = false;
                    continue;
                }
                if let Some(bytes) = column.bytes(row) {
                    if bytes.is_empty() {
                        tally.empty_keys[part].see(|| shown.example(columns, row, None));
                    } else if bytes.len() > max {
                        tally.long_keys[part].see(|| shown.example(columns, row, None));
                    }
                }
                column.canonical(row, form);
                if part == 0 && shown.key.len() > 1 {
                    let units = (*size as u64).div_ceil(WRITE_UNIT_BYTES).max(1);
                    tally.partitions.add(frequent::hash(form), units);
                }
            }
            // Rows without a key are counted as such; among each other they would only look like duplicates.
            if is_key {
                hashes.push(keys::hash(form));
            }
        }
    }
}

impl Work for Check {
    fn begin(&mut self, key: &str) {
        self.shown.object = examples::below(&self.shown.prefix, key);
        self.shown.rows_before = 0;
    }

    fn batch(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        let table = Arc::clone(&self.table);
        let columns = Columns::of(batch, &table.columns).map_err(|cause| keys::unfit(&cause))?;
        self.tally.rows += columns.rows as u64;
        self.check_values(&columns);
        self.check_sizes(&columns);
        self.check_keys(&columns)?;
        self.shown.rows_before += columns.rows as u64;
        Ok(())
    }
}

/// Whether a value that isn't NULL has a lossless form, and which.
enum Fitness {
    Fits,
    /// Beyond DynamoDB's numbers.
    AsText,
    /// A date that is no day, which MySQL knows.
    ZeroDate,
    /// None.
    Unfit,
}

fn fitness(column: &ColumnValues<'_>, row: usize, text: &mut String) -> Fitness {
    match column.values {
        Values::Bytes(_) | Values::FixedBytes(_) => {
            let bytes = column.bytes(row).unwrap_or_default();
            match column.column.kind {
                ColumnKind::Binary => Fitness::Fits,
                _ if std::str::from_utf8(bytes).is_err() => Fitness::Unfit,
                ColumnKind::DateOrTimeText if is_zero_date(bytes) => Fitness::ZeroDate,
                _ => Fitness::Fits,
            }
        }
        Values::F32(array) if !number::double_is_number(f64::from(array.value(row))) => Fitness::AsText,
        Values::F64(array) if !number::double_is_number(array.value(row)) => Fitness::AsText,
        Values::Instant(..)
        | Values::Int96(_)
        | Values::Days(_)
        | Values::TimeOfDay32(..)
        | Values::TimeOfDay64(..) => {
            if encode::is_representable(column, row, text) {
                Fitness::Fits
            } else {
                Fitness::Unfit
            }
        }
        _ => Fitness::Fits,
    }
}

/// `0000-00-00`, `2026-00-00`, `2026-02-00`: dates that MySQL keeps and no calendar has. Times have no hyphen there.
fn is_zero_date(bytes: &[u8]) -> bool {
    match bytes {
        [y @ .., b'-', m1, m2, b'-', d1, d2] if y.len() == 4 => {
            y == b"0000" || [*m1, *m2] == *b"00" || [*d1, *d2] == *b"00"
        }
        _ => false,
    }
}

/// Bytes that a value that isn't NULL takes in an item: exact but for doubles and long decimals, which may be shorter.
fn value_bytes(column: &ColumnValues<'_>, row: usize) -> usize {
    match column.values {
        Values::Bytes(_) | Values::FixedBytes(_) => column.bytes(row).map_or(0, <[u8]>::len),
        Values::I8(array) => integer_bytes(array.value(row).into()),
        Values::I16(array) => integer_bytes(array.value(row).into()),
        Values::I32(array) => integer_bytes(array.value(row).into()),
        Values::I64(array) => integer_bytes(array.value(row).into()),
        Values::U8(array) => integer_bytes(array.value(row).into()),
        Values::U16(array) => integer_bytes(array.value(row).into()),
        Values::U32(array) => integer_bytes(array.value(row).into()),
        Values::U64(array) => integer_bytes(array.value(row).into()),
        Values::Boolean(_) => integer_bytes(1),
        Values::F32(array) => double_bytes(f64::from(array.value(row))),
        Values::F64(array) => double_bytes(array.value(row)),
        Values::Decimal128(array) => {
            let scale = usize::try_from(array.scale()).unwrap_or_default();
            let value = array.value(row);
            let digits = digits(value).max(scale + 1);
            match column.column.kind.attribute_type() {
                AttributeType::N => number_bytes(digits, value < 0),
                _ => digits + 2,
            }
        }
        Values::Decimal256(_) => LONG_DECIMAL_BYTES,
        Values::Instant(counts, per_second) => {
            instant_bytes(column.column.kind, counts[row].rem_euclid(per_second), per_second)
        }
        // Nanoseconds of the day come first, in eight bytes.
        Values::Int96(array) => {
            let of_day = array
                .value(row)
                .first_chunk()
                .copied()
                .map_or(0, i64::from_le_bytes);
            instant_bytes(
                column.column.kind,
                of_day.rem_euclid(1_000_000_000),
                1_000_000_000,
            )
        }
        Values::Days(_) => "2026-01-05".len(),
        Values::TimeOfDay32(..) | Values::TimeOfDay64(..) => "08:00:00.000000000".len(),
    }
}

/// Bytes of an instant with such a part of a second.
fn instant_bytes(kind: ColumnKind, fraction: i64, per_second: i64) -> usize {
    let micro = per_second / 1_000_000;
    let fraction = match fraction {
        0 => 0,
        fraction if micro <= 1 || fraction % micro == 0 => 7,
        _ => 10,
    };
    let zone = usize::from(kind == ColumnKind::Timestamp);
    "2026-01-05T08:00:00".len() + fraction + zone
}

fn integer_bytes(value: i128) -> usize {
    number_bytes(digits(value), value < 0)
}

fn digits(value: i128) -> usize {
    value
        .unsigned_abs()
        .checked_ilog10()
        .map_or(1, |log| log as usize + 1)
}

/// One byte for each two digits, one more, and one for a minus sign; 21 at most.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html>
fn number_bytes(digits: usize, is_negative: bool) -> usize {
    (digits.div_ceil(2) + 1 + usize::from(is_negative)).min(21)
}

fn double_bytes(value: f64) -> usize {
    if number::double_is_number(value) {
        DOUBLE_BYTES
    } else {
        DOUBLE_TEXT_BYTES
    }
}

#[cfg(test)]
mod tests {
    use aws::dynamodb::ValueRef;

    use super::*;

    #[test]
    fn dates_that_no_calendar_has_are_told_from_days_and_times() {
        for zero in ["0000-00-00", "2026-00-00", "2026-02-00", "0000-01-01"] {
            assert!(is_zero_date(zero.as_bytes()), "{zero}");
        }
        for day in ["2026-02-28", "1000-10-10", "-838:59:59", "00:00:00", "", "0000"] {
            assert!(!is_zero_date(day.as_bytes()), "{day}");
        }
    }

    #[test]
    fn numbers_are_as_large_as_dynamodb_counts_them() {
        for (value, text) in [
            (0, "0"),
            (-7, "-7"),
            (12, "12"),
            (-1_234, "-1234"),
            (i128::from(u64::MAX), "18446744073709551615"),
        ] {
            assert_eq!(integer_bytes(value), ValueRef::N(text).size_bytes(), "{text}");
        }
    }
}
