//! A Parquet footer, read by ranges, and whether it can be true of an object of that size.

use std::ops::Range;
use std::sync::Arc;

use aws::Cloud;
use aws::s3::BucketRef;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::basic::{ConvertedType, LogicalType, Type as PhysicalType};
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataOptions, ParquetMetaDataReader};
use parquet::schema::types::{SchemaDescriptor, Type};
use tokio_util::sync::CancellationToken;

use crate::{Error, Refusal, retry};

mod schema_claims;

/// The magic number, which an object also begins with.
const MAGIC: u64 = 4;

/// The footer's length and the magic number.
const TAIL: u64 = 4 + MAGIC;

/// Read with the tail, so that nearly every footer costs one request.
const TAIL_GUESS: u64 = 64 * 1024;

/// The largest footer that is read: tens of thousands of row groups or columns.
const FOOTER_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// The most rows of an object that is read: sums over all objects of a copy then stay within 64 bits.
const ROWS_MAX: u64 = 1 << 40;

/// What a footer says, in two readings.
#[derive(Clone, Debug)]
pub(crate) struct Footer {
    /// The schema as it was written, which column kinds come from.
    pub(crate) schema: Arc<SchemaDescriptor>,
    /// How the rows are read: all byte arrays as bytes, INT96 as its twelve bytes. Whether they are UTF-8 is looked at
    /// value by value, where a reader would fail a whole batch; and an INT96 reaches beyond the nanoseconds in 64 bits
    /// (1677 to 2262) that a reader would make of it, and wraps silently there.
    pub(crate) reading: ArrowReaderMetadata,
}

impl Footer {
    /// The metadata.
    pub(crate) fn metadata(&self) -> &Arc<ParquetMetaData> {
        self.reading.metadata()
    }

    /// Rows of each row group.
    pub(crate) fn row_groups(&self) -> Vec<u64> {
        let groups = self.metadata().row_groups();
        groups
            .iter()
            .map(|group| group.num_rows().cast_unsigned())
            .collect()
    }

    /// The most bytes that a row takes on average in one of these row groups, decoded.
    pub(crate) fn row_bytes(&self, row_groups: Range<usize>) -> u64 {
        let groups = self.metadata().row_groups().get(row_groups).unwrap_or_default();
        groups
            .iter()
            .map(|group| group.total_byte_size().cast_unsigned() / group.num_rows().cast_unsigned().max(1))
            .max()
            .unwrap_or_default()
    }
}

/// A refusal of an object whose content cannot be right.
pub(crate) fn damaged(uri: &str, cause: impl Into<String>) -> Error {
    Refusal::new(
        "damaged_object",
        uri,
        cause,
        "The object is truncated or damaged. Verify the copy, and restore from another Region's copy or export the \
         recovery point again.",
    )
    .into()
}

/// Reads the footer of an object of `size` bytes.
pub(crate) async fn read(
    cloud: &Cloud,
    bucket: &BucketRef,
    key: &str,
    size: u64,
    etag: &str,
    cancel: &CancellationToken,
) -> Result<Footer, Error> {
    let uri = bucket.uri(key);
    let from = size - TAIL_GUESS.min(size);
    let tail = retry::transient(cancel, || cloud.get_range(bucket, key, Some(etag), from..size)).await?;
    let place = place(&tail, size).map_err(|cause| damaged(&uri, cause))?;
    let footer = if place.start >= from {
        // Both are within the tail, whose length is a usize.
        let [start, end] = [place.start, place.end].map(|at| usize::try_from(at - from).unwrap_or_default());
        tail.slice(start..end)
    } else {
        retry::transient(cancel, || cloud.get_range(bucket, key, Some(etag), place.clone())).await?
    };
    parse(&footer, place.start).map_err(|cause| damaged(&uri, cause))
}

/// Where the footer lies in an object of `size` bytes that ends with `tail`.
pub(crate) fn place(tail: &[u8], size: u64) -> Result<Range<u64>, String> {
    let length = match tail.last_chunk::<8>() {
        _ if size < TAIL + MAGIC => return Err(format!("an object of {size} bytes is no Parquet file")),
        Some([a, b, c, d, b'P', b'A', b'R', b'1']) => u64::from(u32::from_le_bytes([*a, *b, *c, *d])),
        Some([.., b'P', b'A', b'R', b'E']) => {
            return Err("its footer is encrypted, which RDS never does".to_owned());
        }
        _ => return Err("it does not end as a Parquet file does: its end is missing".to_owned()),
    };
    if length + TAIL + MAGIC > size {
        return Err(format!("its footer claims {length} bytes of an object of {size}"));
    }
    if length > FOOTER_BYTES_MAX {
        return Err(format!("its footer claims {length} bytes"));
    }
    let end = size - TAIL;
    Ok(end - length..end)
}

/// Parses a footer that begins at `data_end` in its object.
pub(crate) fn parse(footer: &[u8], data_end: u64) -> Result<Footer, String> {
    let broken = |error: parquet::errors::ParquetError| format!("its footer cannot be read: {error}");
    schema_claims::check(footer)?;
    let schema = ParquetMetaDataReader::decode_schema(footer).map_err(broken)?;
    let plain = as_bytes(&schema).map_err(broken)?;
    let options = ParquetMetaDataOptions::new().with_schema(Arc::new(plain));
    let metadata =
        ParquetMetaDataReader::decode_metadata_with_options(footer, Some(&options)).map_err(broken)?;
    let mut rows_left = ROWS_MAX;
    for (index, group) in metadata.row_groups().iter().enumerate() {
        rows_left = u64::try_from(group.num_rows())
            .ok()
            .and_then(|rows| rows_left.checked_sub(rows))
            .ok_or_else(|| {
                let rows = group.num_rows();
                format!("row group {index} claims {rows} rows, and an object has {ROWS_MAX} at most")
            })?;
        if group.total_byte_size() < 0 {
            return Err(format!(
                "row group {index} claims {} bytes",
                group.total_byte_size()
            ));
        }
        for column in group.columns() {
            let start = column
                .dictionary_page_offset()
                .unwrap_or(column.data_page_offset());
            let end = start.checked_add(column.compressed_size());
            let fits = start >= 0
                && column.compressed_size() >= 0
                && column.uncompressed_size() >= 0
                && end.is_some_and(|end| end.cast_unsigned() <= data_end);
            if !fits {
                return Err(format!(
                    "row group {index} claims bytes of column {} that the object does not have",
                    column.column_path()
                ));
            }
        }
    }
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let reading = ArrowReaderMetadata::try_new(Arc::new(metadata), options).map_err(broken)?;
    Ok(Footer { schema, reading })
}

