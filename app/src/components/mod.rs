//! Components that know the product.

pub(crate) mod header;
pub(crate) mod viewer;
