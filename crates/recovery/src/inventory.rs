//! The objects of one copy and how two copies differ.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::archive::{Thaw, is_archive};

/// The algorithm's name of a checksum that was computed by reading an object: its SHA-256, in hex.
pub const READ: &str = "SHA256 (read)";

/// A checksum as S3 keeps it, or as it was computed by reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Checksum {
    /// `CRC64NVME`, `CRC32`, `CRC32C`, `SHA1`, `SHA256`, or [`READ`].
    pub algorithm: String,
    /// The value, base64, as S3 answers it.
    pub value: String,
    /// Whether it covers the whole object (FULL_OBJECT) and not a composition of parts.
    pub full_object: bool,
}

/// One object of a copy, as S3 describes it. Its ETag names one writing of it; it never decides whether two objects are
/// equal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ObjectFact {
    /// The key below the copy's prefix, so that copies in different buckets compare.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// Every checksum that S3 holds for the object, or that was computed by reading it.
    pub checksums: Vec<Checksum>,
    /// `x-amz-replication-status`, where one was asked for.
    pub replication_status: Option<String>,
    /// The entity tag, with its quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// The version, in a bucket that keeps versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version_id: Option<String>,
    /// When it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<Timestamp>,
    /// The KMS key that it is encrypted with; `None` under S3's own keys (SSE-S3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kms_key: Option<String>,
    /// Its storage class, where that is not `STANDARD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage_class: Option<String>,
    /// How far its thaw is, where it lies in an archive and was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thaw: Option<Thaw>,
    /// Until when object lock keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retained_until: Option<Timestamp>,
    /// Whether a legal hold keeps it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub legal_hold: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for this signature")]
fn is_false(value: &bool) -> bool {
    !value
}

impl ObjectFact {
    /// Whether its bytes can be read now: it lies in no archive, or is thawed.
    pub fn is_readable(&self) -> bool {
        !self.storage_class.as_deref().is_some_and(is_archive) || matches!(self.thaw, Some(Thaw::Until(_)))
    }

    /// A full-object checksum of that algorithm.
    pub fn checksum(&self, algorithm: &str) -> Option<&str> {
        self.checksums
            .iter()
            .find(|checksum| checksum.full_object && checksum.algorithm == algorithm)
            .map(|checksum| checksum.value.as_str())
    }

    /// Whether both describe one writing of one object: then its bytes are the same, for S3 changes none in place.
    /// Versions tell it, and where the bucket keeps none, the ETag together with the time of writing.
    pub fn is_same_writing(&self, other: &Self) -> bool {
        let versions = (self.version_id.as_deref(), other.version_id.as_deref());
        match versions {
            (Some(mine), Some(theirs)) if mine != "null" => mine == theirs,
            _ => {
                self.size == other.size
                    && self.etag.is_some()
                    && self.etag == other.etag
                    && self.last_modified.is_some()
                    && self.last_modified == other.last_modified
            }
        }
    }
}

/// How one replica compares with its original, object by object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Comparison {
    /// Paths that the replica lacks.
    pub missing: Vec<String>,
    /// Paths whose size or checksum differs.
    pub different: Vec<String>,
    /// Paths of equal size without a full-object checksum of one algorithm on both sides: both must be read.
    pub incomparable: Vec<String>,
    /// Paths that only the replica has. They do not make it incomplete, but they are shown.
    pub extra: Vec<String>,
    /// Objects found equal, by the algorithm that decided.
    pub equal: BTreeMap<String, u64>,
}

/// Compares `replica` with `original`. Existence, size and full-object checksums decide; nothing else does.
pub fn compare(original: &[ObjectFact], replica: &[ObjectFact]) -> Comparison {
    compare_by(original, replica, judge)
}

/// The same with another judge of two objects, such as [`judge_in_place`].
pub fn compare_by(
    original: &[ObjectFact],
    replica: &[ObjectFact],
    judge: impl Fn(&ObjectFact, &ObjectFact) -> Judgement,
) -> Comparison {
    let mut rest: BTreeMap<&str, &ObjectFact> = replica.iter().map(|o| (o.path.as_str(), o)).collect();
    let mut comparison = Comparison::default();
    for object in original {
        let Some(other) = rest.remove(object.path.as_str()) else {
            comparison.missing.push(object.path.clone());
            continue;
        };
        match judge(object, other) {
            Judgement::Equal(by) => *comparison.equal.entry(by).or_default() += 1,
            Judgement::Different(_) => comparison.different.push(object.path.clone()),
            Judgement::Undecided => comparison.incomparable.push(object.path.clone()),
        }
    }
    comparison.extra = rest.into_keys().map(str::to_owned).collect();
    comparison
}

