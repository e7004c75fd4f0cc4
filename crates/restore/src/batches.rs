//! A unit's rows, put in batches into a table that holds none of their keys.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use aws::dynamodb::{ItemWriter, PutBatch, PutBatchBuilder};

use crate::Error;
use crate::encoder::{Parcel, TakeItems, encode};
use crate::outgoing::send_all;
use crate::row::Unfit;
use crate::targets::table_ref;
use crate::unit::{Done, UnitRun};

/// Puts every row of a unit.
pub(crate) async fn put_batches(run: &UnitRun<'_>) -> Result<Done, Error> {
    let target = Arc::new(table_ref(run.plan, run.table));
    let batches = Batches(PutBatchBuilder::new(target));
    let (encoded, ()) = encode(run, batches, |made| {
        let put = |batch| {
            let (writer, to, cancel) = (run.writer.clone(), run.destination.clone(), run.cancel.clone());
            async move { writer.put(&to, batch, &cancel).await }
        };
        send_all(run.writer, made, put, |()| {})
    })
    .await?;
    let rows = encoded.hash.rows();
    let items = run.destination.written.items.load(Ordering::Relaxed);
    if items != rows {
        return Err(Error::Worker(format!(
            "{items} of {rows} items were acknowledged"
        )));
    }
    Ok(Done {
        rows,
        hash: encoded.hash,
        held: None,
        packed_bytes: 0,
    })
}

/// Items into batches.
struct Batches(PutBatchBuilder);

impl Parcel for PutBatch {
    fn bytes(&self) -> u64 {
        self.body_bytes() as u64
    }
}

impl TakeItems for Batches {
    type Parcel = PutBatch;

    fn item(
        &mut self,
        _form: &[u8],
        write: impl FnOnce(&mut ItemWriter<'_>) -> Result<(), Unfit>,
    ) -> Result<usize, Unfit> {
        self.0.put(write)
    }

    fn full(&mut self) -> Result<Option<PutBatch>, Error> {
        Ok(if self.0.is_full() { self.0.take() } else { None })
    }

    fn rest(&mut self) -> Result<Option<PutBatch>, Error> {
        Ok(self.0.take())
    }
}
