//! What a replication check found of a copy.

use std::collections::HashSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::inventory::Comparison;

/// The verdict on one copy. Only `Verified` copies are restorable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "verdict")]
pub enum Verdict {
    /// Every object of the export is here, with equal size and full-object checksum.
    Verified,
    /// Not all objects have arrived, and S3 still says that they will; or no check was made yet.
    Pending,
    /// Objects are missing, or differ, and will not arrive by themselves.
    Incomplete {
        /// Paths below the copy's prefix.
        missing: Vec<String>,
        /// Paths whose size or checksum differs.
        different: Vec<String>,
    },
    /// The copy could not be looked at (Region or bucket unreachable, access denied).
    Unknown {
        /// Since when it could not be reached.
        since: Timestamp,
        /// What the last attempt answered.
        cause: String,
    },
    /// Its policy's lifecycle ends it: S3 was asked to delete its objects. Its evidence stays.
    Expired {
        /// Since when.
        at: Timestamp,
    },
}

impl Verdict {
    /// What a finished comparison says. `arriving` are the paths that S3 still reports as PENDING replication at
    /// the origin; objects that differ make a copy incomplete at once.
    ///
    /// `incomparable` paths must have been read on both sides and resolved before this is asked: any that are left
    /// keep the copy `Pending`, never `Verified`.
    pub fn of(comparison: &Comparison, arriving: &[String]) -> Self {
        let arriving: HashSet<&str> = arriving.iter().map(String::as_str).collect();
        let lost: Vec<String> = comparison
            .missing
            .iter()
            .filter(|path| !arriving.contains(path.as_str()))
            .cloned()
            .collect();
        if !lost.is_empty() || !comparison.different.is_empty() {
            return Self::Incomplete {
                missing: lost,
                different: comparison.different.clone(),
            };
        }
        if comparison.missing.is_empty() && comparison.incomparable.is_empty() && !comparison.equal.is_empty()
        {
            Self::Verified
        } else {
            Self::Pending
        }
    }

    /// Whether a copy with this verdict may be restored.
    pub fn is_restorable(&self) -> bool {
        matches!(self, Self::Verified)
    }

    /// Whether the copy's lifecycle has ended it, so that nothing is expected of it any more.
    pub fn is_expired(&self) -> bool {
        matches!(self, Self::Expired { .. })
    }

    /// `Verified`, `Pending`, `Incomplete`, `Unknown` or `Expired`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Verified => "Verified",
            Self::Pending => "Pending",
            Self::Incomplete { .. } => "Incomplete",
            Self::Unknown { .. } => "Unknown",
            Self::Expired { .. } => "Expired",
        }
    }

    /// One sentence that says what was found.
    pub fn explanation(&self) -> String {
        match self {
            Self::Verified => "Every object is here and identical.".to_owned(),
            Self::Pending => "Objects are still arriving.".to_owned(),
            Self::Incomplete { missing, different } => match (count(missing), count(different)) {
                (m, 0) => format!("{} missing.", objects(m)),
                (0, d) => format!("{} different from the export.", objects(d)),
                (m, d) => format!(
                    "{} missing, {} different from the export.",
                    objects(m),
                    objects(d)
                ),
            },
            Self::Unknown { cause, .. } => format!("Cannot be reached: {cause}"),
            Self::Expired { .. } => "Its lifecycle has ended it; S3 deletes its objects.".to_owned(),
        }
    }
}

/// What stands before the number of names that were left out of a bounded list.
const MORE: &str = "… and ";

/// The first names, as many as a record has room for; where some are left out, a last line says how many: `… and 7
/// more`. [`count`] still knows them all.
pub fn bounded(mut names: Vec<String>, names_max: usize, bytes_max: usize) -> Vec<String> {
    let mut bytes = 0;
    let kept = names
        .iter()
        .take(names_max)
        .take_while(|name| {
            bytes += name.len();
            bytes <= bytes_max
        })
        .count();
    let more = names.len() - kept;
    if more > 0 {
        names.truncate(kept);
        names.push(format!("{MORE}{more} more"));
    }
    names
}

/// How many names a list stands for, those included that [`bounded`] left out.
pub fn count(names: &[String]) -> usize {
    let left_out = names.last().and_then(|last| {
        let number = last.strip_prefix(MORE)?.strip_suffix(" more")?;
        number.parse::<usize>().ok()
    });
    match left_out {
        Some(left_out) => names.len() - 1 + left_out,
        None => names.len(),
    }
}

fn objects(count: usize) -> String {
    if count == 1 {
        "1 object".to_owned()
    } else {
        format!("{count} objects")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comparison(missing: &[&str], different: &[&str], incomparable: &[&str], equal: u64) -> Comparison {
        let own = |paths: &[&str]| paths.iter().map(|p| (*p).to_owned()).collect();
        Comparison {
            missing: own(missing),
            different: own(different),
            incomparable: own(incomparable),
            extra: Vec::new(),
            equal: (equal > 0)
                .then(|| ("CRC64NVME".to_owned(), equal))
                .into_iter()
                .collect(),
        }
    }

    #[test]
    fn a_bounded_list_says_how_many_it_leaves_out_and_still_counts_them() {
        let names: Vec<String> = (0..10).map(|n| format!("part-{n}")).collect();
        assert_eq!(bounded(names.clone(), 10, 100), names);
        assert_eq!(
            bounded(names.clone(), 2, 100),
            ["part-0", "part-1", "… and 8 more"]
        );
        assert_eq!(bounded(names.clone(), 10, 7), ["part-0", "… and 9 more"]);
        assert_eq!(count(&bounded(names, 2, 100)), 10);
        assert_eq!(count(&[]), 0);
    }

    #[test]
    fn only_a_complete_and_equal_copy_is_verified() {
        assert_eq!(Verdict::of(&comparison(&[], &[], &[], 4), &[]), Verdict::Verified);
        assert_eq!(
            Verdict::of(&comparison(&["a"], &[], &[], 3), &["a".into()]),
            Verdict::Pending
        );
        assert_eq!(
            Verdict::of(&comparison(&[], &[], &["a"], 3), &[]),
            Verdict::Pending
        );
        assert_eq!(
            Verdict::of(&comparison(&[], &[], &[], 0), &[]),
            Verdict::Pending,
            "an empty copy proves nothing"
        );
        let lost = Verdict::of(&comparison(&["a", "b"], &[], &[], 2), &["b".into()]);
        assert_eq!(
            lost,
            Verdict::Incomplete {
                missing: vec!["a".into()],
                different: vec![]
            }
        );
        let altered = Verdict::of(&comparison(&["b"], &["a"], &[], 2), &["b".into()]);
        assert_eq!(altered.explanation(), "1 object different from the export.");
    }
}
