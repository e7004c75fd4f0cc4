//! The digest of a table's rows, as it is shown, recorded and compared.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The digest of a multiset of rows: how many there are, and 32 bytes that stand for them whatever their order.
///
/// Text form: `<rows>:<64 hex digits>`. docs/SEMANTICS.md says how it is reckoned; the restore engine does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TableDigest {
    rows: u64,
    hash: [u8; 32],
}

/// A text that is no table digest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a table digest: expected <rows>:<64 hex digits>")]
pub struct InvalidDigest(String);

impl TableDigest {
    /// The digest of so many rows whose hash is `hash`.
    pub fn new(rows: u64, hash: [u8; 32]) -> Self {
        Self { rows, hash }
    }

    /// How many rows it covers.
    pub fn rows(&self) -> u64 {
        self.rows
    }
}

impl fmt::Display for TableDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.rows, hex::encode(self.hash))
    }
}

impl FromStr for TableDigest {
    type Err = InvalidDigest;

    fn from_str(text: &str) -> Result<Self, InvalidDigest> {
        let invalid = || InvalidDigest(text.to_owned());
        let (rows, digits) = text.split_once(':').ok_or_else(invalid)?;
        let mut hash = [0; 32];
        hex::decode_to_slice(digits, &mut hash).map_err(|_| invalid())?;
        Ok(Self {
            rows: rows.parse().map_err(|_| invalid())?,
            hash,
        })
    }
}

impl TryFrom<String> for TableDigest {
    type Error = InvalidDigest;

    fn try_from(text: String) -> Result<Self, InvalidDigest> {
        text.parse()
    }
}

impl From<TableDigest> for String {
    fn from(digest: TableDigest) -> Self {
        digest.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_reads_back_and_nothing_else_reads_as_one() {
        let digest = TableDigest::new(7, [0xa7; 32]);
        assert_eq!(digest.to_string().parse(), Ok(digest));
        let hash = "0".repeat(64);
        for text in ["", ":", "7", "7:00", &format!("x:{hash}"), &format!("7:{hash}0")] {
            assert!(text.parse::<TableDigest>().is_err(), "{text}");
        }
    }
}
