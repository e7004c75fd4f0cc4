//! One replica against its origin.

use std::collections::BTreeMap;

use aws::{Cloud, ErrorKind};
use futures::{StreamExt, TryStreamExt, stream};
use recovery::inventory::{Comparison, ObjectFact, compare};
use recovery::point::Evidence;
use recovery::verdict::Verdict;
use sha2::{Digest, Sha256};

use super::listing::{OBJECTS_AT_ONCE, facts, list, unread};
use super::{Check, Location, Unread};

/// The name under which objects count that were read on both sides.
const READ: &str = "SHA256 (read)";

/// Pairs of objects that are read at once, each a piece at a time.
const READ_AT_ONCE: usize = 4;

/// Compares the copy at `to` with the one at `from`.
pub(crate) async fn compare_copies(cloud: &Cloud, from: &Location, to: &Location) -> Result<Check, Unread> {
    let (original, replica) = futures::try_join!(list(cloud, from), list(cloud, to))?;
    let missing: Vec<String> = original
        .keys()
        .filter(|path| !replica.contains_key(*path))
        .cloned()
        .collect();
    let arriving = arriving(cloud, from, to, &missing).await?;
    let shared: Vec<&String> = original
        .keys()
        .filter(|path| replica.contains_key(*path))
        .collect();
    let is_short = shared
        .iter()
        .any(|path| original.get(*path) != replica.get(*path));
    // While objects only arrive, their number says all; the rest is compared once they are there.
    let comparison = if !missing.is_empty() && arriving.len() == missing.len() && !is_short {
        Comparison {
            missing,
            extra: replica
                .keys()
                .filter(|path| !original.contains_key(*path))
                .cloned()
                .collect(),
            ..Comparison::default()
        }
    } else {
        let same_size: Vec<String> = shared
            .iter()
            .filter(|path| original.get(**path) == replica.get(**path))
            .map(|path| (*path).clone())
            .collect();
        let (left, right) =
            futures::try_join!(facts(cloud, from, same_size.clone()), facts(cloud, to, same_size))?;
        let comparison = compare(
            &with_sizes(&original, left),
            &with_sizes_found(&replica, right, &original),
        );
        read_incomparable(cloud, from, to, comparison).await?
    };
    let verdict = Verdict::of(&comparison, &arriving);
    let evidence = evidence(&original, &replica, &comparison, &arriving);
    Ok(Check {
        comparison,
        arriving,
        verdict,
        evidence,
    })
}

/// Of the missing paths, those that S3 still brings.
async fn arriving(
    cloud: &Cloud,
    from: &Location,
    to: &Location,
    missing: &[String],
) -> Result<Vec<String>, Unread> {
    let (origin, target) = (from.bucket(), to.bucket());
    let found: Vec<Option<String>> = stream::iter(missing.to_vec())
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
                    Some("PENDING") => Ok(Some(path)),
                    Some("FAILED") => Ok(None),
                    // Between the listing and this answer it may have arrived: then the next check sees it.
                    _ => match cloud.head_object(target, &format!("{}{path}", to.below())).await {
                        Ok(_) => Ok(Some(path)),
                        Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
                        Err(error) => Err(unread(to, error)),
                    },
                }
            }
        })
        .buffered(OBJECTS_AT_ONCE)
        .try_collect()
        .await?;
    Ok(found.into_iter().flatten().collect())
}

/// The original's facts, and bare sizes for paths that were not asked about.
fn with_sizes(sizes: &BTreeMap<String, u64>, facts: Vec<ObjectFact>) -> Vec<ObjectFact> {
    let mut by_path: BTreeMap<String, ObjectFact> =
        facts.into_iter().map(|fact| (fact.path.clone(), fact)).collect();
    sizes
        .iter()
        .map(|(path, size)| by_path.remove(path).unwrap_or_else(|| bare(path, *size)))
        .collect()
}

/// The replica's facts. An object of the listing that was gone when it was asked about is missing.
fn with_sizes_found(
    sizes: &BTreeMap<String, u64>,
    facts: Vec<ObjectFact>,
    original: &BTreeMap<String, u64>,
) -> Vec<ObjectFact> {
    let mut by_path: BTreeMap<String, ObjectFact> =
        facts.into_iter().map(|fact| (fact.path.clone(), fact)).collect();
    sizes
        .iter()
        .filter_map(|(path, size)| match by_path.remove(path) {
            Some(fact) => Some(fact),
            None if original.get(path) == Some(size) => None,
            None => Some(bare(path, *size)),
        })
        .collect()
}

fn bare(path: &str, size: u64) -> ObjectFact {
    ObjectFact {
        path: path.to_owned(),
        size,
        checksums: Vec::new(),
        replication_status: None,
    }
}

/// Reads what no checksum decides, on both sides.
async fn read_incomparable(
    cloud: &Cloud,
    from: &Location,
    to: &Location,
    mut comparison: Comparison,
) -> Result<Comparison, Unread> {
    let paths = std::mem::take(&mut comparison.incomparable);
    let read: Vec<(String, bool)> = stream::iter(paths)
        .map(|path| async move {
            let (left, right) = futures::try_join!(sha256(cloud, from, &path), sha256(cloud, to, &path))?;
            Ok((path, left == right))
        })
        .buffered(READ_AT_ONCE)
        .try_collect()
        .await?;
    for (path, is_equal) in read {
        if is_equal {
            *comparison.equal.entry(READ.to_owned()).or_default() += 1;
        } else {
            comparison.different.push(path);
        }
    }
    Ok(comparison)
}

async fn sha256(cloud: &Cloud, at: &Location, path: &str) -> Result<[u8; 32], Unread> {
    let key = format!("{}{path}", at.below());
    let mut stream = cloud
        .get_object_stream(&at.bucket(), &key)
        .await
        .map_err(|error| unread(at, error))?;
    let mut hasher = Sha256::new();
    while let Some(piece) = stream.next().await {
        hasher.update(piece.map_err(|error| unread(at, error))?);
    }
    Ok(hasher.finalize().into())
}

fn evidence(
    original: &BTreeMap<String, u64>,
    replica: &BTreeMap<String, u64>,
    comparison: &Comparison,
    arriving: &[String],
) -> Evidence {
    let expected = original.len();
    let missing = comparison.missing.len();
    let equal: Vec<String> = comparison
        .equal
        .iter()
        .map(|(algorithm, count)| format!("{algorithm} equal for {count} of {expected} objects"))
        .collect();
    let mut parts = equal;
    if missing > arriving.len() {
        parts.push(format!(
            "{} missing and not on their way",
            missing - arriving.len()
        ));
    }
    if !arriving.is_empty() {
        parts.push(format!("{} on their way", arriving.len()));
    }
    if !comparison.different.is_empty() {
        parts.push(format!("{} different", comparison.different.len()));
    }
    if parts.is_empty() {
        parts.push("nothing to compare".to_owned());
    }
    let found = original.keys().filter(|path| replica.contains_key(*path));
    Evidence {
        objects_expected: expected as u64,
        objects_found: (expected - missing) as u64,
        basis: parts.join("; "),
        bytes: found.filter_map(|path| replica.get(path)).sum(),
        extra: comparison.extra.clone(),
    }
}
