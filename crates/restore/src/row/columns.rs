//! A batch's columns, each downcast once.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal128Type, Decimal256Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, Time32MillisecondType, Time64MicrosecondType, Time64NanosecondType, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{
    Array, BinaryArray, BooleanArray, Decimal128Array, Decimal256Array, FixedSizeBinaryArray, Float32Array,
    Float64Array, Int8Array, Int16Array, Int32Array, Int64Array, RecordBatch, UInt8Array, UInt16Array,
    UInt32Array, UInt64Array,
};
use arrow_schema::{DataType, TimeUnit};
use recovery::table::Column;
use recovery::types::ColumnKind;

use crate::footer::INT96_BYTES;

/// What cannot be read as the plan says, or cannot be represented.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unfit {
    pub(crate) column: String,
    pub(crate) cause: String,
}

/// The typed values of one column of a batch.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Values<'a> {
    I8(&'a Int8Array),
    I16(&'a Int16Array),
    I32(&'a Int32Array),
    I64(&'a Int64Array),
    U8(&'a UInt8Array),
    U16(&'a UInt16Array),
    U32(&'a UInt32Array),
    U64(&'a UInt64Array),
    F32(&'a Float32Array),
    F64(&'a Float64Array),
    Boolean(&'a BooleanArray),
    Decimal128(&'a Decimal128Array),
    Decimal256(&'a Decimal256Array),
    Bytes(&'a BinaryArray),
    FixedBytes(&'a FixedSizeBinaryArray),
    /// INT96: nanoseconds of the day, then the Julian day, as they lie in the file.
    Int96(&'a FixedSizeBinaryArray),
    /// Days since 1970-01-01.
    Days(&'a [i32]),
    /// A time of day: values and how many of them make a second.
    TimeOfDay32(&'a [i32], i64),
    /// Likewise.
    TimeOfDay64(&'a [i64], i64),
    /// An instant: values since 1970-01-01T00:00:00 and how many of them make a second.
    Instant(&'a [i64], i64),
}

/// One column of a batch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ColumnValues<'a> {
    pub(crate) column: &'a Column,
    pub(crate) array: &'a dyn Array,
    pub(crate) values: Values<'a>,
}

/// The columns of a batch, in the plan's order.
#[derive(Debug)]
pub(crate) struct Columns<'a> {
    pub(crate) columns: Vec<ColumnValues<'a>>,
    pub(crate) rows: usize,
}

const MILLIS: i64 = 1_000;
const MICROS: i64 = 1_000_000;
const NANOS: i64 = 1_000_000_000;

impl<'a> Columns<'a> {
    /// Finds and downcasts `columns` in `batch`.
    pub(crate) fn of(batch: &'a RecordBatch, columns: &'a [Column]) -> Result<Self, Unfit> {
        let found: Result<Vec<_>, Unfit> = columns
            .iter()
            .map(|column| {
                let array = batch.column_by_name(&column.name).ok_or_else(|| Unfit {
                    column: column.name.clone(),
                    cause: "the object lacks this column of the plan".to_owned(),
                })?;
                let array: &dyn Array = array.as_ref();
                let values = values(array).map(|values| as_int96(column.kind, values));
                let values = values.filter(|values| fits(column.kind, *values));
                Ok(ColumnValues {
                    column,
                    array,
                    values: values.ok_or_else(|| Unfit {
                        column: column.name.clone(),
                        cause: format!(
                            "the object holds {} where the plan says {}",
                            array.data_type(),
                            column.parquet_type
                        ),
                    })?,
                })
            })
            .collect();
        Ok(Self {
            columns: found?,
            rows: batch.num_rows(),
        })
    }
}

impl ColumnValues<'_> {
    /// Whether the value of `row` is NULL.
    pub(crate) fn is_null(&self, row: usize) -> bool {
        self.array.is_null(row)
    }

    /// The bytes of a byte array's value.
    pub(crate) fn bytes(&self, row: usize) -> Option<&[u8]> {
        match self.values {
            Values::Bytes(array) => Some(array.value(row)),
            Values::FixedBytes(array) => Some(array.value(row)),
            _ => None,
        }
    }
}

fn values(array: &dyn Array) -> Option<Values<'_>> {
    Some(match array.data_type() {
        DataType::Int8 => Values::I8(array.as_primitive_opt::<Int8Type>()?),
        DataType::Int16 => Values::I16(array.as_primitive_opt::<Int16Type>()?),
        DataType::Int32 => Values::I32(array.as_primitive_opt::<Int32Type>()?),
        DataType::Int64 => Values::I64(array.as_primitive_opt::<Int64Type>()?),
        DataType::UInt8 => Values::U8(array.as_primitive_opt::<UInt8Type>()?),
        DataType::UInt16 => Values::U16(array.as_primitive_opt::<UInt16Type>()?),
        DataType::UInt32 => Values::U32(array.as_primitive_opt::<UInt32Type>()?),
        DataType::UInt64 => Values::U64(array.as_primitive_opt::<UInt64Type>()?),
        DataType::Float32 => Values::F32(array.as_primitive_opt::<Float32Type>()?),
        DataType::Float64 => Values::F64(array.as_primitive_opt::<Float64Type>()?),
        DataType::Boolean => Values::Boolean(array.as_boolean_opt()?),
        DataType::Decimal128(..) => Values::Decimal128(array.as_primitive_opt::<Decimal128Type>()?),
        DataType::Decimal256(..) => Values::Decimal256(array.as_primitive_opt::<Decimal256Type>()?),
        DataType::Binary => Values::Bytes(array.as_binary_opt::<i32>()?),
        DataType::FixedSizeBinary(_) => Values::FixedBytes(array.as_fixed_size_binary_opt()?),
        DataType::Date32 => Values::Days(array.as_primitive_opt::<Date32Type>()?.values()),
        DataType::Time32(TimeUnit::Millisecond) => Values::TimeOfDay32(
            array.as_primitive_opt::<Time32MillisecondType>()?.values(),
            MILLIS,
        ),
        DataType::Time64(TimeUnit::Microsecond) => Values::TimeOfDay64(
            array.as_primitive_opt::<Time64MicrosecondType>()?.values(),
            MICROS,
        ),
        DataType::Time64(TimeUnit::Nanosecond) => {
            Values::TimeOfDay64(array.as_primitive_opt::<Time64NanosecondType>()?.values(), NANOS)
        }
        DataType::Timestamp(TimeUnit::Millisecond, _) => Values::Instant(
            array.as_primitive_opt::<TimestampMillisecondType>()?.values(),
            MILLIS,
        ),
        DataType::Timestamp(TimeUnit::Microsecond, _) => Values::Instant(
            array.as_primitive_opt::<TimestampMicrosecondType>()?.values(),
            MICROS,
        ),
        DataType::Timestamp(TimeUnit::Nanosecond, _) => Values::Instant(
            array.as_primitive_opt::<TimestampNanosecondType>()?.values(),
            NANOS,
        ),
        _ => return None,
    })
}

/// The twelve bytes of a column of instants are an INT96: the footer has them read so.
fn as_int96(kind: ColumnKind, values: Values<'_>) -> Values<'_> {
    match (kind, values) {
        (ColumnKind::DateTime | ColumnKind::Timestamp, Values::FixedBytes(array))
            if array.value_length() == INT96_BYTES =>
        {
            Values::Int96(array)
        }
        _ => values,
    }
}

/// Whether values of this form are what a column of this kind holds. Every object of a table must agree with the plan.
fn fits(kind: ColumnKind, values: Values<'_>) -> bool {
    match values {
        Values::I8(_)
        | Values::I16(_)
        | Values::I32(_)
        | Values::I64(_)
        | Values::U8(_)
        | Values::U16(_)
        | Values::U32(_)
        | Values::U64(_) => kind == ColumnKind::Integer,
        Values::F32(_) | Values::F64(_) => kind == ColumnKind::Double,
        Values::Boolean(_) => kind == ColumnKind::Boolean,
        Values::Decimal128(array) => {
            matches!(kind, ColumnKind::Decimal { scale, .. } if scale == array.scale())
        }
        Values::Decimal256(array) => {
            matches!(kind, ColumnKind::Decimal { scale, .. } if scale == array.scale())
        }
        Values::Bytes(_) | Values::FixedBytes(_) => matches!(
            kind,
            ColumnKind::Text
                | ColumnKind::Json
                | ColumnKind::DecimalText
                | ColumnKind::DateOrTimeText
                | ColumnKind::Binary
        ),
        Values::Days(_) | Values::TimeOfDay32(..) | Values::TimeOfDay64(..) => {
            kind == ColumnKind::DateOrTimeText
        }
        Values::Instant(..) | Values::Int96(_) => {
            matches!(kind, ColumnKind::DateTime | ColumnKind::Timestamp)
        }
    }
}
