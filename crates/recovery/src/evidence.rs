//! What a replication check saw, object by object, so that it can be shown later and checked by others.
//!
//! A manifest is one JSON document. It carries the SHA-256 of itself, and stands beside the export, never below its
//! prefix: nothing that lists the export's objects sees it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, RecoveryPointArn, RecoveryPointId, Region, SourceId};
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
    /// What else there is to know of the recovery point, so that whoever has only the copy can list it. Manifests from before
    /// 2026-11-21 lack it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
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

/// What an export is of, and where and when it was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// AWS Backup's ARN of the recovery point.
    pub arn: RecoveryPointArn,
    /// The vault that it was found in.
    pub vault: String,
    /// The vault's Region.
    pub region: Region,
    /// The vault's account.
    pub account: AccountId,
    /// When AWS Backup made it.
    pub created_at: Timestamp,
    /// When its lifecycle ends it, as far as AWS Backup said.
    pub expires_at: Option<Timestamp>,
    /// ARN of the vault that AWS Backup copied it from, if it did.
    pub copied_from: Option<String>,
    /// ARN of the DB instance or cluster.
    pub source_arn: String,
    /// Its engine, where RDS said so.
    pub engine: Option<String>,
    /// Where RDS wrote the export.
    pub export: Side,
    /// When the export was started.
    pub export_started_at: Timestamp,
    /// When it was complete.
    pub export_ended_at: Timestamp,
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

/// Region and time, as it stands in the name, of a manifest with that key below a copy's [`manifests_of`].
pub fn region_and_time(below: &str) -> Option<(Region, &str)> {
    let (region, name) = below.split_once('/')?;
    let (time, digest) = name.strip_suffix(".json")?.split_once('-')?;
    let is_ours = time.len() == 16 && !digest.is_empty() && !digest.contains('/');
    is_ours.then_some((region.parse().ok()?, time))
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

    /// What the export held, as this check knew it: what a copy is held against when the export is out of reach.
    ///
    /// What the check found equal is told by the copy's facts, which have a version that can be recognised.
    pub fn export_facts(&self) -> Vec<ObjectFact> {
        if self.verdict.is_restorable() {
            return self.copy_facts();
        }
        self.objects
            .iter()
            .filter_map(|object| object.original.clone())
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
        let below = key.strip_prefix(&manifests_of("exports/shop-1")).unwrap();
        assert_eq!(region_and_time(below), Some((region, "20261120T081500Z")));
        for other in [
            "us-west-2/notes.txt", "us-west-2", "us-west-2/a-b.json", "us-west-2/20261120T081500Z-a/b.json",
        ] {
            assert_eq!(region_and_time(other), None, "{other}");
        }
    }

    #[test]
    fn a_manifest_without_an_origin_is_as_it_was() {
        let side = Side {
            region: "us-west-2".parse().unwrap(),
            account: None,
            bucket: "b".into(),
            prefix: "p".into(),
        };
        let manifest = Manifest {
            format: FORMAT,
            recovery_point: None,
            source: None,
            origin: None,
            checked_at: Timestamp::UNIX_EPOCH,
            verdict: Verdict::Verified,
            evidence: Evidence {
                objects_expected: 1,
                objects_found: 1,
                basis: String::new(),
                bytes: 3,
                extra: Vec::new(),
            },
            original: side.clone(),
            copy: side,
            objects: Vec::new(),
            sha256: String::new(),
        };
        let json = serde_json::to_value(&manifest).unwrap();
        assert!(json.get("origin").is_none(), "its digest is the one it had");
        assert_eq!(serde_json::from_value::<Manifest>(json).unwrap(), manifest);
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