/// Whether two objects are the same, and what decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// They are, by this checksum.
    Equal(String),
    /// They are not, by this checksum or by `size`.
    Different(String),
    /// No checksum of one algorithm covers both: they must be read.
    Undecided,
}

/// Size and full-object checksums decide.
pub fn judge(object: &ObjectFact, other: &ObjectFact) -> Judgement {
    if object.size != other.size {
        return Judgement::Different("size".to_owned());
    }
    match shared_checksum(object, other) {
        None => Judgement::Undecided,
        Some((a, b)) if a.value == b.value => Judgement::Equal(a.algorithm.clone()),
        Some((a, _)) => Judgement::Different(a.algorithm.clone()),
    }
}

/// [`judge`] for one copy at two times: an object that was not written anew is the same.
pub fn judge_in_place(before: &ObjectFact, now: &ObjectFact) -> Judgement {
    match judge(before, now) {
        Judgement::Undecided if before.is_same_writing(now) => Judgement::Equal("version".to_owned()),
        judgement => judgement,
    }
}

/// The first full-object checksum that both sides hold with one algorithm.
fn shared_checksum<'a>(a: &'a ObjectFact, b: &'a ObjectFact) -> Option<(&'a Checksum, &'a Checksum)> {
    a.checksums.iter().filter(|c| c.full_object).find_map(|mine| {
        b.checksums
            .iter()
            .find(|c| c.full_object && c.algorithm == mine.algorithm)
            .map(|theirs| (mine, theirs))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(path: &str, size: u64, checksums: &[(&str, &str, bool)]) -> ObjectFact {
        ObjectFact {
            path: path.into(),
            size,
            checksums: checksums
                .iter()
                .map(|(algorithm, value, full_object)| Checksum {
                    algorithm: (*algorithm).into(),
                    value: (*value).into(),
                    full_object: *full_object,
                })
                .collect(),
            ..ObjectFact::default()
        }
    }

    #[test]
    fn one_writing_is_told_by_its_version_or_by_tag_and_time() {
        let at = |seconds| Timestamp::from_second(seconds).ok();
        let writing = |version: Option<&str>, etag: &str, seconds| ObjectFact {
            etag: Some(etag.into()),
            version_id: version.map(str::to_owned),
            last_modified: at(seconds),
            ..object("a", 3, &[])
        };
        let cases = [
            (writing(Some("v1"), "x", 1), writing(Some("v1"), "x", 1), true),
            (writing(Some("v1"), "x", 1), writing(Some("v2"), "x", 1), false),
            (
                writing(Some("null"), "x", 1),
                writing(Some("null"), "x", 2),
                false,
            ),
            (writing(None, "x", 1), writing(None, "x", 1), true),
            (writing(None, "x", 1), writing(None, "y", 1), false),
            (writing(None, "x", 1), writing(Some("v1"), "x", 1), true),
            (object("a", 3, &[]), object("a", 3, &[]), false),
        ];
        for (one, other, same) in cases {
            assert_eq!(one.is_same_writing(&other), same, "{one:?} {other:?}");
        }
    }

    #[test]
    fn existence_size_and_full_object_checksums_decide() {
        let original = [
            object("same", 3, &[("CRC64NVME", "a", true)]),
            object("gone", 3, &[("CRC64NVME", "a", true)]),
            object("short", 3, &[("CRC64NVME", "a", true)]),
            object("altered", 3, &[("CRC64NVME", "a", true)]),
            object("composite", 3, &[("SHA256", "a-2", false)]),
            object("other-algorithm", 3, &[("SHA256", "a", true)]),
        ];
        let replica = [
            object("same", 3, &[("CRC64NVME", "a", true)]),
            object("short", 2, &[("CRC64NVME", "a", true)]),
            object("altered", 3, &[("CRC64NVME", "b", true)]),
            object("composite", 3, &[("SHA256", "a-2", false)]),
            object("other-algorithm", 3, &[("CRC64NVME", "a", true)]),
            object("new", 1, &[]),
        ];
        let found = compare(&original, &replica);
        assert_eq!(found.missing, ["gone"]);
        assert_eq!(found.different, ["short", "altered"]);
        assert_eq!(found.incomparable, ["composite", "other-algorithm"]);
        assert_eq!(found.extra, ["new"]);
        assert_eq!(found.equal, BTreeMap::from([("CRC64NVME".to_owned(), 1)]));
    }
}
