//! One copy against its original.

use std::collections::{BTreeMap, BTreeSet};

use aws::ErrorKind;
use futures::{StreamExt, TryStreamExt, stream};
use recovery::inventory::{
    Checksum, Comparison, Judgement, ObjectFact, READ, compare_by, judge, judge_in_place,
};
use recovery::point::Evidence;
use recovery::replication_failure::{Observed, explain};
use recovery::verdict::Verdict;

use super::listing::{OBJECTS_AT_ONCE, facts, list, unread};
use super::read::sha256;
use super::{Check, Checker, Location, Unread};

/// Objects that are read at once, on each side, a piece at a time.
const READ_AT_ONCE: usize = 4;

/// A check and everything that it saw.
#[derive(Clone, Debug)]
pub(crate) struct Compared {
    pub(crate) check: Check,
    /// The original's objects. Bare sizes while objects only arrive.
    pub(crate) original: Vec<ObjectFact>,
    /// The copy's.
    pub(crate) copy: Vec<ObjectFact>,
    /// Whether both are one copy at two times.
    pub(crate) in_place: bool,
}

impl Compared {
    /// Whether the objects were looked at one by one, and not only counted because they are still arriving.
    pub(crate) fn is_looked_at(&self) -> bool {
        self.check.arriving.is_empty() || self.copy.iter().any(|fact| fact.etag.is_some())
    }
}

/// What a copy is held against.
enum Original<'a> {
    /// A copy that is there.
    Live(&'a Location),
    /// What an earlier check saw, of another copy or of this one.
    Recorded { in_place: bool },
}

/// Missing paths, by whether S3 still brings them.
#[derive(Default)]
struct Arriving {
    paths: Vec<String>,
    /// How many S3 has given up.
    failed: usize,
}

/// Compares the copy at `to` with the one at `from`.
pub(crate) async fn compare_copies(
    checker: &Checker<'_>,
    from: &Location,
    to: &Location,
) -> Result<Compared, Unread> {
    let (original, copy) = futures::try_join!(list(checker.cloud, from), list(checker.cloud, to))?;
    let missing: Vec<String> = original
        .keys()
        .filter(|path| !copy.contains_key(*path))
        .cloned()
        .collect();
    let arriving = arriving(checker, from, to, &missing).await?;
    let is_short = original
        .iter()
        .any(|(path, size)| copy.get(path).is_some_and(|found| found != size));
    // While objects only arrive, their number says all; the rest is compared once they are there.
    if !missing.is_empty() && arriving.paths.len() == missing.len() && !is_short {
        let comparison = Comparison {
            missing,
            extra: copy
                .keys()
                .filter(|path| !original.contains_key(*path))
                .cloned()
                .collect(),
            ..Comparison::default()
        };
        return Ok(compared(
            comparison,
            arriving.paths,
            bare(original),
            bare(copy),
            None,
        ));
    }
    let original_paths: Vec<String> = original.keys().cloned().collect();
    let (original, copy) = futures::try_join!(
        facts(checker.cloud, from, original_paths),
        copy_facts(checker, to, copy, original.keys().map(String::as_str).collect())
    )?;
    let why = match arriving.failed {
        0 => None,
        failed => Some(explain(failed, &observe(checker, from, to).await)),
    };
    decide(
        checker,
        &Original::Live(from),
        original,
        to,
        copy,
        arriving.paths,
        why,
    )
    .await
}

/// Compares the copy at `at` with what an earlier check saw. `in_place`: of this very copy, whose objects are the same
/// while nobody has written them anew.
pub(crate) async fn compare_with_record(
    checker: &Checker<'_>,
    record: Vec<ObjectFact>,
    at: &Location,
    in_place: bool,
) -> Result<Compared, Unread> {
    let listed = list(checker.cloud, at).await?;
    let known: BTreeSet<&str> = record.iter().map(|fact| fact.path.as_str()).collect();
    let copy = copy_facts(checker, at, listed, known).await?;
    let original = Original::Recorded { in_place };
    decide(checker, &original, record, at, copy, Vec::new(), None).await
}

