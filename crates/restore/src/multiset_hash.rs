//! The digest of a set of rows, whatever their order and however they were split: LtHash over BLAKE3.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use recovery::digest::TableDigest;
use serde::{Deserialize, Serialize};

/// Lanes of 16 bits.
const LANES: usize = 1024;

/// Bytes of the lanes.
const BYTES: usize = 2 * LANES;

/// A homomorphic hash of a multiset of rows: each row is hashed to 1024 numbers of 16 bits (BLAKE3's extended output),
/// and the numbers of all rows are added lane by lane, mod 2^16.
///
/// This is `lthash16` of Bellare and Micciancio's LtHash, as specified by Lewi, Kim, Maykov and Weis, "Securing Update
/// Propagation with Homomorphic Hashing" (2019), with BLAKE3 in BLAKE2xb's place. Sums do not depend on order, equal
/// rows do not cancel, and the hash of a table is the sum of its units' hashes. Finding two different multisets with one
/// hash is as hard as a short-integer-solution problem on lattices, over 2^200 steps; a sum of 256-bit hashes would
/// give way to a generalised birthday search after some 2^32.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Recorded", into = "Recorded")]
pub struct MultisetHash {
    rows: u64,
    lanes: Box<[u16; LANES]>,
}

impl MultisetHash {
    /// Adds one row by its canonical form.
    pub(crate) fn add_row(&mut self, form: &[u8]) {
        let mut output = [0; BYTES];
        blake3::Hasher::new()
            .update(form)
            .finalize_xof()
            .fill(&mut output);
        for (lane, bytes) in self.lanes.iter_mut().zip(output.as_chunks::<2>().0) {
            *lane = lane.wrapping_add(u16::from_le_bytes(*bytes));
        }
        self.rows += 1;
    }

    /// Adds the rows of `other`.
    pub fn add(&mut self, other: &Self) {
        for (lane, more) in self.lanes.iter_mut().zip(other.lanes.iter()) {
            *lane = lane.wrapping_add(*more);
        }
        self.rows += other.rows;
    }

    /// Takes away the rows of `other`, which must be among those that were added.
    pub(crate) fn subtract(&mut self, other: &Self) {
        for (lane, less) in self.lanes.iter_mut().zip(other.lanes.iter()) {
            *lane = lane.wrapping_sub(*less);
        }
        self.rows = self.rows.wrapping_sub(other.rows);
    }

    /// How many rows it covers.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The rows' number and the BLAKE3 hash of the lanes, little-endian: what is shown and compared.
    pub fn digest(&self) -> TableDigest {
        TableDigest::new(self.rows, *blake3::hash(&self.bytes()).as_bytes())
    }

    fn bytes(&self) -> [u8; BYTES] {
        let mut bytes = [0; BYTES];
        for (place, lane) in bytes.as_chunks_mut::<2>().0.iter_mut().zip(self.lanes.iter()) {
            *place = lane.to_le_bytes();
        }
        bytes
    }
}

impl Default for MultisetHash {
    /// The hash of no rows.
    fn default() -> Self {
        Self {
            rows: 0,
            lanes: Box::new([0; LANES]),
        }
    }
}

impl fmt::Debug for MultisetHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MultisetHash({})", self.digest())
    }
}

/// How a hash stands in a checkpoint: its rows, and its lanes in base64.
#[derive(Serialize, Deserialize)]
struct Recorded {
    rows: u64,
    lanes: String,
}

impl From<MultisetHash> for Recorded {
    fn from(hash: MultisetHash) -> Self {
        Self {
            rows: hash.rows,
            lanes: STANDARD.encode(hash.bytes()),
        }
    }
}

impl TryFrom<Recorded> for MultisetHash {
    type Error = String;

    fn try_from(recorded: Recorded) -> Result<Self, String> {
        let bytes = STANDARD
            .decode(&recorded.lanes)
            .map_err(|error| format!("the lanes of a hash are no base64: {error}"))?;
        if bytes.len() != BYTES {
            return Err(format!("a hash has {BYTES} bytes of lanes, not {}", bytes.len()));
        }
        let mut hash = Self {
            rows: recorded.rows,
            ..Self::default()
        };
        for (lane, bytes) in hash.lanes.iter_mut().zip(bytes.as_chunks::<2>().0) {
            *lane = u16::from_le_bytes(*bytes);
        }
        Ok(hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(rows: &[Vec<u8>]) -> MultisetHash {
        let mut hash = MultisetHash::default();
        for row in rows {
            hash.add_row(row);
        }
        hash
    }

    #[test]
    fn a_doubled_row_does_not_cancel_and_is_not_one() {
        let row = vec![1, 2, 3];
        let digests = [0, 1, 2].map(|times| of(&vec![row.clone(); times]).digest());
        assert!(digests[0] != digests[1] && digests[1] != digests[2] && digests[0] != digests[2]);
        let mut wrapped = MultisetHash::default();
        for _ in 0..1 << 16 {
            wrapped.add_row(&row);
        }
        assert_eq!(wrapped.lanes, MultisetHash::default().lanes);
        assert_ne!(
            wrapped.digest(),
            digests[0],
            "the count of rows stands beside the lanes"
        );
    }

    #[test]
    fn the_digest_is_what_other_programs_reckon() {
        // e2e/conformance/digest.py gives the same for these rows.
        assert_eq!(
            of(&[b"a".to_vec(), b"b".to_vec()]).digest().to_string(),
            "2:c2506647056a65b2298e5735382bc3eadfba3b579982c75d9a9a9d9271c94063"
        );
    }

    proptest! {
        #[test]
        fn order_and_partition_do_not_matter(
            mut rows in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..20), 0..20),
            cut in 0_usize..20,
        ) {
            let whole = of(&rows);
            let cut = cut.min(rows.len());
            let mut parts = of(&rows[cut..]);
            parts.add(&of(&rows[..cut]));
            prop_assert_eq!(&whole, &parts);
            rows.reverse();
            prop_assert_eq!(&whole, &of(&rows));
            let recorded = serde_json::to_string(&whole).unwrap();
            prop_assert_eq!(&whole, &serde_json::from_str(&recorded).unwrap());
        }
    }
}
