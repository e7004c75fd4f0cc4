//! Parquet files value by value as they lie: written and read with no reader or writer of ours between.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use parquet::column::reader::ColumnReader;
use parquet::column::writer::ColumnWriter;
use parquet::data_type::{ByteArray, FixedLenByteArray, Int96};
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{ChunkReader, FileReader as _, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::TypePtr;

/// A value as it lies in a file; floats by their bits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cell {
    Boolean(bool),
    Int32(i32),
    Int64(i64),
    Int96([u32; 3]),
    Float(u32),
    Double(u64),
    Bytes(Vec<u8>),
}

/// A row, NULL as `None`.
pub type Row = Vec<Option<Cell>>;

/// A file of these rows, whose schema is written as in `message m { … }`.
pub fn written(message: &str, rows: &[Row]) -> Vec<u8> {
    let schema = Arc::new(parse_message_type(message).unwrap());
    let optional: Vec<bool> = schema
        .get_fields()
        .iter()
        .map(|field| field.is_optional())
        .collect();
    let mut file = Vec::new();
    let mut writer =
        SerializedFileWriter::new(&mut file, schema, Arc::new(WriterProperties::default())).unwrap();
    // Two row groups, so that none of what is tried is so by there being one alone.
    for rows in rows.chunks(rows.len().div_ceil(2).max(1)) {
        let mut group = writer.next_row_group().unwrap();
        for (index, optional) in optional.iter().enumerate() {
            let levels: Vec<i16> = rows.iter().map(|row| i16::from(row[index].is_some())).collect();
            let levels = optional.then_some(levels.as_slice());
            let cells: Vec<&Cell> = rows.iter().filter_map(|row| row[index].as_ref()).collect();
            let mut column = group.next_column().unwrap().unwrap();
            write_cells(column.untyped(), &cells, levels);
            column.close().unwrap();
        }
        group.close().unwrap();
    }
    writer.close().unwrap();
    file
}

fn write_cells(writer: &mut ColumnWriter<'_>, cells: &[&Cell], levels: Option<&[i16]>) {
    /// The values of cells that are all of one form.
    macro_rules! values {
        ($pattern:pat => $value:expr) => {
            cells
                .iter()
                .map(|cell| match cell {
                    $pattern => $value,
                    other => panic!("{other:?} is not of its column's type"),
                })
                .collect::<Vec<_>>()
        };
    }
    let written = match writer {
        ColumnWriter::BoolColumnWriter(writer) => {
            writer.write_batch(&values!(Cell::Boolean(value) => *value), levels, None)
        }
        ColumnWriter::Int32ColumnWriter(writer) => {
            writer.write_batch(&values!(Cell::Int32(value) => *value), levels, None)
        }
        ColumnWriter::Int64ColumnWriter(writer) => {
            writer.write_batch(&values!(Cell::Int64(value) => *value), levels, None)
        }
        ColumnWriter::Int96ColumnWriter(writer) => writer.write_batch(
            &values!(Cell::Int96(value) => Int96::from(value.to_vec())),
            levels,
            None,
        ),
        ColumnWriter::FloatColumnWriter(writer) => {
            writer.write_batch(&values!(Cell::Float(bits) => f32::from_bits(*bits)), levels, None)
        }
        ColumnWriter::DoubleColumnWriter(writer) => writer.write_batch(
            &values!(Cell::Double(bits) => f64::from_bits(*bits)),
            levels,
            None,
        ),
        ColumnWriter::ByteArrayColumnWriter(writer) => writer.write_batch(
            &values!(Cell::Bytes(bytes) => ByteArray::from(bytes.clone())),
            levels,
            None,
        ),
        ColumnWriter::FixedLenByteArrayColumnWriter(writer) => {
            let values = values!(Cell::Bytes(bytes) => FixedLenByteArray::from(bytes.clone()));
            writer.write_batch(&values, levels, None)
        }
    };
    written.unwrap();
}

/// The fields and rows of a file on disk.
pub fn read_file(path: &Path) -> (Vec<TypePtr>, Vec<Row>) {
    read(File::open(path).unwrap())
}

/// The fields and rows of a file in memory.
pub fn read_bytes(file: &[u8]) -> (Vec<TypePtr>, Vec<Row>) {
    read(Bytes::copy_from_slice(file))
}

fn read<R: ChunkReader + 'static>(file: R) -> (Vec<TypePtr>, Vec<Row>) {
    let reader = SerializedFileReader::new(file).unwrap();
    let fields = reader.metadata().file_metadata().schema().get_fields().to_vec();
    let mut rows = Vec::new();
    for group in 0..reader.num_row_groups() {
        let group = reader.get_row_group(group).unwrap();
        let count = usize::try_from(group.metadata().num_rows()).unwrap();
        let mut columns: Vec<_> = (0..fields.len())
            .map(|index| read_cells(group.get_column_reader(index).unwrap(), count).into_iter())
            .collect();
        for _ in 0..count {
            rows.push(columns.iter_mut().map(|column| column.next().unwrap()).collect());
        }
    }
    (fields, rows)
}

fn read_cells(reader: ColumnReader, count: usize) -> Row {
    /// Every record of a typed reader, as cells.
    macro_rules! cells {
        ($reader:ident, $value:ident => $cell:expr) => {{
            let (mut reader, mut levels, mut values) = ($reader, Vec::new(), Vec::new());
            let mut records = 0;
            while records < count {
                let (more, ..) = reader
                    .read_records(count - records, Some(&mut levels), None, &mut values)
                    .unwrap();
                assert!(more > 0, "the column ends early");
                records += more;
            }
            // A required column has no levels.
            if levels.is_empty() {
                levels.resize(count, 1_i16);
            }
            let mut values = values.into_iter();
            levels
                .into_iter()
                .map(|level| (level == 1).then(|| values.next().unwrap()).map(|$value| $cell))
                .collect()
        }};
    }
    match reader {
        ColumnReader::BoolColumnReader(reader) => cells!(reader, value => Cell::Boolean(value)),
        ColumnReader::Int32ColumnReader(reader) => cells!(reader, value => Cell::Int32(value)),
        ColumnReader::Int64ColumnReader(reader) => cells!(reader, value => Cell::Int64(value)),
        ColumnReader::Int96ColumnReader(reader) => {
            cells!(reader, value => Cell::Int96(value.data().try_into().unwrap()))
        }
        ColumnReader::FloatColumnReader(reader) => cells!(reader, value => Cell::Float(value.to_bits())),
        ColumnReader::DoubleColumnReader(reader) => cells!(reader, value => Cell::Double(value.to_bits())),
        ColumnReader::ByteArrayColumnReader(reader) => {
            cells!(reader, value => Cell::Bytes(value.data().to_vec()))
        }
        ColumnReader::FixedLenByteArrayColumnReader(reader) => {
            cells!(reader, value => Cell::Bytes(value.data().to_vec()))
        }
    }
}
