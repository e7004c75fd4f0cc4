//! A unit's rows, put one by one into a table that may hold items under their keys.

use std::sync::Arc;

use aws::dynamodb::{Item, ItemWriter, SinglePut, SinglePutBuilder};
use recovery::plan::{Existing, TablePlan};
use recovery::run::HeldBefore;

use crate::encoder::{Parcel, TakeItems, encode};
use crate::outgoing::send_all;
use crate::row::{AddedKey, Unfit, readback};
use crate::targets::table_ref;
use crate::unit::{Done, UnitRun};
use crate::write::Destination;
use crate::{Error, MultisetHash};

/// Puts every row of a unit. What its keys held is as of this attempt: see [`super::settle`].
pub(crate) async fn put_unit(run: &UnitRun<'_>) -> Result<Done, Error> {
    let table = run.table;
    let target = Arc::new(table_ref(run.plan, table));
    let puts = Puts {
        builder: match table.existing {
            Existing::Overwrite => SinglePutBuilder::replacing(target),
            Existing::OnlyMissing | Existing::Refuse => {
                SinglePutBuilder::only_missing(target, &table.key.partition.column)
            }
        },
        made: None,
    };
    let mut met = Met {
        added: AddedKey::of_table(table),
        ..Met::default()
    };
    let kept = table.existing == Existing::OnlyMissing;
    let (mut encoded, ()) = encode(run, puts, |made| {
        let put = |row: RowPut| {
            let (writer, to, cancel) = (run.writer.clone(), run.destination.clone(), run.cancel.clone());
            async move {
                let before = writer.put_single(&to, &row.put, &cancel).await?;
                Ok((row, before))
            }
        };
        send_all(run.writer, made, put, |answered| {
            met.take(table, kept, &run.destination, answered);
        })
    })
    .await?;
    let rows = encoded.hash.rows();
    encoded.hash.subtract(&met.left);
    Ok(Done {
        rows,
        hash: encoded.hash,
        held: Some(met.held),
        packed_bytes: 0,
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

impl Parcel for RowPut {
    fn bytes(&self) -> u64 {
        (self.put.body_bytes() + self.form.len()) as u64
    }
}

/// Rows into puts.
struct Puts {
    builder: SinglePutBuilder,
    made: Option<RowPut>,
}

impl TakeItems for Puts {
    type Parcel = RowPut;

    fn item(
        &mut self,
        form: &[u8],
        write: impl FnOnce(&mut ItemWriter<'_>) -> Result<(), Unfit>,
    ) -> Result<usize, Unfit> {
        let put = self.builder.put(write)?;
        let size = put.item_bytes();
        self.made = Some(RowPut {
            put,
            form: form.to_vec(),
        });
        Ok(usize::try_from(size).unwrap_or(usize::MAX))
    }

    fn full(&mut self) -> Result<Option<RowPut>, Error> {
        Ok(self.made.take())
    }

    fn rest(&mut self) -> Result<Option<RowPut>, Error> {
        Ok(self.made.take())
    }
}
