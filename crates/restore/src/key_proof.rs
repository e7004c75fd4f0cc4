//! Proving candidate keys by reading every row: which are unique and present everywhere, and which rows speak against
//! the others.

use arrow_array::RecordBatch;
use aws::Cloud;
use recovery::plan::{CopyRef, TablePlan};
use recovery::preflight::{Example, Place};
use recovery::table::{Column, KeyCandidate, KeyFault, RefusedKey};
use tokio_util::sync::CancellationToken;

use crate::candidates::CANDIDATES_MAX;
use crate::examples::{self, FindKeys, HashOf};
use crate::inspect::{TableInspection, bucket_of};
use crate::keys::{self, Duplicates, KEY_BYTES_MAX, KeySet};
use crate::read::{self, Stretch, Work};
use crate::row::Columns;
use crate::{Error, candidates};

/// A set for each candidate shares this much memory before it spills to disk.
const CANDIDATE_MEMORY_MAX: usize = KeySet::MEMORY_DEFAULT / CANDIDATES_MAX;

/// Refused keys whose first duplicates are looked up: each takes another pass over its columns.
const EXPLAINED_MAX: usize = 3;

/// What reading every row said of candidate keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyProof {
    /// Unique, and neither NULL nor empty in any row. The likeliest first.
    pub proven: Vec<KeyCandidate>,
    /// What speaks against the others, as far as they were looked at.
    pub refused: Vec<RefusedKey>,
}

/// Reads every row of a table and proves its candidates.
///
/// Single columns are read first: where one is a key, pairs are not looked at, for they could only be worse ones. The
/// rows that speak against a key are looked up only where no key was found. Values are masked.
pub async fn prove_candidates(
    cloud: &Cloud,
    copy: &CopyRef,
    table: &TableInspection,
    cancel: &CancellationToken,
) -> Result<KeyProof, Error> {
    let bucket = bucket_of(copy);
    let objects = table
        .objects
        .iter()
        .map(|object| {
            let stretch = Stretch::inspected(cloud, &bucket, object);
            (stretch, object.row_groups.clone())
        })
        .collect();
    let rows = Rows {
        objects,
        columns: table.summary.columns.clone(),
        prefix: copy.prefix.clone(),
    };
    prove(&rows, &table.candidates, cancel).await
}

/// Another key for a planned table, where every row allows one.
pub(crate) async fn another_key(
    cloud: &Cloud,
    copy: &CopyRef,
    table: &TablePlan,
    cancel: &CancellationToken,
) -> Result<Vec<KeyCandidate>, Error> {
    let bucket = bucket_of(copy);
    let objects = table
        .objects
        .iter()
        .map(|object| (Stretch::whole(cloud, &bucket, object), object.row_groups.clone()))
        .collect();
    let rows = Rows {
        objects,
        columns: table.columns.clone(),
        prefix: copy.prefix.clone(),
    };
    let statistics = crate::statistics::Statistics::default();
    let mut candidates = candidates::ranked(table.source.table(), &table.columns, &statistics);
    let sort = table.key.sort.as_ref().map(|sort| &sort.column);
    candidates.retain(|candidate| {
        candidate.partition != table.key.partition.column || candidate.sort.as_ref() != sort
    });
    Ok(prove(&rows, &candidates, cancel).await?.proven)
}

/// The rows of a table.
struct Rows {
    objects: Vec<(Stretch, Vec<u64>)>,
    columns: Vec<Column>,
    prefix: String,
}

impl Rows {
    /// Each object, of these columns alone.
    fn of<'a>(&'a self, names: &'a [String]) -> impl Iterator<Item = (Stretch, &'a [u64])> {
        self.objects.iter().map(move |(stretch, row_groups)| {
            let mut stretch = stretch.clone();
            stretch.columns = Some(names.to_vec());
            (stretch, row_groups.as_slice())
        })
    }

    fn columns_of(&self, names: &[String]) -> Vec<Column> {
        self.columns
            .iter()
            .filter(|column| names.contains(&column.name))
            .cloned()
            .collect()
    }
}

async fn prove(
    rows: &Rows,
    candidates: &[KeyCandidate],
    cancel: &CancellationToken,
) -> Result<KeyProof, Error> {
    let (single, pairs): (Vec<_>, Vec<_>) = candidates.iter().partition(|candidate| candidate.sort.is_none());
    let mut proof = KeyProof::default();
    let mut repeated = Vec::new();
    for group in [single, pairs] {
        for (mut candidate, verdict) in prove_group(rows, &group, cancel).await? {
            match verdict {
                Verdict::Key => {
                    candidate.proven = true;
                    proof.proven.push(candidate);
                }
                Verdict::Fault(fault, place) => proof.refused.push(RefusedKey {
                    partition: candidate.partition,
                    sort: candidate.sort,
                    fault,
                    rows: None,
                    examples: vec![Example {
                        places: vec![place],
                        ..Example::default()
                    }],
                }),
                Verdict::Repeats(duplicates) => {
                    repeated.push((proof.refused.len(), duplicates.examples));
                    proof.refused.push(RefusedKey {
                        partition: candidate.partition,
                        sort: candidate.sort,
                        fault: KeyFault::Duplicate,
                        rows: Some(duplicates.rows),
                        examples: Vec::new(),
                    });
                }
            }
        }
        if !proof.proven.is_empty() {
            return Ok(proof);
        }
    }
    for (index, hashes) in repeated.into_iter().take(EXPLAINED_MAX) {
        let refused = &proof.refused[index];
        let names = names(&refused.partition, refused.sort.as_ref());
        let columns = rows.columns_of(&names);
        let mut work = FindKeys::new(&rows.prefix, columns, &names, &hashes, HashOf::Key, false);
        for (stretch, row_groups) in rows.of(&names) {
            work = read::through(&stretch, Some(row_groups), cancel, work).await?;
            if work.is_done() {
                break;
            }
        }
        proof.refused[index].examples = work.examples();
    }
    Ok(proof)
}

