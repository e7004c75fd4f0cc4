//! A unit's rows, put one by one into a table that may hold items under their keys.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use aws::dynamodb::{Item, ItemWriter, SinglePut, SinglePutBuilder};
use recovery::plan::{Existing, Plan, TablePlan, Unit};
use recovery::run::HeldBefore;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::concurrent::joined;
use crate::encoder::{Encoder, TakeItems};
use crate::memory::Held;
use crate::read::{self, Stretch};
use crate::row::{AddedKey, Unfit, readback};
use crate::targets::table_ref;
use crate::unit::expected;
use crate::write::{Destination, Writer};
use crate::{Error, MultisetHash};

/// Puts that go from the decoding thread together.
const TOGETHER: usize = 25;

/// Groups of them that wait.
const GROUPS_WAITING: usize = 4;

/// Puts of one unit on their way at once; the writer's own bounds are lower where DynamoDB is slow.
const PUTS_SENT: usize = 64;

/// What putting a unit's rows met.
#[derive(Debug, Default)]
pub(crate) struct Put {
    /// The rows that the table holds now: all, or all but those that gave way to another item.
    pub(crate) hash: MultisetHash,
    /// Rows read.
    pub(crate) rows: u64,
    /// What the rows' keys held before this attempt.
    pub(crate) held: HeldBefore,
}

/// Puts every row of a unit. What its keys held is as of this attempt: see [`super::settle`].
#[expect(clippy::too_many_arguments, reason = "all of it is one unit's own")]
pub(crate) async fn put_unit(
    plan: &Plan,
    table: &TablePlan,
    unit: &Unit,
    stretch: &Stretch,
    writer: &Writer,
    destination: &Destination,
    rows: &Arc<AtomicU64>,
    cancel: &CancellationToken,
) -> Result<Put, Error> {
    let target = Arc::new(table_ref(plan, table));
    let builder = match table.existing {
        Existing::Overwrite => SinglePutBuilder::replacing(target),
        Existing::OnlyMissing | Existing::Refuse => {
            SinglePutBuilder::only_missing(target, &table.key.partition.column)
        }
    };
    let (sender, mut groups) = mpsc::channel(GROUPS_WAITING);
    let puts = Puts {
        builder,
        group: Vec::new(),
        full: sender,
    };
    let encoder = Encoder::new(table, unit, stretch, rows, &destination.progress, puts);
    let reading = async {
        let mut encoder = read::through(stretch, expected(table, unit), cancel, encoder).await?;
        let last = std::mem::take(&mut encoder.items.group);
        // Nobody listening means that sending has failed, which the other side reports.
        encoder
            .items
            .full
            .send(last)
            .await
            .map_err(|_| Error::Cancelled)?;
        Ok::<_, Error>(encoder.hash)
    };
    let kept = table.existing == Existing::OnlyMissing;
    let sending = async {
        let mut met = Met {
            added: AddedKey::of_table(table),
            ..Met::default()
        };
        let mut sent: JoinSet<Result<(RowPut, Option<Item>), Error>> = JoinSet::new();
        while let Some(group) = groups.recv().await {
            for row in group {
                if sent.len() >= PUTS_SENT
                    && let Some(done) = sent.join_next().await
                {
                    met.take(table, kept, destination, joined(done)?);
                }
                let held = writer.batches.hold(row.bytes()).await;
                let (writer, destination, cancel) = (writer.clone(), destination.clone(), cancel.clone());
                sent.spawn(async move {
                    let _held: Option<Held> = held;
                    let before = writer.put_single(&destination, &row.put, &cancel).await?;
                    Ok((row, before))
                });
            }
        }
        while let Some(done) = sent.join_next().await {
            met.take(table, kept, destination, joined(done)?);
        }
        Ok(met)
    };
    let (mut hash, met) = tokio::try_join!(reading, sending)?;
    let rows = hash.rows();
    hash.subtract(&met.left);
    Ok(Put {
        hash,
        rows,
        held: met.held,
    })
}

/// What puts met.
#[derive(Debug, Default)]
struct Met {
    held: HeldBefore,
    /// Rows that gave way to another item.
    left: MultisetHash,
    added: Option<AddedKey>,
    form: Vec<u8>,
}

impl Met {
    /// Takes a put that was answered, with what its key held before; `kept` says that this is there still.
    fn take(
        &mut self,
        table: &TablePlan,
        kept: bool,
        destination: &Destination,
        (row, before): (RowPut, Option<Item>),
    ) {
        let is_written = before.is_none() || !kept;
        if let Some(before) = before {
            self.form.clear();
            readback::canonical_of(&table.columns, self.added.as_ref(), &before, &mut self.form);
            if self.form == row.form {
                self.held.equal += 1;
            } else {
                self.held.different += 1;
                if kept {
                    self.left.add_row(&row.form);
                }
            }
        }
        if is_written {
            destination.add(1, row.put.item_bytes());
        } else {
            destination.keep(1);
        }
    }
}

/// A row on its way.
struct RowPut {
    put: SinglePut,
    /// Its canonical form, to compare with what the key held.
    form: Vec<u8>,
}

impl RowPut {
    fn bytes(&self) -> u64 {
        (self.put.body_bytes() + self.form.len()) as u64
    }
}

/// Rows into puts, and groups of them into the channel.
struct Puts {
    builder: SinglePutBuilder,
    group: Vec<RowPut>,
    full: mpsc::Sender<Vec<RowPut>>,
}

impl TakeItems for Puts {
    fn item(
        &mut self,
        form: &[u8],
        write: impl FnOnce(&mut ItemWriter<'_>) -> Result<(), Unfit>,
    ) -> Result<usize, Unfit> {
        let put = self.builder.put(write)?;
        let size = put.item_bytes();
        self.group.push(RowPut {
            put,
            form: form.to_vec(),
        });
        Ok(usize::try_from(size).unwrap_or(usize::MAX))
    }

    fn hand_on(&mut self) -> Result<(), Error> {
        if self.group.len() >= TOGETHER {
            let full = std::mem::take(&mut self.group);
            self.full.blocking_send(full).map_err(|_| Error::Cancelled)?;
        }
        Ok(())
    }
}
