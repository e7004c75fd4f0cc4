//! Checks a stretch of the chain without anything but the entries.

use recovery::audit::AuditEntry;
use serde::{Deserialize, Serialize};

use super::canonical::{GENESIS, hash};
use crate::error::{Error, Result};

/// What a verified stretch of the chain covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainSummary {
    /// How many entries.
    pub entries: u64,
    /// Sequence of the first.
    pub first: u64,
    /// Sequence of the last.
    pub last: u64,
    /// Hash of the last. Kept elsewhere, it also proves later that nothing was cut off the end.
    pub head: String,
}

/// Checks that `entries` (oldest first, or newest first as the API answers them) are a stretch of one chain: no gap,
/// every hash right, every entry naming the one before. A stretch that begins with entry 1 must begin with 64 zeros.
///
/// An empty stretch holds. Entries cut off at the end cannot be noticed without a head kept elsewhere.
pub fn verify_chain<'a>(entries: impl IntoIterator<Item = &'a AuditEntry>) -> Result<ChainSummary> {
    let mut entries: Vec<&AuditEntry> = entries.into_iter().collect();
    if let [first, .., last] = entries.as_slice()
        && first.sequence > last.sequence
    {
        entries.reverse();
    }
    let mut before: Option<&AuditEntry> = None;
    for entry in &entries {
        let broken = |cause: String| {
            Err(Error::BrokenChain {
                sequence: entry.sequence,
                cause,
            })
        };
        match before {
            Some(before) if entry.sequence != before.sequence + 1 => {
                return broken(format!("it follows entry {}", before.sequence));
            }
            Some(before) if entry.previous != before.hash => {
                return broken(format!(
                    "its previous hash is not the hash of entry {}",
                    before.sequence
                ));
            }
            None if entry.sequence == 0 => return broken("sequences begin with 1".to_owned()),
            None if entry.sequence == 1 && entry.previous != GENESIS => {
                return broken("the first entry's previous hash is not 64 zeros".to_owned());
            }
            _ => {}
        }
        if hash(entry) != entry.hash {
            return broken("its content does not have the hash that it carries".to_owned());
        }
        before = Some(entry);
    }
    Ok(ChainSummary {
        entries: entries.len().try_into().unwrap_or(u64::MAX),
        first: entries.first().map_or(0, |entry| entry.sequence),
        last: before.map_or(0, |entry| entry.sequence),
        head: before.map_or_else(|| GENESIS.to_owned(), |entry| entry.hash.clone()),
    })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use recovery::actor::{Actor, Permission, Role, Via};
    use recovery::audit::Phase;

    use super::*;

    fn chain(length: u64) -> Vec<AuditEntry> {
        let mut previous = GENESIS.to_owned();
        (1..=length)
            .map(|sequence| {
                let mut entry = AuditEntry {
                    sequence,
                    at: Timestamp::from_second(1_795_000_000).unwrap(),
                    actor: Actor {
                        name: "zoë".into(),
                        role: Role::Operator,
                        via: Via::Token,
                    },
                    permission: Permission::Restore,
                    subject: "r-01jd3k0000000000".into(),
                    phase: Phase::Started,
                    reason: Some("a \"drill\"\n".into()),
                    detail: String::new(),
                    request_id: None,
                    previous: previous.clone(),
                    hash: String::new(),
                };
                entry.hash = hash(&entry);
                previous.clone_from(&entry.hash);
                entry
            })
            .collect()
    }

    #[test]
    fn a_chain_holds_in_both_orders_and_in_stretches() {
        let mut entries = chain(4);
        assert_eq!(verify_chain(&entries).unwrap().last, 4);
        assert_eq!(verify_chain(&entries[1..3]).unwrap().first, 2);
        entries.reverse();
        assert_eq!(verify_chain(&entries).unwrap().entries, 4);
        assert_eq!(verify_chain(&[]).unwrap().entries, 0);
    }

    #[test]
    fn every_kind_of_tampering_is_found_where_it_is() {
        let check = |tamper: fn(&mut Vec<AuditEntry>), at: u64| {
            let mut entries = chain(4);
            tamper(&mut entries);
            match verify_chain(&entries) {
                Err(Error::BrokenChain { sequence, .. }) => assert_eq!(sequence, at),
                other => panic!("{other:?}"),
            }
        };
        check(|entries| entries[1].detail = "x".into(), 2);
        check(|entries| drop(entries.remove(1)), 3);
        check(|entries| entries.swap(1, 2), 3);
        check(
            |entries| {
                entries[1].subject = "r-other000".into();
                entries[1].hash = hash(&entries[1]);
            },
            3,
        );
        check(|entries| entries[0].previous = "1".repeat(64), 1);
    }

    #[test]
    fn the_hash_is_what_the_documentation_says() {
        // Computed with Python: hashlib.sha256(json.dumps(e, sort_keys=True, separators=(",", ":"),
        // ensure_ascii=False).encode()).hexdigest()
        let entry = &chain(1)[0];
        assert_eq!(entry.hash, EXPECTED);
    }

    const EXPECTED: &str = "39891c66f3c15e36aa7892a8c3f06ac7c59cb487c34732fc8e162e2694cdffe5";
}
