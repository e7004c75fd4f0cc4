//! What the browser renders itself, as somebody types: fields with suggestions.
//!
//! An island takes all it knows from its properties, which stand in the server's HTML.

pub(crate) mod filter_field;
pub(crate) mod palette;
