//! Items of one table into Parquet files of its original schema: bounded memory, one row group at a time.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use aws::dynamodb::{Item, ValueRef};
use parquet::basic::{Compression, GzipLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesPtr};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{Type, TypePtr};
use recovery::parquet_type::ParquetType;
use recovery::schema_record::TableSchema;
use recovery::table::Column;

use super::column_chunk::ColumnChunk;
use crate::row::{AddedKey, CanonicalValue, next_canonical, readback};
use crate::{Error, MultisetHash, Refusal, parquet_type};

/// A row group ends after so many rows or bytes, whichever comes first; the bytes bound memory.
const ROW_GROUP_ROWS: usize = 10_000;
const ROW_GROUP_BYTES: usize = 8 << 20;

/// A file ends after so many bytes of values, of which gzip makes a few MB: the size that RDS writes.
const FILE_BYTES: usize = 48 << 20;

/// Longest part of a key that an error shows.
const KEY_CHARS_SHOWN: usize = 80;

/// What every writer of one table shares.
#[derive(Debug)]
pub(super) struct TableFiles {
    pub(super) table: TableSchema,
    /// Where the files go.
    pub(super) folder: PathBuf,
    columns: Vec<Column>,
    added: Option<AddedKey>,
    types: Vec<ParquetType>,
    schema: TypePtr,
    properties: WriterPropertiesPtr,
    /// The next file's number.
    next: AtomicU32,
}

/// What one writer, or all of a table, have written.
#[derive(Clone, Debug, Default)]
pub(super) struct Written {
    pub(super) rows: u64,
    pub(super) files: u64,
    pub(super) bytes: u64,
    /// The hash of the rows, as a proof makes it.
    pub(super) hash: MultisetHash,
}

impl Written {
    pub(super) fn add(&mut self, other: &Self) {
        self.rows += other.rows;
        self.files += other.files;
        self.bytes += other.bytes;
        self.hash.add(&other.hash);
    }
}

impl TableFiles {
    /// Files of `table` in `folder`, which is there and empty.
    pub(super) fn new(table: &TableSchema, folder: PathBuf) -> Result<Self, Error> {
        let columns: Vec<Column> = table.columns.iter().map(|column| column.column.clone()).collect();
        let mut types = Vec::new();
        let mut fields = Vec::new();
        for column in &columns {
            let unknown = |cause: String| {
                Refusal::new(
                    "unknown_parquet_type",
                    format!("{}.{}", table.source, column.name),
                    cause,
                    "Only a table that had Parquet objects when it was restored can be exported again.",
                )
            };
            let parquet: ParquetType = column
                .parquet_type
                .parse()
                .map_err(|_| unknown(format!("its Parquet type is {}", column.parquet_type)))?;
            let field = parquet_type::field(&column.name, parquet, column.nullable)
                .map_err(|error| unknown(error.to_string()))?;
            types.push(parquet);
            fields.push(Arc::new(field));
        }
        let schema = Type::group_type_builder("spark_schema")
            .with_fields(fields)
            .build()
            .map_err(|error| failed("describing", &folder, &error))?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::GZIP(GzipLevel::default()))
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_offset_index_disabled(true)
            .build();
        Ok(Self {
            table: table.clone(),
            folder,
            columns,
            added: AddedKey::of(&table.key, table.rows),
            types,
            schema: Arc::new(schema),
            properties: Arc::new(properties),
            next: AtomicU32::new(0),
        })
    }

    /// Begins to write; several writers may do so at once, each into files of its own.
    pub(super) fn writer(self: &Arc<Self>) -> RowWriter {
        let chunk = |(parquet, column): (&ParquetType, &Column)| ColumnChunk::new(*parquet, column.nullable);
        RowWriter {
            chunks: self.types.iter().zip(&self.columns).map(chunk).collect(),
            files: Arc::clone(self),
            group_rows: 0,
            group_bytes: 0,
            file: None,
            form: Vec::new(),
            written: Written::default(),
        }
    }

    /// An item that no restore of this table wrote.
    fn foreign(&self, item: &Item, cause: &str) -> Error {
        let key = &self.table.key;
        let key: Vec<String> = std::iter::once(&key.partition)
            .chain(&key.sort)
            .map(|part| format!("{}={}", part.column, shown(item.get(&part.column))))
            .collect();
        Refusal::new(
            "foreign_item",
            self.table.target.to_string(),
            format!("the item {} {cause}", key.join(", ")),
            "The table no longer holds what the restore wrote. Export one that does, or restore the copy again.",
        )
        .into()
    }
}

fn shown(value: Option<ValueRef<'_>>) -> String {
    let text = match value {
        Some(ValueRef::S(text) | ValueRef::N(text)) => text.to_owned(),
        Some(ValueRef::B(bytes)) => format!("0x{}", hex::encode(bytes)),
        _ => "?".to_owned(),
    };
    text.chars().take(KEY_CHARS_SHOWN).collect()
}

