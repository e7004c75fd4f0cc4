//! The items under the keys of some rows, compared with the rows.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use arrow_array::RecordBatch;
use aws::Cloud;
use aws::dynamodb::{Item, TableRef, Value, ValueRef};
use recovery::differences::{Difference, DifferenceKind};
use recovery::plan::{Plan, TablePlan};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::concurrent::joined;
use crate::differences::Shape;
use crate::read::{self, Stretch, Work};
use crate::row::{Columns, RowKeys, Unfit, readback};
use crate::targets::table_ref;
use crate::{Error, MultisetHash, Refusal, keys, retry};

/// Keys of one request: half of what DynamoDB takes, so that a whole answer seldom exceeds its 16 MB.
const KEYS_MAX: usize = 50;

/// A request is full at this many bytes of rows, which its answer is likely to have too.
const ROWS_BYTES_MAX: usize = 1024 * 1024;

/// Requests of one stretch in flight.
const IN_FLIGHT: usize = 4;

/// The first and the longest pause before keys are read that DynamoDB did not come to.
const PAUSE_BASE: Duration = Duration::from_millis(50);
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// What a target holds under the keys of rows.
#[derive(Debug, Default)]
pub(crate) struct Looked {
    /// Items that are their rows, hashed as they were read back.
    pub(crate) equal: MultisetHash,
    /// Rows under whose key another item lies.
    pub(crate) different: u64,
    /// Rows under whose key nothing lies.
    pub(crate) missing: u64,
    /// The first of the two, by key.
    pub(crate) first: Vec<Difference>,
}

impl Looked {
    /// Adds what was seen elsewhere, and keeps at most `told` differences.
    pub(crate) fn add(&mut self, other: Self, told: usize) {
        self.equal.add(&other.equal);
        self.different += other.different;
        self.missing += other.missing;
        self.first.extend(other.first);
        self.first.truncate(told);
    }
}

/// What the rows of stretches are compared with.
pub(super) struct Look<'a> {
    cloud: &'a Cloud,
    table: &'a TablePlan,
    target: TableRef,
    shape: Arc<Shape>,
    /// How many differences are told by key.
    told: usize,
    /// How long DynamoDB may answer nothing.
    patience: Duration,
    cancel: &'a CancellationToken,
}

impl<'a> Look<'a> {
    pub(super) fn new(
        cloud: &'a Cloud,
        plan: &Plan,
        table: &'a TablePlan,
        told: usize,
        patience: Duration,
        cancel: &'a CancellationToken,
    ) -> Self {
        Self {
            cloud,
            table,
            target: table_ref(plan, table),
            shape: Arc::new(Shape::of(table)),
            told,
            patience,
            cancel,
        }
    }

    /// Reads the rows of a stretch and the items under their keys, consistently. `expected` are the rows of each row
    /// group by the plan.
    pub(super) async fn at(&self, stretch: &Stretch, expected: Option<&[u64]>) -> Result<Looked, Error> {
        let (sender, lookups) = mpsc::channel(IN_FLIGHT);
        let work = Gather {
            shape: Arc::clone(&self.shape),
            keys: RowKeys::of(&self.table.key),
            lookup: Lookup::default(),
            lookups: sender,
            key: Vec::new(),
            text: String::new(),
        };
        let reading = async {
            let work = read::through(stretch, expected, self.cancel, work).await?;
            if !work.lookup.rows.is_empty() {
                // Nobody listening means that a look has failed, which the other side reports.
                work.lookups
                    .send(work.lookup)
                    .await
                    .map_err(|_| Error::Cancelled)?;
            }
            Ok(())
        };
        let ((), looked) = tokio::try_join!(reading, self.compare(lookups))?;
        Ok(looked)
    }

    async fn compare(&self, mut lookups: mpsc::Receiver<Lookup>) -> Result<Looked, Error> {
        let mut whole = Looked::default();
        let mut under_way: JoinSet<Result<Looked, Error>> = JoinSet::new();
        while let Some(lookup) = lookups.recv().await {
            if under_way.len() >= IN_FLIGHT
                && let Some(done) = under_way.join_next().await
            {
                whole.add(joined(done)?, self.told);
            }
            let (cloud, target, shape) = (self.cloud.clone(), self.target.clone(), Arc::clone(&self.shape));
            let (patience, cancel) = (self.patience, self.cancel.clone());
            under_way.spawn(async move { lookup.compare(&cloud, &target, &shape, patience, &cancel).await });
        }
        while let Some(done) = under_way.join_next().await {
            whole.add(joined(done)?, self.told);
        }
        Ok(whole)
    }
}

