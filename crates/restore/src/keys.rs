//! Whether keys are unique over any number of rows, in bounded memory, exactly.
//!
//! Each key becomes 128 bits of its canonical form's SHA-256. Hashes are gathered, sorted, and beyond a limit written to
//! a temporary file as sorted runs, which are merged at the end: equal neighbours are duplicates.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};

use aws::dynamodb::ITEM_BYTES_MAX;
use sha2::{Digest as _, Sha256};

use crate::examples::EXAMPLES_MAX;
use crate::row::Unfit;
use crate::{Error, Refusal};

/// The most bytes of a partition key's value and of a sort key's.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>
pub(crate) const KEY_BYTES_MAX: [usize; 2] = [2_048, 1_024];

/// Hashes of one run that are read at once while runs are merged, where memory allows.
const RUN_BUFFER_MAX: usize = 4_096;

/// And at least so many: below, reading them costs more than merging.
const RUN_BUFFER_MIN: usize = 64;

/// The hash of a key.
pub(crate) type KeyHash = u128;

/// The hash of the canonical form of a key's values.
pub(crate) fn hash(form: &[u8]) -> KeyHash {
    let digest: [u8; 32] = Sha256::digest(form).into();
    digest.first_chunk().copied().map_or(0, KeyHash::from_le_bytes)
}

/// What is known of a set of keys at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Duplicates {
    /// Rows whose key another row before them has.
    pub(crate) rows: u64,
    /// Hashes of the first few keys that more than one row has.
    pub(crate) examples: Vec<KeyHash>,
}

/// The hashes seen so far.
#[derive(Debug)]
pub(crate) struct KeySet {
    held: Vec<KeyHash>,
    held_max: usize,
    spilled: Option<Spilled>,
}

/// Sorted runs in a temporary file, which has no name and vanishes with the process.
#[derive(Debug)]
struct Spilled {
    file: File,
    /// Offset and number of hashes of each run.
    runs: Vec<(u64, usize)>,
    end: u64,
}

const HASH_BYTES: usize = size_of::<KeyHash>();

impl KeySet {
    /// Bytes of hashes that a set holds before it writes a run: a million keys. A billion are a thousand runs, whose
    /// merge takes this much again.
    pub(crate) const MEMORY_DEFAULT: usize = 16 * 1024 * 1024;

    /// An empty set that holds at most `memory` bytes of hashes.
    pub(crate) fn new(memory: usize) -> Self {
        Self {
            held: Vec::new(),
            held_max: (memory / HASH_BYTES).max(1),
            spilled: None,
        }
    }

    /// Adds a key.
    pub(crate) fn insert(&mut self, hash: KeyHash) -> io::Result<()> {
        if self.held.len() == self.held_max {
            self.spill()?;
        }
        self.held.push(hash);
        Ok(())
    }

    fn spill(&mut self) -> io::Result<()> {
        self.held.sort_unstable();
        let spilled = match &mut self.spilled {
            Some(spilled) => spilled,
            None => self.spilled.insert(Spilled {
                file: tempfile::tempfile()?,
                runs: Vec::new(),
                end: 0,
            }),
        };
        let mut writer = io::BufWriter::new(&mut spilled.file);
        for hash in &self.held {
            writer.write_all(&hash.to_le_bytes())?;
        }
        writer.flush()?;
        drop(writer);
        spilled.runs.push((spilled.end, self.held.len()));
        spilled.end += (self.held.len() * HASH_BYTES) as u64;
        self.held.clear();
        Ok(())
    }

