//! What footers say of a table's columns without a row being read: NULLs, ranges, sizes.
//!
//! Writers may leave any of it out, and a range may be truncated, so it can speak against a key or for a note, and never
//! prove that a key is one.

use parquet::basic::{ConvertedType, Type as PhysicalType};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::statistics::Statistics as ChunkStatistics;
use recovery::table::Column;
use recovery::types::{AttributeType, ColumnKind};

use crate::footer::Footer;

/// Bytes of a text range's ends that are kept.
const END_BYTES_MAX: usize = 16;

/// A number, an instant or a double as text takes at most so many bytes of an item.
const NUMBER_BYTES_MAX: u64 = 40;

/// A number takes about so many bytes of an item.
const NUMBER_BYTES: u64 = 6;

/// An instant's text takes so many.
const INSTANT_BYTES: u64 = 20;

/// What footers say of one table.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Statistics {
    pub(crate) rows: u64,
    /// No item can be larger than this: the most that the columns of one row group hold together.
    pub(crate) item_bytes_max: u64,
    /// By column, in the table's order.
    pub(crate) columns: Vec<ColumnStatistics>,
}

/// What footers say of one column.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ColumnStatistics {
    /// Rows that are NULL in it; `None` where a footer does not say.
    pub(crate) nulls: Option<u64>,
    /// Between what its values lie.
    pub(crate) range: Range,
    /// Bytes of its values in items, about.
    pub(crate) bytes: u64,
}

/// Between what values lie.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Range {
    /// There is no value.
    #[default]
    Nothing,
    Integers(i128, i128),
    Doubles(f64, f64),
    /// The first bytes of the least and of the greatest value.
    Bytes(Vec<u8>, Vec<u8>),
    /// Some footer does not say.
    Unknown,
}

impl Statistics {
    /// Of no object.
    pub(crate) fn new(columns: usize) -> Self {
        Self {
            columns: vec![
                ColumnStatistics {
                    nulls: Some(0),
                    ..ColumnStatistics::default()
                };
                columns
            ],
            ..Self::default()
        }
    }

    /// Of the object with this footer.
    pub(crate) fn of(footer: &Footer, columns: &[Column]) -> Self {
        let mut statistics = Self::new(columns.len());
        statistics.add(footer, columns);
        statistics
    }

    /// Adds those of another object of the same columns.
    pub(crate) fn merge(&mut self, other: Self) {
        self.rows += other.rows;
        self.item_bytes_max = self.item_bytes_max.max(other.item_bytes_max);
        for (mine, theirs) in self.columns.iter_mut().zip(other.columns) {
            mine.nulls = mine
                .nulls
                .zip(theirs.nulls)
                .map(|(mine, more)| mine.saturating_add(more));
            mine.range = std::mem::take(&mut mine.range).with(theirs.range);
            mine.bytes = mine.bytes.saturating_add(theirs.bytes);
        }
    }

    fn add(&mut self, footer: &Footer, columns: &[Column]) {
        let names: u64 = columns.iter().map(|column| column.name.len() as u64).sum();
        for group in footer.metadata().row_groups() {
            let rows = group.num_rows().cast_unsigned();
            self.rows += rows;
            let mut item_bytes_max = names;
            for (column, statistics) in columns.iter().zip(&mut self.columns) {
                let chunk = group
                    .columns()
                    .iter()
                    .find(|chunk| chunk.column_descr().name() == column.name);
                let Some(chunk) = chunk else {
                    statistics.nulls = None;
                    statistics.range = Range::Unknown;
                    continue;
                };
                item_bytes_max = item_bytes_max.saturating_add(statistics.add(chunk, column, rows));
            }
            self.item_bytes_max = self.item_bytes_max.max(item_bytes_max);
        }
    }

    /// Bytes of all items, about: dictionaries make text look smaller than it is.
    pub(crate) fn bytes(&self, columns: &[Column]) -> u64 {
        let names: u64 = columns.iter().map(|column| column.name.len() as u64).sum();
        let values = self.columns.iter().map(|column| column.bytes);
        values.fold(self.rows.saturating_mul(names), u64::saturating_add)
    }
}