/// Keys that are read with one request, and their rows.
#[derive(Debug, Default)]
struct Lookup {
    keys: Vec<Item>,
    /// The canonical form of each row by that of its key, and the key's place among `keys`.
    rows: HashMap<Vec<u8>, (usize, Vec<u8>)>,
    bytes: usize,
}

impl Lookup {
    async fn compare(
        mut self,
        cloud: &Cloud,
        target: &TableRef,
        shape: &Shape,
        patience: Duration,
        cancel: &CancellationToken,
    ) -> Result<Looked, Error> {
        let mut looked = Looked::default();
        let mut open = self.keys.clone();
        let (mut key, mut form) = (Vec::new(), Vec::new());
        let (mut attempt, mut read_at) = (0, Instant::now());
        while !open.is_empty() {
            let read = retry::patient(cancel, patience, || cloud.batch_get(target, &open)).await?;
            for item in &read.items {
                key.clear();
                form.clear();
                shape.key_form(item, &mut key);
                let Some((_, row)) = self.rows.remove(&key) else {
                    continue;
                };
                readback::canonical_of(&shape.columns, shape.added.as_ref(), item, &mut form);
                if form == row {
                    looked.equal.add_row(&form);
                } else {
                    looked.different += 1;
                    looked.first.push(shape.difference(DifferenceKind::Altered, item));
                }
            }
            if read.left.len() < open.len() {
                (attempt, read_at) = (0, Instant::now());
            } else if read_at.elapsed() > patience {
                return Err(Error::Stalled {
                    target: target.to_string(),
                    seconds: read_at.elapsed().as_secs(),
                    cause: "keys came back unprocessed".to_owned(),
                });
            }
            open = read.left;
            if !open.is_empty() {
                tokio::time::sleep(retry::pause(attempt, PAUSE_BASE, PAUSE_MAX)).await;
                attempt += 1;
            }
        }
        looked.missing = self.rows.len() as u64;
        for (place, _) in self.rows.values() {
            let difference = shape.difference(DifferenceKind::Missing, &self.keys[*place]);
            looked.first.push(difference);
        }
        looked.first.sort_unstable();
        Ok(looked)
    }
}

/// Gathers keys on the decoding thread.
struct Gather {
    shape: Arc<Shape>,
    /// Makes the rows' keys, where they are added: of their digests, for no plan keys rows by place among other items.
    keys: Option<RowKeys>,
    lookup: Lookup,
    lookups: mpsc::Sender<Lookup>,
    key: Vec<u8>,
    text: String,
}

impl Work for Gather {
    fn batch(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        let shape = Arc::clone(&self.shape);
        let columns = Columns::of(batch, &shape.columns).map_err(|cause| keys::unfit(&cause))?;
        for row in 0..columns.rows {
            self.key.clear();
            let mut form = Vec::new();
            columns.canonical(row, &mut form);
            let mut item = key_item(&shape, &columns, row, &mut self.key, &mut self.text)?;
            if let (Some(added), Some(keys)) = (&shape.added, &mut self.keys) {
                let key = keys.next(&form);
                self.key.extend_from_slice(key.as_bytes());
                item.insert(added.name.as_str(), Value::string(key));
            }
            let lookup = &mut self.lookup;
            lookup.bytes += form.len();
            let place = lookup.keys.len();
            if lookup.rows.insert(self.key.clone(), (place, form)).is_some() {
                let key = shape.difference(DifferenceKind::Altered, &item).key;
                return Err(Refusal::new(
                    "duplicate_key",
                    key,
                    "two rows have this key, so one would take the other's place",
                    "Choose a key that is unique in every row; an exact preflight names candidates.",
                )
                .into());
            }
            lookup.keys.push(item);
            if lookup.keys.len() >= KEYS_MAX || lookup.bytes >= ROWS_BYTES_MAX {
                let full = std::mem::take(lookup);
                self.lookups.blocking_send(full).map_err(|_| Error::Cancelled)?;
            }
        }
        Ok(())
    }
}

/// The key's columns of a row as DynamoDB reads them, and their canonical form.
fn key_item(
    shape: &Shape,
    columns: &Columns<'_>,
    row: usize,
    form: &mut Vec<u8>,
    text: &mut String,
) -> Result<Item, Error> {
    let mut item = Item::with_capacity(shape.key.len());
    for position in &shape.key {
        let column = &columns.columns[*position];
        column.canonical(row, form);
        let value = match column.value(row, text) {
            Some(ValueRef::Null) => {
                let unfit = Unfit {
                    column: column.column.name.clone(),
                    cause: "it is part of the key and NULL in a row".to_owned(),
                };
                return Err(keys::unfit(&unfit));
            }
            value => value.and_then(ValueRef::to_value),
        };
        let value = value.ok_or_else(|| keys::unfit(&column.unfit(row)))?;
        item.insert(column.column.name.as_str(), value);
    }
    Ok(item)
}