    /// Finds the duplicates.
    pub(crate) fn duplicates(mut self) -> io::Result<Duplicates> {
        let mut found = Duplicates::default();
        let mut last = None;
        let mut look = |hash: KeyHash| {
            if last == Some(hash) {
                found.rows += 1;
                if found.examples.len() < EXAMPLES_MAX && found.examples.last() != Some(&hash) {
                    found.examples.push(hash);
                }
            }
            last = Some(hash);
        };
        if self.spilled.is_some() && !self.held.is_empty() {
            self.spill()?;
        }
        let Some(mut spilled) = self.spilled else {
            self.held.sort_unstable();
            self.held.into_iter().for_each(look);
            return Ok(found);
        };
        drop(self.held);
        let buffer = (self.held_max / spilled.runs.len()).clamp(RUN_BUFFER_MIN, RUN_BUFFER_MAX);
        let mut runs: Vec<Run> = spilled
            .runs
            .iter()
            .map(|(offset, left)| Run {
                offset: *offset,
                left: *left,
                buffer_max: buffer,
                buffer: Vec::new().into_iter(),
            })
            .collect();
        let mut heap = BinaryHeap::with_capacity(runs.len());
        for (index, run) in runs.iter_mut().enumerate() {
            if let Some(hash) = run.next(&mut spilled.file)? {
                heap.push(Reverse((hash, index)));
            }
        }
        while let Some(Reverse((hash, index))) = heap.pop() {
            look(hash);
            if let Some(next) = runs[index].next(&mut spilled.file)? {
                heap.push(Reverse((next, index)));
            }
        }
        Ok(found)
    }
}

/// A sorted run that is being read.
struct Run {
    offset: u64,
    left: usize,
    buffer_max: usize,
    buffer: std::vec::IntoIter<KeyHash>,
}

impl Run {
    fn next(&mut self, file: &mut File) -> io::Result<Option<KeyHash>> {
        if let Some(hash) = self.buffer.next() {
            return Ok(Some(hash));
        }
        let count = self.left.min(self.buffer_max);
        let mut bytes = vec![0; count * HASH_BYTES];
        file.seek(SeekFrom::Start(self.offset))?;
        file.read_exact(&mut bytes)?;
        self.offset += bytes.len() as u64;
        self.left -= count;
        let hashes: Vec<KeyHash> = bytes
            .chunks_exact(HASH_BYTES)
            .filter_map(|chunk| chunk.first_chunk().copied().map(KeyHash::from_le_bytes))
            .collect();
        self.buffer = hashes.into_iter();
        Ok(self.buffer.next())
    }
}

/// A temporary file that could not be written or read.
pub(crate) fn spill_failed(error: &io::Error) -> Error {
    Error::State {
        operation: "checking keys on disk",
        subject: std::env::temp_dir().display().to_string(),
        cause: error.to_string(),
    }
}

/// A column of the object that is not what it should be.
pub(crate) fn unfit(unfit: &Unfit) -> Error {
    Refusal::new(
        "unrepresentable_value",
        unfit.column.clone(),
        unfit.cause.clone(),
        "Look at the preflight's findings: they say how many rows are concerned and what the choices are.",
    )
    .into()
}

/// A row whose item is larger than DynamoDB takes.
pub(crate) fn too_large(uri: &str, bytes: usize) -> Refusal {
    Refusal::new(
        "item_too_large",
        uri,
        format!("a row makes an item of {bytes} bytes; DynamoDB takes {ITEM_BYTES_MAX}"),
        "Leave the table out: an item cannot hold this row.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn duplicates(keys: &[u32], memory: usize) -> Duplicates {
        let mut set = KeySet::new(memory);
        for key in keys {
            set.insert(hash(&key.to_le_bytes())).unwrap();
        }
        set.duplicates().unwrap()
    }

    proptest! {
        #[test]
        fn spilling_finds_what_memory_finds(keys in prop::collection::vec(0_u32..200, 0..400), memory in 1_usize..2_000) {
            let distinct: std::collections::BTreeSet<_> = keys.iter().collect();
            let found = duplicates(&keys, memory);
            prop_assert_eq!(found.rows, (keys.len() - distinct.len()) as u64);
            prop_assert_eq!(&found, &duplicates(&keys, usize::MAX));
        }
    }

    #[test]
    fn runs_longer_than_their_buffer_are_merged_whole() {
        let keys: Vec<u32> = (0..20_000).chain([7, 7, 19_999]).collect();
        let found = duplicates(&keys, RUN_BUFFER_MAX * HASH_BYTES * 2);
        assert_eq!((found.rows, found.examples.len()), (3, 2));
    }
}
