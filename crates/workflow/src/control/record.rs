//! A record as it was read: its value and the version that a change must name.

/// A value and the version of the item that holds it.
#[derive(Clone, Debug)]
pub(crate) struct Record<T> {
    pub(crate) value: T,
    pub(crate) version: i64,
}
