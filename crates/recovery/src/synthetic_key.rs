//! Keys that a restore adds, for tables without one of their own.

use serde::{Deserialize, Serialize};

use crate::table::Column;

/// The longest name of a key attribute, in bytes.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>
const NAME_BYTES_MAX: usize = 255;

/// What the values of an added key are. It is a string attribute, the partition key, and has no sort key beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SyntheticKey {
    /// The BLAKE3 hash of the row's canonical form, 64 hex digits: one row has one key in every copy. Identical rows
    /// have one key, too, and are refused.
    RowDigest,
    /// Where the row stands in the copy: the number of its object within the plan and its own within the object, such
    /// as `0000002-00000000017`. Identical rows stay apart. The same row of another copy may have another key.
    RowPlace,
}

impl SyntheticKey {
    /// Both kinds, the better one first.
    pub const ALL: [Self; 2] = [Self::RowDigest, Self::RowPlace];

    /// The added attribute's name, where nobody names another one.
    pub const NAME: &str = "_row";

    /// What the key is, for people: `the row's digest`.
    pub fn description(self) -> &'static str {
        match self {
            Self::RowDigest => "the row's digest",
            Self::RowPlace => "the row's place in the copy",
        }
    }

    /// `@row-digest` or `@row-place`.
    fn word(self) -> &'static str {
        match self {
            Self::RowDigest => "@row-digest",
            Self::RowPlace => "@row-place",
        }
    }

    /// The key as commands and addresses write it where others have a column: `@row-digest`, or `@row-digest=NAME`
    /// where the attribute has another name than `_row`.
    pub fn argument(self, name: &str) -> String {
        match name {
            Self::NAME => self.word().to_owned(),
            name => format!("{}={name}", self.word()),
        }
    }

    /// The kind and the attribute's name that such an argument means; `None` where it is a column's name.
    pub fn of_argument(text: &str) -> Option<(Self, &str)> {
        let (word, name) = text.split_once('=').unwrap_or((text, Self::NAME));
        let kind = Self::ALL.into_iter().find(|kind| kind.word() == word)?;
        Some((kind, name))
    }

    /// `_row`, or `_row2`, `_row3`, … where columns have these names: one that no column has.
    pub fn free_name(columns: &[Column]) -> String {
        let is_free = |name: &String| columns.iter().all(|column| column.name != *name);
        let numbered = (2_u32..).map(|number| format!("{}{number}", Self::NAME));
        std::iter::once(Self::NAME.to_owned())
            .chain(numbered)
            .find(is_free)
            .unwrap_or_default()
    }

    /// What speaks against a name for the added attribute, if anything does.
    pub fn name_fault(name: &str, columns: &[Column]) -> Option<String> {
        if name.is_empty() || name.len() > NAME_BYTES_MAX {
            return Some(format!(
                "a key attribute's name has 1 to {NAME_BYTES_MAX} bytes, and this one {}",
                name.len()
            ));
        }
        let is_column = columns.iter().any(|column| column.name == name);
        is_column.then(|| "a column has this name, and the added key needs one of its own".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::OriginalNumbers;
    use crate::types::ColumnKind;

    fn columns(names: &[&str]) -> Vec<Column> {
        let column = |name: &&str| Column {
            name: (*name).to_owned(),
            original_type: None,
            original_numbers: OriginalNumbers::default(),
            parquet_type: "INT32".into(),
            kind: ColumnKind::Integer,
            nullable: false,
        };
        names.iter().map(column).collect()
    }

    #[test]
    fn an_argument_means_a_kind_and_a_name_and_a_column_is_none() {
        for (text, expected) in [
            ("@row-digest", Some((SyntheticKey::RowDigest, "_row"))),
            ("@row-place", Some((SyntheticKey::RowPlace, "_row"))),
            ("@row-place=pk", Some((SyntheticKey::RowPlace, "pk"))),
            ("@row-digest=", Some((SyntheticKey::RowDigest, ""))),
            ("@row", None),
            ("row-digest", None),
            ("id", None),
        ] {
            let found = SyntheticKey::of_argument(text);
            assert_eq!(found, expected, "{text}");
            if let Some((kind, name)) = found {
                assert_eq!(kind.argument(name), text);
            }
        }
    }

    #[test]
    fn the_added_name_is_no_column_and_one_that_dynamodb_takes() {
        assert_eq!(SyntheticKey::free_name(&columns(&["id"])), "_row");
        assert_eq!(SyntheticKey::free_name(&columns(&["_row2", "_row"])), "_row3");
        for (name, is_taken) in [
            ("_row", true),
            ("_Row", true),
            ("id", false),
            ("", false),
            (&"n".repeat(255), true),
            (&"ü".repeat(128), false),
        ] {
            let fault = SyntheticKey::name_fault(name, &columns(&["id"]));
            assert_eq!(fault.is_none(), is_taken, "{name}: {fault:?}");
        }
    }
}
