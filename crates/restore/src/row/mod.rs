//! Rows: their items, and the canonical form that proves them.
//!
//! [`Columns`] looks once per batch at what each Arrow array is. From there two ways part that share no formatting or
//! parsing: [`encode`] makes the item that is written, [`canonical`] makes the bytes that are hashed, and
//! [`readback`] makes the same bytes from the item that DynamoDB gives back. A fault of the encoder, or a value that
//! the store has altered, therefore shows as a different digest. [`canonical_values`] reads those bytes for whoever turns
//! items into rows again. [`added_key`] makes and tells the keys of rows that have none of their own.

mod added_key;
pub(crate) mod canonical;
mod canonical_values;
mod columns;
pub(crate) mod encode;
pub(crate) mod number;
pub(crate) mod readback;
pub(crate) mod time;

pub(crate) use added_key::{AddedKey, RowKeys, added_bytes};
pub(crate) use canonical_values::{CanonicalValue, next as next_canonical};
pub(crate) use columns::{ColumnValues, Columns, Unfit, Values};

#[cfg(test)]
mod tests;
