//! Rows of one table into the Parquet parts of an export: bounded memory, one row group at a time.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parquet::basic::{Compression, GzipLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesPtr};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::TypePtr;
use serde::{Deserialize, Serialize};

use super::ParquetType;
use super::column_buffer::{ColumnBuffer, Unrepresentable};
use super::parquet_type::schema;
use crate::database::{Row, Table};

/// A row group ends after so many rows or bytes of text, whichever comes first; the bytes bound memory.
const ROW_GROUP_ROWS: u64 = 10_000;
const ROW_GROUP_BYTES: usize = 16 << 20;

/// A part ends after so many bytes of text: gzip makes 1 to 10 MB of them.
const PART_BYTES: usize = 48 << 20;

/// Rows of a part where the table's size is known beforehand, about what Spark's partitioning gives.
const PART_ROWS: u64 = 30_000;

/// Rows are skipped by RDS when they near 2 GB; a value near 500 MB fails the export.
const VALUE_BYTES: usize = 500_000_000;

/// One Parquet file on disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Where it lies until it is in the bucket.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// Its rows.
    pub rows: u64,
}

/// A whole table on disk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// In order.
    pub parts: Vec<Part>,
    /// Bytes of all values as text: what the export says was extracted.
    pub extracted_bytes: u64,
}

impl Written {
    /// The rows of all parts.
    pub fn rows(&self) -> u64 {
        self.parts.iter().map(|part| part.rows).sum()
    }
}

/// Why a table could not be written.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// A value does not fit the column's Parquet type. Nothing of the table is exported: never an altered value.
    #[error("column {column}: {value}")]
    Unrepresentable {
        /// The column.
        column: String,
        /// The value and why.
        value: Unrepresentable,
    },
    /// A value is too large to export.
    #[error("column {column} holds a value of {bytes} bytes; RDS exports none near 500 MB")]
    TooLarge {
        /// The column.
        column: String,
        /// The value's size.
        bytes: usize,
    },
    /// The Parquet writer or the disk under it failed.
    #[error("writing {}: {cause}; check the space left under the data folder", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the writer said.
        cause: parquet::errors::ParquetError,
    },
}

/// Writes one table.
pub struct TableWriter<'a> {
    table: &'a Table,
    folder: &'a Path,
    schema: TypePtr,
    properties: WriterPropertiesPtr,
    part_rows: u64,
    buffers: Vec<ColumnBuffer>,
    group_rows: u64,
    group_bytes: usize,
    part: Option<OpenPart>,
    written: Written,
}

struct OpenPart {
    path: PathBuf,
    writer: SerializedFileWriter<BufWriter<File>>,
    rows: u64,
    bytes: usize,
}

impl<'a> TableWriter<'a> {
    /// Begins to write `table` into files of `folder`, which exists. `rows` is how many will come, if that is known:
    /// they are spread evenly over the parts.
    pub fn new(table: &'a Table, rows: Option<u64>, folder: &'a Path) -> Result<Self, TableError> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::GZIP(GzipLevel::try_new(4).unwrap_or_default()))
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_offset_index_disabled(true)
            .build();
        let part_rows = rows.map_or(u64::MAX, |rows| {
            rows.div_ceil(rows.div_ceil(PART_ROWS).max(1)).max(1)
        });
        let schema = schema(&table.columns).map_err(|cause| TableError::Write {
            path: folder.to_owned(),
            cause,
        })?;
        let buffers = table
            .columns
            .iter()
            .map(|column| ColumnBuffer::new(ParquetType::of(column.kind)))
            .collect();
        Ok(Self {
            table,
            folder,
            schema,
            properties: Arc::new(properties),
            part_rows,
            buffers,
            group_rows: 0,
            group_bytes: 0,
            part: None,
            written: Written::default(),
        })
    }

    /// Appends a row.
    pub fn push(&mut self, row: &Row) -> Result<(), TableError> {
        for ((column, buffer), value) in self.table.columns.iter().zip(&mut self.buffers).zip(row.values()) {
            let bytes = value.map_or(0, <[u8]>::len);
            if bytes >= VALUE_BYTES {
                return Err(TableError::TooLarge {
                    column: column.name.clone(),
                    bytes,
                });
            }
            buffer.push(value).map_err(|value| TableError::Unrepresentable {
                column: column.name.clone(),
                value,
            })?;
        }
        self.group_rows += 1;
        self.group_bytes += row.size();
        self.written.extracted_bytes += row.size() as u64;
        let part_rows = self.part.as_ref().map_or(0, |part| part.rows) + self.group_rows;
        let part_bytes = self.part.as_ref().map_or(0, |part| part.bytes) + self.group_bytes;
        let part_full = part_rows >= self.part_rows || part_bytes >= PART_BYTES;
        if part_full || self.group_rows >= ROW_GROUP_ROWS || self.group_bytes >= ROW_GROUP_BYTES {
            self.end_row_group()?;
        }
        if part_full {
            self.end_part()?;
        }
        Ok(())
    }

    /// Ends the last part. A table without rows has none.
    pub fn finish(mut self) -> Result<Written, TableError> {
        self.end_row_group()?;
        self.end_part()?;
        Ok(self.written)
    }

    fn end_row_group(&mut self) -> Result<(), TableError> {
        if self.group_rows == 0 {
            return Ok(());
        }
        if self.part.is_none() {
            self.part = Some(self.open_part()?);
        }
        let Some(part) = &mut self.part else { return Ok(()) };
        let path = part.path.clone();
        let failed = |cause| TableError::Write {
            path: path.clone(),
            cause,
        };
        let mut group = part.writer.next_row_group().map_err(failed)?;
        for buffer in &mut self.buffers {
            if let Some(column) = group.next_column().map_err(failed)? {
                buffer.write(column).map_err(failed)?;
            }
        }
        group.close().map_err(failed)?;
        part.rows += self.group_rows;
        part.bytes += self.group_bytes;
        self.group_rows = 0;
        self.group_bytes = 0;
        Ok(())
    }

    fn open_part(&self) -> Result<OpenPart, TableError> {
        let path = self
            .folder
            .join(format!("{:05}.gz.parquet", self.written.parts.len()));
        let failed = |cause| TableError::Write {
            path: path.clone(),
            cause,
        };
        let file = File::create(&path).map_err(|error| failed(error.into()))?;
        let writer = SerializedFileWriter::new(
            BufWriter::new(file),
            Arc::clone(&self.schema),
            Arc::clone(&self.properties),
        )
        .map_err(failed)?;
        Ok(OpenPart {
            path,
            writer,
            rows: 0,
            bytes: 0,
        })
    }

    fn end_part(&mut self) -> Result<(), TableError> {
        let Some(mut part) = self.part.take() else {
            return Ok(());
        };
        let failed = |cause| TableError::Write {
            path: part.path.clone(),
            cause,
        };
        part.writer.finish().map_err(failed)?;
        let bytes = std::fs::metadata(&part.path)
            .map_err(|error| failed(error.into()))?
            .len();
        self.written.parts.push(Part {
            path: part.path,
            bytes,
            rows: part.rows,
        });
        Ok(())
    }
}