impl ColumnStatistics {
    /// Adds a column chunk and gives the most bytes that one value of it can take in an item.
    fn add(&mut self, chunk: &ColumnChunkMetaData, column: &Column, rows: u64) -> u64 {
        let statistics = chunk.statistics();
        let nulls = statistics.and_then(ChunkStatistics::null_count_opt);
        self.nulls = self
            .nulls
            .zip(nulls)
            .map(|(mine, more)| mine.saturating_add(more));
        let is_empty = nulls == Some(rows);
        let range = match statistics {
            _ if is_empty => Range::Nothing,
            Some(statistics) => range(chunk, statistics),
            None => Range::Unknown,
        };
        self.range = std::mem::take(&mut self.range).with(range);
        // Every value lies in its chunk in full at least once, whatever the encoding.
        let whole = chunk.uncompressed_size().cast_unsigned();
        let (each, most) = match (column.kind, chunk.column_type()) {
            (_, PhysicalType::BYTE_ARRAY) => {
                let unencoded = chunk.unencoded_byte_array_data_bytes();
                let unencoded = unencoded.and_then(|bytes| u64::try_from(bytes).ok());
                (unencoded.unwrap_or(whole), whole)
            }
            (ColumnKind::DateTime | ColumnKind::Timestamp, _) => (rows * INSTANT_BYTES, NUMBER_BYTES_MAX),
            (kind, _) if kind.attribute_type() == AttributeType::N => (rows * NUMBER_BYTES, NUMBER_BYTES_MAX),
            _ => (whole, whole.max(NUMBER_BYTES_MAX)),
        };
        self.bytes = self.bytes.saturating_add(each);
        most
    }

    /// Whether so many rows cannot all be different in it: whole numbers between two ends are only so many.
    pub(crate) fn repeats(&self, rows: u64) -> bool {
        match self.range {
            Range::Integers(min, max) => {
                let distinct = max.saturating_sub(min).saturating_add(1);
                distinct < i128::from(rows)
            }
            _ => false,
        }
    }
}

impl Range {
    fn with(self, other: Self) -> Self {
        match (self, other) {
            (Self::Nothing, range) | (range, Self::Nothing) => range,
            (Self::Integers(a, b), Self::Integers(c, d)) => Self::Integers(a.min(c), b.max(d)),
            (Self::Doubles(a, b), Self::Doubles(c, d)) => Self::Doubles(a.min(c), b.max(d)),
            (Self::Bytes(a, b), Self::Bytes(c, d)) => Self::Bytes(a.min(c), b.max(d)),
            _ => Self::Unknown,
        }
    }
}

fn range(chunk: &ColumnChunkMetaData, statistics: &ChunkStatistics) -> Range {
    let is_unsigned = matches!(
        chunk.column_descr().converted_type(),
        ConvertedType::UINT_8 | ConvertedType::UINT_16 | ConvertedType::UINT_32 | ConvertedType::UINT_64
    );
    let found = match statistics {
        ChunkStatistics::Int32(values) if !is_unsigned => values
            .min_opt()
            .zip(values.max_opt())
            .map(|(min, max)| Range::Integers((*min).into(), (*max).into())),
        ChunkStatistics::Int64(values) if !is_unsigned => values
            .min_opt()
            .zip(values.max_opt())
            .map(|(min, max)| Range::Integers((*min).into(), (*max).into())),
        ChunkStatistics::Float(values) => values
            .min_opt()
            .zip(values.max_opt())
            .map(|(min, max)| Range::Doubles((*min).into(), (*max).into())),
        ChunkStatistics::Double(values) => values
            .min_opt()
            .zip(values.max_opt())
            .map(|(min, max)| Range::Doubles(*min, *max)),
        // The deprecated fields compare bytes as signed numbers.
        ChunkStatistics::ByteArray(values) if !statistics.is_min_max_deprecated() => {
            let end = |bytes: &[u8]| bytes[..bytes.len().min(END_BYTES_MAX)].to_vec();
            values
                .min_opt()
                .zip(values.max_opt())
                .map(|(min, max)| Range::Bytes(end(min.data()), end(max.data())))
        }
        _ => None,
    };
    found.unwrap_or(Range::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_grow_and_whole_numbers_are_only_so_many() {
        let range = Range::Integers(1, 10)
            .with(Range::Nothing)
            .with(Range::Integers(-2, 5));
        assert_eq!(range, Range::Integers(-2, 10));
        let column = ColumnStatistics {
            range,
            ..ColumnStatistics::default()
        };
        assert!(column.repeats(14) && !column.repeats(13));
        assert_eq!(Range::Integers(1, 2).with(Range::Unknown), Range::Unknown);
        assert!(!ColumnStatistics::default().repeats(5));
        let all = ColumnStatistics {
            range: Range::Integers(i128::from(i64::MIN), i128::from(i64::MAX)),
            ..ColumnStatistics::default()
        };
        assert!(!all.repeats(u64::MAX));
    }
}
