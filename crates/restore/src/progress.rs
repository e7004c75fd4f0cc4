//! How far a run is: counters that the run adds to and anybody samples.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use recovery::plan::{CopyRef, Plan};
use recovery::run::{CopyChange, Phase, TableRun};

use crate::TableSum;

/// The counters of a run. Reading them costs nothing and disturbs nobody.
#[derive(Debug)]
pub struct Progress {
    phase: AtomicU8,
    tables: Vec<Arc<TableProgress>>,
    copies: Mutex<Vec<CopyChange>>,
}

/// The counters of one table.
#[derive(Debug, Default)]
pub struct TableProgress {
    rows_read: AtomicU64,
    items_written: AtomicU64,
    items_kept: AtomicU64,
    bytes_written: AtomicU64,
    retries: AtomicU64,
    items_read_back: AtomicU64,
}

/// A table's counters at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TableCounts {
    /// Rows read, of finished units and those under way.
    pub rows_read: u64,
    /// Items acknowledged.
    pub items_written: u64,
    /// Items that were there and stay, in place of a row's.
    pub items_kept: u64,
    /// Bytes of those items.
    pub bytes_written: u64,
    /// Items sent again.
    pub retries: u64,
    /// Items read back.
    pub items_read_back: u64,
}

impl TableCounts {
    /// Shows them in a run's table.
    pub fn show(self, table: &mut TableRun) {
        table.rows_read = self.rows_read;
        table.items_written = self.items_written;
        table.items_kept = self.items_kept;
        table.bytes_written = self.bytes_written;
        table.retries = self.retries;
        table.items_read_back = self.items_read_back;
    }
}

impl Progress {
    /// Counters for `plan`, all zero.
    pub fn new(plan: &Plan) -> Self {
        Self {
            phase: AtomicU8::new(0),
            tables: plan.tables.iter().map(|_| Arc::default()).collect(),
            copies: Mutex::default(),
        }
    }

    /// What the run is doing.
    pub fn phase(&self) -> Phase {
        let index = usize::from(self.phase.load(Ordering::Relaxed));
        Phase::ALL.get(index).copied().unwrap_or(Phase::Ended)
    }

    /// The counters of each of the plan's tables, in order.
    pub fn tables(&self) -> Vec<TableCounts> {
        self.tables.iter().map(|table| table.counts()).collect()
    }

    /// The copies that the run has gone on from, in order: none, while it reads the plan's own.
    pub fn copies(&self) -> Vec<CopyChange> {
        let copies = self.copies.lock().unwrap_or_else(PoisonError::into_inner);
        copies.clone()
    }

    /// The run goes on from another copy. What is not recorded is done again, so counting begins anew.
    pub(crate) fn go_on_from(&self, copy: &CopyRef, because: String) {
        for table in &self.tables {
            table.clear();
        }
        let mut copies = self.copies.lock().unwrap_or_else(PoisonError::into_inner);
        copies.push(CopyChange {
            region: copy.region.clone(),
            copy: copy.uri(),
            because,
        });
    }

    pub(crate) fn enter(&self, phase: Phase) {
        let index = Phase::ALL
            .iter()
            .position(|known| *known == phase)
            .unwrap_or_default();
        self.phase
            .store(u8::try_from(index).unwrap_or_default(), Ordering::Relaxed);
    }

    /// The counters of one table. A table that isn't in the plan gets counters that nobody reads.
    pub(crate) fn table(&self, index: u32) -> Arc<TableProgress> {
        self.tables.get(index as usize).cloned().unwrap_or_default()
    }
}

impl TableProgress {
    /// The counters now.
    pub fn counts(&self) -> TableCounts {
        TableCounts {
            rows_read: self.rows_read.load(Ordering::Relaxed),
            items_written: self.items_written.load(Ordering::Relaxed),
            items_kept: self.items_kept.load(Ordering::Relaxed),
            bytes_written: self.bytes_written.load(Ordering::Relaxed),
            retries: self.retries.load(Ordering::Relaxed),
            items_read_back: self.items_read_back.load(Ordering::Relaxed),
        }
    }

    fn clear(&self) {
        let Self {
            rows_read,
            items_written,
            items_kept,
            bytes_written,
            retries,
            items_read_back,
        } = self;
        for counter in [
            rows_read, items_written, items_kept, bytes_written, retries, items_read_back,
        ] {
            counter.store(0, Ordering::Relaxed);
        }
    }

    pub(crate) fn add_rows(&self, rows: u64) {
        self.rows_read.fetch_add(rows, Ordering::Relaxed);
    }

    pub(crate) fn add_written(&self, items: u64, bytes: u64) {
        self.items_written.fetch_add(items, Ordering::Relaxed);
        self.bytes_written.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn add_kept(&self, items: u64) {
        self.items_kept.fetch_add(items, Ordering::Relaxed);
    }

    /// Shows the items that an import has put so far.
    pub(crate) fn set_written(&self, items: u64) {
        self.items_written.store(items, Ordering::Relaxed);
    }

    pub(crate) fn add_retries(&self, items: u64) {
        self.retries.fetch_add(items, Ordering::Relaxed);
    }

    pub(crate) fn add_read_back(&self, items: u64) {
        self.items_read_back.fetch_add(items, Ordering::Relaxed);
    }

    /// Adds a unit that an earlier process finished.
    pub(crate) fn add_recorded(&self, sum: &TableSum) {
        self.add_rows(sum.rows_read);
        self.add_written(sum.items_written, sum.bytes_written);
        self.add_kept(sum.rows_read.saturating_sub(sum.items_written));
        self.add_retries(sum.retries);
    }

    /// Takes back what an unfinished unit had added, but its retries, which did happen.
    pub(crate) fn take_back(&self, rows: u64, items: u64, kept: u64, bytes: u64) {
        self.items_kept.fetch_sub(kept, Ordering::Relaxed);
        self.rows_read.fetch_sub(rows, Ordering::Relaxed);
        self.items_written.fetch_sub(items, Ordering::Relaxed);
        self.bytes_written.fetch_sub(bytes, Ordering::Relaxed);
    }
}
