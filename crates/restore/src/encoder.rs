//! Rows into items: each is hashed as it passes, and written to whatever takes it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow_array::RecordBatch;
use aws::dynamodb::{AttributeName, ITEM_BYTES_MAX, ItemWriter};
use recovery::plan::{TablePlan, Unit};
use recovery::table::Column;

use crate::progress::TableProgress;
use crate::read::{Stretch, Work};
use crate::row::{Columns, RowKeys, Unfit};
use crate::{Error, MultisetHash, keys};

/// What takes items.
pub(crate) trait TakeItems: Send + 'static {
    /// Takes the item that `write` writes, of the row whose canonical form is `form`, and gives its size by DynamoDB's
    /// rules.
    fn item(
        &mut self,
        form: &[u8],
        write: impl FnOnce(&mut ItemWriter<'_>) -> Result<(), Unfit>,
    ) -> Result<usize, Unfit>;

    /// Hands on what is full, after each item. It may block on a channel.
    fn hand_on(&mut self) -> Result<(), Error>;
}

/// Makes items of rows on the decoding thread.
pub(crate) struct Encoder<T> {
    pub(crate) items: T,
    pub(crate) hash: MultisetHash,
    /// Bytes of the items.
    pub(crate) bytes: u64,
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

impl<T> Encoder<T> {
    /// An encoder of a unit's rows, which adds to `rows` as it goes.
    pub(crate) fn new(
        table: &TablePlan,
        unit: &Unit,
        stretch: &Stretch,
        rows: &Arc<AtomicU64>,
        progress: &Arc<TableProgress>,
        items: T,
    ) -> Self {
        let columns = table.columns.clone();
        let name = &table.key.partition.column;
        Self {
            items,
            hash: MultisetHash::default(),
            bytes: 0,
            names: columns
                .iter()
                .map(|column| AttributeName::new(&column.name))
                .collect(),
            added: RowKeys::of_unit(table, unit).map(|keys| (AttributeName::new(name), keys)),
            columns,
            uri: stretch.uri(),
            form: Vec::new(),
            text: String::new(),
            rows: Arc::clone(rows),
            progress: Arc::clone(progress),
        }
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
            self.items.hand_on()?;
        }
        let rows = columns.rows as u64;
        self.rows.fetch_add(rows, Ordering::Relaxed);
        self.progress.add_rows(rows);
        Ok(())
    }
}
