//! The objects of one copy and how two copies differ.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A checksum as S3 keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Checksum {
    /// `CRC64NVME`, `CRC32`, `CRC32C`, `SHA1`, `SHA256`.
    pub algorithm: String,
    /// The value, base64, as S3 answers it.
    pub value: String,
    /// Whether it covers the whole object (FULL_OBJECT) and not a composition of parts.
    pub full_object: bool,
}

/// One object of a copy. ETags are not here: they never decide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    let mut rest: BTreeMap<&str, &ObjectFact> = replica.iter().map(|o| (o.path.as_str(), o)).collect();
    let mut comparison = Comparison::default();
    for object in original {
        let Some(other) = rest.remove(object.path.as_str()) else {
            comparison.missing.push(object.path.clone());
            continue;
        };
        if object.size != other.size {
            comparison.different.push(object.path.clone());
            continue;
        }
        match shared_checksum(object, other) {
            None => comparison.incomparable.push(object.path.clone()),
            Some((a, b)) if a.value == b.value => {
                *comparison.equal.entry(a.algorithm.clone()).or_default() += 1;
            }
            Some(_) => comparison.different.push(object.path.clone()),
        }
    }
    comparison.extra = rest.into_keys().map(str::to_owned).collect();
    comparison
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
            replication_status: None,
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
