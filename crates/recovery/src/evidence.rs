//! What a replication check saw, object by object, so that it can be shown later and checked by others.
//!
//! A manifest is one JSON document. It carries the SHA-256 of itself, and stands beside the export, never below its
//! prefix: nothing that lists the export's objects sees it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, RecoveryPointId, Region, SourceId};
use crate::inventory::{Comparison, Judgement, ObjectFact, judge, judge_in_place};
use crate::point::Evidence;
use crate::verdict::Verdict;

/// The form of a manifest that this version writes.
pub const FORMAT: u32 = 1;

/// What one check saw of one copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: u32,
    /// The recovery point, where a catalogue knows it.
    pub recovery_point: Option<RecoveryPointId>,
    /// The source, likewise.
    pub source: Option<SourceId>,
    /// When the check was made.
    pub checked_at: Timestamp,
    /// What it found.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// The figures.
    pub evidence: Evidence,
    /// What the copy was compared with: the export, or the export as an earlier manifest has it.
    pub original: Side,
    /// The copy. The export itself is compared with its own earlier manifest.
    pub copy: Side,
    /// Every object, by path.
    pub objects: Vec<ObjectEvidence>,
    /// SHA-256 (hex) of this document's canonical JSON without this member.
    pub sha256: String,
}

/// One side of a comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// The bucket's Region.
    pub region: Region,
    /// The account that owns the bucket, where it is known.
    pub account: Option<AccountId>,
    /// The bucket.
    pub bucket: String,
    /// The export's prefix there, without a trailing slash.
    pub prefix: String,
}

/// What was seen of one object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectEvidence {
    /// What was found.
    pub outcome: Outcome,
    /// What decided it: a checksum's algorithm, `size`, or `version`.
    pub decided_by: Option<String>,
    /// The object at the original, where it is there.
    pub original: Option<ObjectFact>,
    /// The object in the copy, where it is there.
    pub copy: Option<ObjectFact>,
}

/// What was found of one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Both sides are the same.
    Equal,
    /// They are not.
    Different,
    /// The copy lacks it.
    Missing,
    /// The copy lacks it, and S3 still brings it.
    Arriving,
    /// Only the copy has it.
    Extra,
    /// Nothing decided.
    Undecided,
}

/// The prefix of a copy's manifests, with a trailing slash: beside the export's own.
pub fn manifests_of(copy_prefix: &str) -> String {
    format!("{}.evidence/", copy_prefix.trim_end_matches('/'))
}

/// The key of the manifest of a check of the copy in `region`, in every bucket that it is written to. It names the
/// Region and the digest, so that one that S3 replicates never meets another one.
pub fn manifest_key(copy_prefix: &str, region: &Region, checked_at: Timestamp, sha256: &str) -> String {
    format!(
        "{}{region}/{}-{}.json",
        manifests_of(copy_prefix),
        checked_at.strftime("%Y%m%dT%H%M%SZ"),
        sha256.get(..16).unwrap_or(sha256)
    )
}

/// Every object of either side with what was found of it, by path. `in_place`: both sides are one copy at two times.
pub fn objects(
    in_place: bool,
    original: &[ObjectFact],
    copy: &[ObjectFact],
    comparison: &Comparison,
    arriving: &[String],
) -> Vec<ObjectEvidence> {
    let by_path = |facts: &[ObjectFact]| -> BTreeMap<String, ObjectFact> {
        facts
            .iter()
            .map(|fact| (fact.path.clone(), fact.clone()))
            .collect()
    };
    let (mut original, mut copy) = (by_path(original), by_path(copy));
    let judge = if in_place { judge_in_place } else { judge };
    let missing: BTreeSet<&str> = comparison.missing.iter().map(String::as_str).collect();
    let arriving: BTreeSet<&str> = arriving.iter().map(String::as_str).collect();
    let paths: BTreeSet<String> = original.keys().chain(copy.keys()).cloned().collect();
    paths
        .into_iter()
        .map(|path| {
            let (left, right) = (original.remove(&path), copy.remove(&path));
            let (outcome, decided_by) = match (&left, &right) {
                (Some(left), Some(right)) => match judge(left, right) {
                    Judgement::Equal(by) => (Outcome::Equal, Some(by)),
                    Judgement::Different(by) => (Outcome::Different, Some(by)),
                    Judgement::Undecided => (Outcome::Undecided, None),
                },
                (None, _) => (Outcome::Extra, None),
                _ if arriving.contains(path.as_str()) => (Outcome::Arriving, None),
                _ if missing.contains(path.as_str()) => (Outcome::Missing, None),
                // What was gone before it could be asked about.
                _ => (Outcome::Undecided, None),
            };
            ObjectEvidence {
                outcome,
                decided_by,
                original: left,
                copy: right,
            }
        })
        .collect()
}

impl Manifest {
    /// The copy's objects as this check saw them.
    pub fn copy_facts(&self) -> Vec<ObjectFact> {
        self.objects
            .iter()
            .filter_map(|object| object.copy.clone())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::{Checksum, compare};

    fn object(path: &str, value: &str) -> ObjectFact {
        ObjectFact {
            path: path.into(),
            size: 3,
            checksums: vec![Checksum {
                algorithm: "CRC64NVME".into(),
                value: value.into(),
                full_object: true,
            }],
            ..ObjectFact::default()
        }
    }

    #[test]
    fn manifests_stand_beside_the_export_and_name_their_region() {
        let (region, at) = (
            "us-west-2".parse().unwrap(),
            "2026-11-20T08:15:00Z".parse().unwrap(),
        );
        let key = manifest_key("exports/shop-1", &region, at, "0123456789abcdef0123");
        assert_eq!(
            key,
            "exports/shop-1.evidence/us-west-2/20261120T081500Z-0123456789abcdef.json"
        );
        assert!(!key.starts_with("exports/shop-1/"), "no object of the export");
    }

    #[test]
    fn every_object_of_either_side_is_told_with_what_decided() {
        let original = [
            object("a", "1"),
            object("b", "1"),
            object("c", "1"),
            object("d", "1"),
        ];
        let copy = [object("a", "1"), object("b", "2"), object("e", "1")];
        let comparison = compare(&original, &copy);
        let told: Vec<(Outcome, Option<String>)> =
            objects(false, &original, &copy, &comparison, &["d".into()])
                .into_iter()
                .map(|object| (object.outcome, object.decided_by))
                .collect();
        let by = || Some("CRC64NVME".to_owned());
        assert_eq!(
            told,
            [
                (Outcome::Equal, by()),
                (Outcome::Different, by()),
                (Outcome::Missing, None),
                (Outcome::Arriving, None),
                (Outcome::Extra, None),
            ]
        );
    }
}
