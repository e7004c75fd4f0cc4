//! An order-independent digest of a table: the sum of its rows' SHA-256 digests, and their count.
//!
//! Rows are read in one order and read back in another, so the rows' digests are added as 256-bit numbers
//! (mod 2^256): unlike XOR, two equal rows do not cancel, and a digest of parts is the sum of the parts' digests.
//! It proves that nothing was lost, altered or doubled by fault; it is no defence against someone who can choose
//! rows and search for a collision of sums.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The digest of a set of rows. Text form: `<rows>:<64 hex digits>`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TableDigest {
    rows: u64,
    /// Little-endian limbs.
    sum: [u64; 4],
}

/// A text that is no table digest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a table digest: expected <rows>:<64 hex digits>")]
pub struct InvalidDigest(String);

impl TableDigest {
    /// The digest of no rows.
    pub const EMPTY: Self = Self { rows: 0, sum: [0; 4] };

    /// Adds one row by the SHA-256 of its canonical form.
    pub fn add_row(&mut self, row: [u8; 32]) {
        let mut limbs = [0; 4];
        for (limb, bytes) in limbs.iter_mut().zip(row.chunks_exact(8)) {
            *limb = u64::from_le_bytes([
                bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7],
            ]);
        }
        self.add(Self { rows: 1, sum: limbs });
    }

    /// Adds the rows of `other`.
    pub fn add(&mut self, other: Self) {
        self.rows += other.rows;
        let mut carry = 0_u128;
        for (mine, theirs) in self.sum.iter_mut().zip(other.sum) {
            let total = u128::from(*mine) + u128::from(theirs) + carry;
            *mine = u64::try_from(total & u128::from(u64::MAX)).unwrap_or(u64::MAX);
            carry = total >> 64;
        }
    }

    /// How many rows it covers.
    pub fn rows(&self) -> u64 {
        self.rows
    }
}

impl fmt::Display for TableDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.rows)?;
        self.sum
            .iter()
            .rev()
            .try_for_each(|limb| write!(f, "{limb:016x}"))
    }
}

impl FromStr for TableDigest {
    type Err = InvalidDigest;

    fn from_str(text: &str) -> Result<Self, InvalidDigest> {
        let invalid = || InvalidDigest(text.to_owned());
        let (rows, hex) = text.split_once(':').ok_or_else(invalid)?;
        if hex.len() != 64 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(invalid());
        }
        let mut sum = [0; 4];
        for (limb, start) in sum.iter_mut().rev().zip((0..64).step_by(16)) {
            *limb = u64::from_str_radix(&hex[start..start + 16], 16).map_err(|_| invalid())?;
        }
        Ok(Self {
            rows: rows.parse().map_err(|_| invalid())?,
            sum,
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
    use proptest::prelude::*;

    fn digest(rows: &[[u8; 32]]) -> TableDigest {
        let mut digest = TableDigest::EMPTY;
        for row in rows {
            digest.add_row(*row);
        }
        digest
    }

    #[test]
    fn a_doubled_row_does_not_cancel() {
        let row = [0xff; 32];
        assert_ne!(digest(&[row, row]), TableDigest::EMPTY);
        assert_ne!(digest(&[row, row]), digest(&[row]));
    }

    proptest! {
        #[test]
        fn order_and_partition_do_not_matter(mut rows in prop::collection::vec(any::<[u8; 32]>(), 0..20), cut in 0_usize..20) {
            let whole = digest(&rows);
            let cut = cut.min(rows.len());
            let mut parts = digest(&rows[cut..]);
            parts.add(digest(&rows[..cut]));
            prop_assert_eq!(whole, parts);
            rows.reverse();
            prop_assert_eq!(whole, digest(&rows));
            prop_assert_eq!(whole, whole.to_string().parse().unwrap());
        }
    }
}