/// Facts of what the original has too, and bare sizes of what it has not.
async fn copy_facts(
    checker: &Checker<'_>,
    at: &Location,
    listed: BTreeMap<String, u64>,
    known: BTreeSet<&str>,
) -> Result<Vec<ObjectFact>, Unread> {
    let (shared, extra): (BTreeMap<_, _>, BTreeMap<_, _>) = listed
        .into_iter()
        .partition(|(path, _)| known.contains(path.as_str()));
    let mut found = facts(checker.cloud, at, shared.into_keys().collect()).await?;
    found.extend(bare(extra));
    Ok(found)
}

/// Compares facts, and reads what they do not decide.
async fn decide(
    checker: &Checker<'_>,
    from: &Original<'_>,
    mut original: Vec<ObjectFact>,
    to: &Location,
    mut copy: Vec<ObjectFact>,
    arriving: Vec<String>,
    why: Option<String>,
) -> Result<Compared, Unread> {
    let in_place = matches!(from, Original::Recorded { in_place: true });
    let judged: fn(&ObjectFact, &ObjectFact) -> Judgement = if in_place { judge_in_place } else { judge };
    let undecided = compare_by(&original, &copy, judged).incomparable;
    if !undecided.is_empty() {
        // What lies in an archive is not read for a check; it stays undecided until it is thawed.
        let cold: BTreeSet<&str> = original
            .iter()
            .chain(&copy)
            .filter(|fact| !fact.is_readable())
            .map(|fact| fact.path.as_str())
            .collect();
        let undecided: BTreeSet<String> = undecided
            .into_iter()
            .filter(|path| !cold.contains(path.as_str()))
            .collect();
        if let Original::Live(from) = from {
            futures::try_join!(
                read(checker, from, &mut original, &undecided),
                read(checker, to, &mut copy, &undecided)
            )?;
        } else {
            // What an earlier check has not read cannot be compared with what is read now.
            let known: BTreeSet<String> = original
                .iter()
                .filter(|fact| undecided.contains(&fact.path) && fact.checksum(READ).is_some())
                .map(|fact| fact.path.clone())
                .collect();
            read(checker, to, &mut copy, &known).await?;
        }
    }
    let mut comparison = compare_by(&original, &copy, judged);
    if in_place {
        // Written anew, and nothing proves that it is the same: then it is not what was verified.
        comparison.different.append(&mut comparison.incomparable);
        comparison.different.sort();
    }
    let mut compared = compared(comparison, arriving, original, copy, why);
    compared.in_place = in_place;
    Ok(compared)
}

/// Reads the objects of `paths` and puts the SHA-256 of each beside S3's checksums.
async fn read(
    checker: &Checker<'_>,
    at: &Location,
    facts: &mut [ObjectFact],
    paths: &BTreeSet<String>,
) -> Result<(), Unread> {
    let wanted: Vec<ObjectFact> = facts
        .iter()
        .filter(|fact| paths.contains(&fact.path))
        .cloned()
        .collect();
    let mut digests: BTreeMap<String, String> = stream::iter(wanted)
        .map(|fact| async move {
            let digest = sha256(checker, at, &fact).await?;
            Ok::<_, Unread>((fact.path, digest))
        })
        .buffer_unordered(READ_AT_ONCE)
        .try_collect()
        .await?;
    for fact in facts {
        if let Some(digest) = digests.remove(&fact.path) {
            fact.checksums.push(Checksum {
                algorithm: READ.to_owned(),
                value: digest,
                full_object: true,
            });
        }
    }
    Ok(())
}

