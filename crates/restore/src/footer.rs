//! A Parquet footer, read by ranges, and whether it can be true of an object of that size.

use std::sync::Arc;

use aws::Cloud;
use aws::s3::BucketRef;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::basic::{ConvertedType, LogicalType, Type as PhysicalType};
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataOptions, ParquetMetaDataReader};
use parquet::schema::types::{SchemaDescriptor, Type};
use tokio_util::sync::CancellationToken;

use crate::{Error, Refusal, retry};

/// The footer's length and the magic number.
const TAIL: u64 = 8;

/// Read with the tail, so that nearly every footer costs one request.
const TAIL_GUESS: u64 = 64 * 1024;

/// The largest footer that is read: tens of thousands of row groups or columns.
const FOOTER_BYTES_MAX: u64 = 64 * 1024 * 1024;

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
    pub(crate) fn row_bytes(&self, row_groups: std::ops::Range<usize>) -> u64 {
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
    if size < TAIL + 4 {
        return Err(damaged(
            &uri,
            format!("an object of {size} bytes is no Parquet file"),
        ));
    }
    let from = size - TAIL_GUESS.min(size);
    let tail = retry::transient(cancel, || cloud.get_range(bucket, key, Some(etag), from..size)).await?;
    let length = footer_length(&tail).map_err(|cause| damaged(&uri, cause))?;
    if length + TAIL + 4 > size {
        return Err(damaged(
            &uri,
            format!("its footer claims {length} bytes of an object of {size}"),
        ));
    }
    if length > FOOTER_BYTES_MAX {
        return Err(damaged(&uri, format!("its footer claims {length} bytes")));
    }
    let start = size - TAIL - length;
    let footer = if length + TAIL <= tail.len() as u64 {
        let from = tail.len() - usize::try_from(length + TAIL).unwrap_or(tail.len());
        tail.slice(from..tail.len() - 8)
    } else {
        let end = size - TAIL;
        retry::transient(cancel, || cloud.get_range(bucket, key, Some(etag), start..end)).await?
    };
    parse(&footer, start).map_err(|cause| damaged(&uri, cause))
}

fn footer_length(tail: &[u8]) -> Result<u64, String> {
    match tail.last_chunk::<8>() {
        Some([a, b, c, d, b'P', b'A', b'R', b'1']) => Ok(u64::from(u32::from_le_bytes([*a, *b, *c, *d]))),
        Some([.., b'P', b'A', b'R', b'E']) => Err("its footer is encrypted, which RDS never does".to_owned()),
        _ => Err("it does not end as a Parquet file does: its end is missing".to_owned()),
    }
}

/// Parses a footer that begins at `data_end` in its object.
fn parse(footer: &[u8], data_end: u64) -> Result<Footer, String> {
    let broken = |error: parquet::errors::ParquetError| format!("its footer cannot be read: {error}");
    let schema = ParquetMetaDataReader::decode_schema(footer).map_err(broken)?;
    let plain = as_bytes(&schema).map_err(broken)?;
    let options = ParquetMetaDataOptions::new().with_schema(Arc::new(plain));
    let metadata =
        ParquetMetaDataReader::decode_metadata_with_options(footer, Some(&options)).map_err(broken)?;
    for (index, group) in metadata.row_groups().iter().enumerate() {
        if group.num_rows() < 0 {
            return Err(format!("row group {index} claims {} rows", group.num_rows()));
        }
        for column in group.columns() {
            let start = column
                .dictionary_page_offset()
                .unwrap_or(column.data_page_offset());
            let end = start.checked_add(column.compressed_size());
            let fits = start >= 0
                && column.compressed_size() >= 0
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
    use super::*;

    #[test]
    fn an_object_without_its_end_is_told_from_a_whole_one() {
        assert_eq!(footer_length(b"xxxx\x10\x00\x00\x00PAR1"), Ok(16));
        assert!(
            footer_length(b"xxxx\x10\x00\x00\x00PARE")
                .unwrap_err()
                .contains("encrypted")
        );
        assert!(
            footer_length(b"xxxxxxxxxxxx")
                .unwrap_err()
                .contains("its end is missing")
        );
    }
}