/// The bytes of an INT96: nanoseconds of the day (8, little-endian), then the Julian day (4, little-endian).
pub(crate) const INT96_BYTES: i32 = 12;

/// The schema with every byte array that isn't a DECIMAL, and every INT96, taken as plain bytes. An INT96 lies in its
/// pages exactly as a FIXED_LEN_BYTE_ARRAY(12) does.
fn as_bytes(schema: &SchemaDescriptor) -> Result<SchemaDescriptor, parquet::errors::ParquetError> {
    let mut fields = Vec::new();
    for field in schema.root_schema().get_fields() {
        let plain = match field.is_primitive().then(|| field.get_physical_type()) {
            Some(PhysicalType::BYTE_ARRAY) if !is_decimal(field) => {
                Type::primitive_type_builder(field.name(), PhysicalType::BYTE_ARRAY)
            }
            Some(PhysicalType::INT96) => {
                Type::primitive_type_builder(field.name(), PhysicalType::FIXED_LEN_BYTE_ARRAY)
                    .with_length(INT96_BYTES)
            }
            _ => {
                fields.push(Arc::clone(field));
                continue;
            }
        };
        let info = field.get_basic_info();
        let plain = plain
            .with_repetition(info.repetition())
            .with_id(info.has_id().then(|| info.id()))
            .build()?;
        fields.push(Arc::new(plain));
    }
    let root = Type::group_type_builder(schema.root_schema().name())
        .with_fields(fields)
        .build()?;
    Ok(SchemaDescriptor::new(Arc::new(root)))
}

fn is_decimal(field: &Type) -> bool {
    let info = field.get_basic_info();
    info.converted_type() == ConvertedType::DECIMAL
        || matches!(info.logical_type_ref(), Some(LogicalType::Decimal(_)))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use parquet::file::metadata::{
        ColumnChunkMetaData, FileMetaData, ParquetMetaDataWriter, RowGroupMetaData,
    };
    use parquet::schema::parser::parse_message_type;

    use super::*;

    /// What is wrong with the footer of an object whose row groups claim so many rows each.
    fn fault(rows: &[i64]) -> Option<String> {
        let schema = parse_message_type("message m { required int64 id; }").unwrap();
        let schema = Arc::new(SchemaDescriptor::new(Arc::new(schema)));
        let group = |rows: &i64| {
            let column = ColumnChunkMetaData::builder(schema.column(0)).build().unwrap();
            RowGroupMetaData::builder(Arc::clone(&schema))
                .set_num_rows(*rows)
                .set_column_metadata(vec![column])
                .build()
                .unwrap()
        };
        let groups = rows.iter().map(group).collect();
        let file = FileMetaData::new(1, 0, None, None, Arc::clone(&schema), None);
        let mut object = b"PAR1".to_vec();
        let metadata = ParquetMetaData::new(file, groups);
        ParquetMetaDataWriter::new(&mut object, &metadata)
            .finish()
            .unwrap();
        let place = place(&object, object.len() as u64).unwrap();
        let footer = &object[4..object.len() - 8];
        assert_eq!(place.end - place.start, footer.len() as u64);
        parse(footer, place.start).err()
    }

    #[test]
    fn footers_that_once_took_all_memory_or_stack_are_refused() {
        let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds/footer");
        for (seed, words) in [
            ("claims_more_children", "claims more columns than it has"),
            ("hides_its_children", "is no Thrift"),
            ("nests_too_deep", "nest deeper than 64"),
        ] {
            let object = std::fs::read(seeds.join(seed)).unwrap();
            let footer = &object[4..object.len() - 8];
            let fault = parse(footer, 4).unwrap_err();
            assert!(fault.contains(words), "{seed}: {fault}");
        }
    }

    #[test]
    fn sums_of_rows_stay_within_64_bits() {
        let most = ROWS_MAX.cast_signed();
        assert_eq!(fault(&[most - 1, 1]), None);
        for (rows, words) in [
            (&[most, 1][..], "row group 1 claims 1 rows"),
            (&[-1], "claims -1 rows"),
        ] {
            assert!(fault(rows).unwrap().contains(words), "{rows:?}");
        }
    }

    #[test]
    fn an_object_without_its_end_is_told_from_a_whole_one() {
        assert_eq!(place(b"xxxx\x10\0\0\0PAR1", 100), Ok(76..92));
        let faults: [(&[u8], u64, &str); 4] = [
            (b"xxxx\x10\0\0\0PARE", 100, "encrypted"),
            (b"xxxxxxxxxxxx", 100, "its end is missing"),
            (b"\x59\0\0\0PAR1", 100, "claims 89 bytes of an object of 100"),
            (b"\0\0\0\0PAR1", 8, "8 bytes is no Parquet file"),
        ];
        for (tail, size, words) in faults {
            assert!(place(tail, size).unwrap_err().contains(words), "{words}");
        }
    }
}