/// Of the missing paths, those that S3 still brings.
async fn arriving(
    checker: &Checker<'_>,
    from: &Location,
    to: &Location,
    missing: &[String],
) -> Result<Arriving, Unread> {
    enum Way {
        Arriving(String),
        Failed,
        Lost,
    }
    let (origin, target) = (from.bucket(), to.bucket());
    let cloud = checker.cloud;
    let found: Vec<Way> = stream::iter(missing.to_vec())
        .map(|path| {
            let (origin, target) = (&origin, &target);
            async move {
                let key = format!("{}{path}", from.below());
                let status = match cloud.replication_status(origin, &key).await {
                    Ok(status) => status,
                    Err(error) if error.kind == ErrorKind::NotFound => None,
                    Err(error) => return Err(unread(from, error)),
                };
                match status.as_deref() {
                    Some("PENDING") => Ok(Way::Arriving(path)),
                    Some("FAILED") => Ok(Way::Failed),
                    // Between the listing and this answer it may have arrived: then the next check sees it.
                    _ => match cloud.head_object(target, &format!("{}{path}", to.below())).await {
                        Ok(_) => Ok(Way::Arriving(path)),
                        Err(error) if error.kind == ErrorKind::NotFound => Ok(Way::Lost),
                        Err(error) => Err(unread(to, error)),
                    },
                }
            }
        })
        .buffered(OBJECTS_AT_ONCE)
        .try_collect()
        .await?;
    let mut arriving = Arriving::default();
    for way in found {
        match way {
            Way::Arriving(path) => arriving.paths.push(path),
            Way::Failed => arriving.failed += 1,
            Way::Lost => {}
        }
    }
    Ok(arriving)
}

/// What the buckets' settings show of why S3 could not replicate. What cannot be asked is left open.
async fn observe(checker: &Checker<'_>, from: &Location, to: &Location) -> Observed {
    let (origin, target) = (from.bucket(), to.bucket());
    let (versioned, rules) = futures::join!(
        checker.cloud.is_bucket_versioned(&target),
        checker.cloud.bucket_replication(&origin)
    );
    Observed {
        // It was just listed.
        destination_exists: Some(true),
        destination_versioned: versioned.ok(),
        has_rule: rules
            .ok()
            .map(|rules| rules.iter().any(|rule| rule.enabled && rule.bucket == to.bucket)),
        crosses_accounts: matches!((&from.account, &to.account), (Some(from), Some(to)) if from != to),
    }
}

fn bare(sizes: BTreeMap<String, u64>) -> Vec<ObjectFact> {
    sizes
        .into_iter()
        .map(|(path, size)| ObjectFact {
            path,
            size,
            ..ObjectFact::default()
        })
        .collect()
}

fn compared(
    comparison: Comparison,
    arriving: Vec<String>,
    original: Vec<ObjectFact>,
    copy: Vec<ObjectFact>,
    why: Option<String>,
) -> Compared {
    let verdict = Verdict::of(&comparison, &arriving);
    let evidence = evidence(&original, &copy, &comparison, &arriving, why);
    Compared {
        check: Check {
            comparison,
            arriving,
            verdict,
            evidence,
        },
        original,
        copy,
        in_place: false,
    }
}

fn evidence(
    original: &[ObjectFact],
    copy: &[ObjectFact],
    comparison: &Comparison,
    arriving: &[String],
    why: Option<String>,
) -> Evidence {
    let expected = original.len();
    let missing = comparison.missing.len();
    let mut parts: Vec<String> = comparison
        .equal
        .iter()
        .map(|(algorithm, count)| format!("{algorithm} equal for {count} of {expected} objects"))
        .collect();
    if missing > arriving.len() {
        parts.push(format!(
            "{} missing and not on their way",
            missing - arriving.len()
        ));
    }
    parts.extend(why);
    if !arriving.is_empty() {
        parts.push(format!("{} on their way", arriving.len()));
    }
    if !comparison.different.is_empty() {
        parts.push(format!("{} different", comparison.different.len()));
    }
    if !comparison.incomparable.is_empty() {
        parts.push(format!(
            "{} not decided by any checksum, and in Glacier, where they cannot be read",
            comparison.incomparable.len()
        ));
    }
    if parts.is_empty() {
        parts.push("nothing to compare".to_owned());
    }
    let known: BTreeSet<&str> = original.iter().map(|fact| fact.path.as_str()).collect();
    Evidence {
        objects_expected: expected as u64,
        objects_found: (expected - missing) as u64,
        basis: parts.join("; "),
        bytes: copy
            .iter()
            .filter(|fact| known.contains(fact.path.as_str()))
            .map(|fact| fact.size)
            .sum(),
        extra: comparison.extra.clone(),
    }
}
