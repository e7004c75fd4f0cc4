//! How the types that read as text in JSON but are not text inside appear in the API's description.

use std::borrow::Cow;

use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::digest::TableDigest;
use crate::ids::TableName;

fn text(description: &str, pattern: &str, example: &str) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(description))
        .pattern(Some(pattern))
        .examples([example])
        .into()
}

impl PartialSchema for TableName {
    fn schema() -> RefOr<Schema> {
        text(
            "A table of a source: database and table name, written db.table.",
            r"^[^./]+\..+$",
            "shop.orders",
        )
    }
}

impl ToSchema for TableName {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("TableName")
    }
}

impl PartialSchema for TableDigest {
    fn schema() -> RefOr<Schema> {
        text(
            "An order-independent digest of a table: rows, a colon, and the BLAKE3 hash in hex of the LtHash of its rows.",
            "^[0-9]+:[0-9a-f]{64}$",
            "2:00000000000000000000000000000000000000000000000000000000000000ff",
        )
    }
}

impl ToSchema for TableDigest {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("TableDigest")
    }
}