fn failed(operation: &'static str, path: &Path, error: &ParquetError) -> Error {
    Error::State {
        operation,
        subject: path.display().to_string(),
        cause: error.to_string(),
    }
}

/// Writes items, file after file. It blocks.
pub(super) struct RowWriter {
    files: Arc<TableFiles>,
    chunks: Vec<ColumnChunk>,
    group_rows: usize,
    group_bytes: usize,
    file: Option<OpenFile>,
    form: Vec<u8>,
    written: Written,
}

struct OpenFile {
    path: PathBuf,
    writer: SerializedFileWriter<BufWriter<File>>,
    bytes: usize,
}

impl RowWriter {
    /// Appends the row that an item is.
    ///
    /// The item is read as the proof reads it, so that what is written has the digest that is returned in the end.
    pub(super) fn push(&mut self, item: &Item) -> Result<(), Error> {
        let files = Arc::clone(&self.files);
        self.form.clear();
        readback::canonical_of(&files.columns, files.added.as_ref(), item, &mut self.form);
        self.written.hash.add_row(&self.form);
        let mut form = self.form.as_slice();
        for (column, chunk) in files.columns.iter().zip(&mut self.chunks) {
            let cause = match next_canonical(&mut form) {
                None => Some("cannot be read".to_owned()),
                Some(CanonicalValue::Missing) => Some("is missing".to_owned()),
                Some(CanonicalValue::Foreign | CanonicalValue::Extra(_) | CanonicalValue::OtherKey) => {
                    Some(format!("is not as {} is restored", column.parquet_type))
                }
                Some(value) => match chunk.push(value) {
                    Ok(bytes) => {
                        self.group_bytes += bytes;
                        None
                    }
                    Err(cause) => Some(cause),
                },
            };
            if let Some(cause) = cause {
                return Err(files.foreign(
                    item,
                    &format!("is not of the schema: attribute {} {cause}", column.name),
                ));
            }
        }
        let cause = match next_canonical(&mut form) {
            Some(CanonicalValue::Extra(name)) => Some(format!(
                "has the attribute {name}, which is no column of {}",
                files.table.source
            )),
            Some(_) => Some("has a key that the restore did not make of its other attributes".to_owned()),
            None => None,
        };
        if let Some(cause) = cause {
            return Err(files.foreign(item, &cause));
        }
        self.group_rows += 1;
        self.written.rows += 1;
        if self.group_rows >= ROW_GROUP_ROWS || self.group_bytes >= ROW_GROUP_BYTES {
            self.end_row_group()?;
        }
        Ok(())
    }

    /// Ends the last file. A writer without rows has none.
    pub(super) fn finish(mut self) -> Result<Written, Error> {
        self.end_row_group()?;
        self.end_file()?;
        Ok(self.written)
    }

    fn end_row_group(&mut self) -> Result<(), Error> {
        if self.group_rows == 0 {
            return Ok(());
        }
        let mut file = match self.file.take() {
            Some(file) => file,
            None => self.open_file()?,
        };
        let mut write = || {
            let mut group = file.writer.next_row_group()?;
            for chunk in &mut self.chunks {
                if let Some(column) = group.next_column()? {
                    chunk.write(column)?;
                }
            }
            group.close().map(drop)
        };
        write().map_err(|error| failed("writing", &file.path, &error))?;
        file.bytes += self.group_bytes;
        let is_full = file.bytes >= FILE_BYTES;
        self.file = Some(file);
        self.group_rows = 0;
        self.group_bytes = 0;
        if is_full { self.end_file() } else { Ok(()) }
    }

    fn open_file(&self) -> Result<OpenFile, Error> {
        let number = self.files.next.fetch_add(1, Ordering::Relaxed);
        let path = self
            .files
            .folder
            .join(format!("part-{number:05}-c000.gz.parquet"));
        let opened = File::create_new(&path)
            .map_err(ParquetError::from)
            .and_then(|file| {
                let (schema, properties) =
                    (Arc::clone(&self.files.schema), Arc::clone(&self.files.properties));
                SerializedFileWriter::new(BufWriter::new(file), schema, properties)
            });
        match opened {
            Ok(writer) => Ok(OpenFile {
                path,
                writer,
                bytes: 0,
            }),
            Err(error) => Err(failed("creating", &path, &error)),
        }
    }

    fn end_file(&mut self) -> Result<(), Error> {
        let Some(OpenFile { path, writer, .. }) = self.file.take() else {
            return Ok(());
        };
        let end = || {
            let file = writer
                .into_inner()?
                .into_inner()
                .map_err(|error| ParquetError::from(error.into_error()))?;
            file.sync_all()?;
            Ok(file.metadata()?.len())
        };
        self.written.bytes += end().map_err(|error| failed("writing", &path, &error))?;
        self.written.files += 1;
        Ok(())
    }
}
