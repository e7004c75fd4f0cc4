//! Rows into items on the decoding thread: each is hashed as it passes, and what the items become is handed on.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow_array::RecordBatch;
use aws::dynamodb::{AttributeName, ITEM_BYTES_MAX, ItemWriter};
use recovery::table::Column;
use tokio::sync::mpsc;

use crate::progress::TableProgress;
use crate::read::{self, Work};
use crate::row::{Columns, RowKeys, Unfit};
use crate::unit::UnitRun;
use crate::{Error, MultisetHash, keys};

/// Parcels are handed on together once they have so many bytes: the threads on both sides of the channel wake once for
/// all of them.
const GROUP_BYTES: u64 = 64 * 1024;

/// Groups that wait, beside the one that is filled and the one that is sent.
const GROUPS_WAITING: usize = 1;

/// What some items become and are sent as.
pub(crate) trait Parcel: Send + 'static {
    /// What it takes in memory.
    fn bytes(&self) -> u64;
}

/// What takes items.
pub(crate) trait TakeItems: Send + 'static {
    /// A batch, a put, an object.
    type Parcel: Parcel;

    /// Takes the item that `write` writes, of the row whose canonical form is `form`, and gives its size by DynamoDB's
    /// rules.
    fn item(
        &mut self,
        form: &[u8],
        write: impl FnOnce(&mut ItemWriter<'_>) -> Result<(), Unfit>,
    ) -> Result<usize, Unfit>;

    /// The parcel that is full, after each item.
    fn full(&mut self) -> Result<Option<Self::Parcel>, Error>;

    /// What is left after the last item.
    fn rest(&mut self) -> Result<Option<Self::Parcel>, Error>;
}

/// Rows that went through.
#[derive(Debug)]
pub(crate) struct Encoded {
    pub(crate) hash: MultisetHash,
    /// Bytes of the items, by DynamoDB's item size rules.
    pub(crate) bytes: u64,
}

/// Encodes a unit's rows on the decoding thread, while `send` takes care of what they become here.
pub(crate) async fn encode<T, S, F>(
    run: &UnitRun<'_>,
    items: T,
    send: impl FnOnce(mpsc::Receiver<Vec<T::Parcel>>) -> F,
) -> Result<(Encoded, S), Error>
where
    T: TakeItems,
    F: Future<Output = Result<S, Error>>,
{
    let (groups, made) = mpsc::channel(GROUPS_WAITING);
    let encoder = Encoder::new(run, items, groups);
    let encoding = async {
        let encoder = read::through(&run.stretch, run.expected(), run.cancel, encoder).await?;
        encoder.end().await
    };
    tokio::try_join!(encoding, send(made))
}

/// Makes items of rows.
struct Encoder<T: TakeItems> {
    items: T,
    hash: MultisetHash,
    bytes: u64,
    group: Group<T::Parcel>,
    names: Vec<AttributeName>,
    /// The name of a key that is added, and what makes its values.
    added: Option<(AttributeName, RowKeys)>,
    columns: Vec<Column>,
    uri: String,
    form: Vec<u8>,
    text: String,
    rows: Arc<AtomicU64>,
    progress: Arc<TableProgress>,
}

impl<T: TakeItems> Encoder<T> {
    fn new(run: &UnitRun<'_>, items: T, groups: mpsc::Sender<Vec<T::Parcel>>) -> Self {
        let columns = run.table.columns.clone();
        let name = &run.table.key.partition.column;
        Self {
            items,
            hash: MultisetHash::default(),
            bytes: 0,
            group: Group {
                parcels: Vec::new(),
                bytes: 0,
                next: groups,
            },
            names: columns
                .iter()
                .map(|column| AttributeName::new(&column.name))
                .collect(),
            added: RowKeys::of_unit(run.table, run.unit).map(|keys| (AttributeName::new(name), keys)),
            columns,
            uri: run.stretch.uri(),
            form: Vec::new(),
            text: String::new(),
            rows: Arc::clone(&run.rows),
            progress: Arc::clone(&run.destination.progress),
        }
    }

    /// Hands on what is left.
    async fn end(mut self) -> Result<Encoded, Error> {
        let Group {
            mut parcels, next, ..
        } = self.group;
        parcels.extend(self.items.rest()?);
        if !parcels.is_empty() {
            // Nobody listening means that sending has failed, which the other side reports.
            next.send(parcels).await.map_err(|_| Error::Cancelled)?;
        }
        Ok(Encoded {
            hash: self.hash,
            bytes: self.bytes,
        })
    }
}

/// Parcels that are handed on together.
struct Group<P> {
    parcels: Vec<P>,
    bytes: u64,
    next: mpsc::Sender<Vec<P>>,
}

impl<P: Parcel> Group<P> {
    /// Adds a parcel, and hands all of them on once they are enough. It blocks while too many groups wait.
    fn add(&mut self, parcel: P) -> Result<(), Error> {
        self.bytes += parcel.bytes();
        self.parcels.push(parcel);
        if self.bytes < GROUP_BYTES {
            return Ok(());
        }
        self.bytes = 0;
        // The next group is likely to have as many.
        let empty = Vec::with_capacity(self.parcels.len());
        let full = std::mem::replace(&mut self.parcels, empty);
        self.next.blocking_send(full).map_err(|_| Error::Cancelled)
    }
}

impl<T: TakeItems> Work for Encoder<T> {
    fn batch(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        let columns = Columns::of(batch, &self.columns).map_err(|cause| keys::unfit(&cause))?;
        for row in 0..columns.rows {
            self.form.clear();
            columns.canonical(row, &mut self.form);
            self.hash.add_row(&self.form);
            let size = self
                .items
                .item(&self.form, |item| {
                    columns.write(row, &self.names, &mut self.text, item)?;
                    if let Some((name, keys)) = &mut self.added {
                        item.string(name, keys.next(&self.form));
                    }
                    Ok(())
                })
                .map_err(|cause| keys::unfit(&cause))?;
            if size > ITEM_BYTES_MAX {
                return Err(keys::too_large(&self.uri, size).into());
            }
            self.bytes += size as u64;
            if let Some(parcel) = self.items.full()? {
                self.group.add(parcel)?;
            }
        }
        let rows = columns.rows as u64;
        self.rows.fetch_add(rows, Ordering::Relaxed);
        self.progress.add_rows(rows);
        Ok(())
    }
}