/// The names of a key's columns.
fn names(partition: &str, sort: Option<&String>) -> Vec<String> {
    std::iter::once(partition.to_owned())
        .chain(sort.cloned())
        .collect()
}

/// What reading every row said of one candidate.
enum Verdict {
    Key,
    Fault(KeyFault, Place),
    Repeats(Duplicates),
}

/// Looks at all candidates of a group in one pass over the rows.
async fn prove_group(
    rows: &Rows,
    group: &[&KeyCandidate],
    cancel: &CancellationToken,
) -> Result<Vec<(KeyCandidate, Verdict)>, Error> {
    let names: Vec<String> = group
        .iter()
        .flat_map(|candidate| std::iter::once(&candidate.partition).chain(&candidate.sort))
        .cloned()
        .collect();
    let mut work = Candidates {
        columns: rows.columns_of(&names),
        sets: group
            .iter()
            .map(|candidate| ((*candidate).clone(), Ok(KeySet::new(CANDIDATE_MEMORY_MAX))))
            .collect(),
        prefix: rows.prefix.clone(),
        object: String::new(),
        row: 0,
        form: Vec::new(),
    };
    for (stretch, row_groups) in rows.of(&names) {
        if work.sets.iter().all(|(_, set)| set.is_err()) {
            break;
        }
        work = read::through(&stretch, Some(row_groups), cancel, work).await?;
    }
    tokio::task::spawn_blocking(move || work.verdicts())
        .await
        .map_err(|error| Error::from_join(&error))?
}

/// Gathers the keys of several candidates in one pass.
struct Candidates {
    columns: Vec<Column>,
    /// A candidate and its keys.
    sets: Vec<(KeyCandidate, Gathered)>,
    prefix: String,
    object: String,
    /// Rows of the object before this batch.
    row: u64,
    form: Vec<u8>,
}

/// A candidate's keys, until a row speaks against it by itself.
type Gathered = Result<KeySet, (KeyFault, Place)>;

impl Candidates {
    fn verdicts(self) -> Result<Vec<(KeyCandidate, Verdict)>, Error> {
        let verdict = |set: Gathered| {
            Ok::<_, Error>(match set {
                Err((fault, place)) => Verdict::Fault(fault, place),
                Ok(set) => match set.duplicates().map_err(|error| keys::spill_failed(&error))? {
                    Duplicates { rows: 0, .. } => Verdict::Key,
                    duplicates => Verdict::Repeats(duplicates),
                },
            })
        };
        self.sets
            .into_iter()
            .map(|(candidate, set)| Ok((candidate, verdict(set)?)))
            .collect()
    }
}

impl Work for Candidates {
    fn begin(&mut self, key: &str) {
        (self.object, self.row) = (examples::below(&self.prefix, key), 0);
    }

    fn batch(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        let columns = Columns::of(batch, &self.columns).map_err(|cause| keys::unfit(&cause))?;
        for (candidate, set) in &mut self.sets {
            let parts: Vec<_> = std::iter::once(&candidate.partition)
                .chain(&candidate.sort)
                .filter_map(|name| columns.columns.iter().find(|column| column.column.name == *name))
                .collect();
            for row in 0..columns.rows {
                let Ok(keys) = set else { break };
                let fault = parts.iter().zip(KEY_BYTES_MAX).find_map(|(part, max)| {
                    if part.is_null(row) {
                        return Some(KeyFault::Null);
                    }
                    match part.bytes(row)?.len() {
                        0 => Some(KeyFault::Empty),
                        length if length > max => Some(KeyFault::TooLong),
                        _ => None,
                    }
                });
                if let Some(fault) = fault {
                    let place = Place {
                        object: self.object.clone(),
                        row: self.row + row as u64 + 1,
                    };
                    *set = Err((fault, place));
                    break;
                }
                self.form.clear();
                for part in &parts {
                    part.canonical(row, &mut self.form);
                }
                keys.insert(keys::hash(&self.form))
                    .map_err(|error| keys::spill_failed(&error))?;
            }
        }
        self.row += columns.rows as u64;
        Ok(())
    }
}
