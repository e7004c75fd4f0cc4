//! Rows as examples: their place, and their key for people, masked or not.

use arrow_array::RecordBatch;
use recovery::preflight::{Example, ExampleValue, Place};
use recovery::table::Column;
use recovery::types::AttributeType;

use crate::keys::KeyHash;
use crate::read::Work;
use crate::row::{ColumnValues, Columns, encode};
use crate::{Error, frequent, keys};

/// The most examples of a finding.
pub(crate) const EXAMPLES_MAX: usize = 5;

/// Values that are told of a row: a row may have hundreds of columns.
const VALUES_MAX: usize = 4;

/// Places that are told of rows that share a key.
const PLACES_MAX: usize = 2;

/// An object's key below the copy's prefix.
pub(crate) fn below(prefix: &str, key: &str) -> String {
    key.strip_prefix(prefix.trim_end_matches('/'))
        .map_or(key, |path| path.trim_start_matches('/'))
        .to_owned()
}

/// The value of a row, unless it is NULL.
pub(crate) fn value(column: &ColumnValues<'_>, row: usize, show_values: bool) -> Option<ExampleValue> {
    if column.is_null(row) {
        return None;
    }
    let name = column.column.name.as_str();
    let bytes = column.bytes(row);
    // What should be text and is none is told as the bytes that it is.
    if let Some(bytes) = bytes.filter(|bytes| std::str::from_utf8(bytes).is_err()) {
        let plain = format!("0x{}", hex::encode(&bytes[..bytes.len().min(64)]));
        let size = bytes.len() as u64;
        return Some(ExampleValue::new(
            name,
            AttributeType::B,
            &plain,
            size,
            show_values,
        ));
    }
    let plain = encode::display(column, row);
    let size = bytes.map_or(plain.len(), <[u8]>::len) as u64;
    let attribute_type = column.column.kind.attribute_type();
    Some(ExampleValue::new(name, attribute_type, &plain, size, show_values))
}

/// What hashes are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HashOf {
    /// Whole keys, as [`keys::hash`] makes them.
    Key,
    /// Partition key values, as [`frequent::hash`] makes them.
    Frequent,
    /// Whole rows, as [`keys::hash`] makes them.
    Row,
}

/// Finds keys by their hashes, and where they lie.
pub(crate) struct FindKeys {
    columns: Vec<Column>,
    /// Positions of the key's parts among the columns, in the key's order.
    key: Vec<usize>,
    wanted: Vec<(KeyHash, Option<Example>)>,
    hash_of: HashOf,
    show_values: bool,
    /// The copy's prefix, below which objects are named.
    prefix: String,
    object: String,
    /// Rows of the object before this batch.
    row: u64,
    form: Vec<u8>,
}

impl FindKeys {
    /// Looks for these hashes of the key made of the columns `names`, which are all of `columns`, in the copy at
    /// `prefix`.
    pub(crate) fn new(
        prefix: &str,
        columns: Vec<Column>,
        names: &[String],
        wanted: &[KeyHash],
        hash_of: HashOf,
        show_values: bool,
    ) -> Self {
        Self {
            prefix: prefix.to_owned(),
            key: names
                .iter()
                .filter_map(|name| columns.iter().position(|column| column.name == *name))
                .collect(),
            columns,
            wanted: wanted.iter().map(|hash| (*hash, None)).collect(),
            hash_of,
            show_values,
            object: String::new(),
            row: 0,
            form: Vec::new(),
        }
    }

    /// Whether every key was found in as many places as are told.
    pub(crate) fn is_done(&self) -> bool {
        let enough = match self.hash_of {
            HashOf::Key | HashOf::Row => PLACES_MAX,
            HashOf::Frequent => 1,
        };
        self.wanted.iter().all(|(_, found)| {
            found
                .as_ref()
                .is_some_and(|example| example.places.len() >= enough)
        })
    }

    /// What was found.
    pub(crate) fn examples(self) -> Vec<Example> {
        self.wanted.into_iter().filter_map(|(_, found)| found).collect()
    }
}

impl Work for FindKeys {
    fn begin(&mut self, key: &str) {
        (self.object, self.row) = (below(&self.prefix, key), 0);
    }

    fn batch(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        if self.is_done() {
            return Ok(());
        }
        let columns = Columns::of(batch, &self.columns).map_err(|cause| keys::unfit(&cause))?;
        let parts: Vec<_> = self
            .key
            .iter()
            .filter_map(|position| columns.columns.get(*position))
            .collect();
        for row in 0..columns.rows {
            // A row without a key is no duplicate of another one, unless it is one as a whole.
            if self.hash_of != HashOf::Row && parts.iter().any(|part| part.is_null(row)) {
                continue;
            }
            self.form.clear();
            for part in &parts {
                part.canonical(row, &mut self.form);
            }
            let hash = match self.hash_of {
                HashOf::Key | HashOf::Row => keys::hash(&self.form),
                HashOf::Frequent => frequent::hash(&self.form).into(),
            };
            let Some((_, found)) = self.wanted.iter_mut().find(|(wanted, _)| *wanted == hash) else {
                continue;
            };
            let example = found.get_or_insert_with(|| Example {
                values: parts
                    .iter()
                    .filter_map(|part| value(part, row, self.show_values))
                    .take(VALUES_MAX)
                    .collect(),
                ..Example::default()
            });
            if example.places.len() < PLACES_MAX {
                example.places.push(Place {
                    object: self.object.clone(),
                    row: self.row + row as u64 + 1,
                });
            }
        }
        self.row += columns.rows as u64;
        Ok(())
    }
}
