//! What the built-in databases have in common: their state at a tick.

use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Row, SecureCart, Table, TvShows};

/// One seed for everybody: two people who try the product see the same shows.
const SEED: u64 = 0x5EED_0F7B;

/// Two thousand years of minutes: identifiers stay within their columns.
const TICK_MAX: u32 = 1 << 30;

/// A built-in database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BuiltIn {
    /// [`TvShows`].
    TvShows,
    /// [`SecureCart`].
    SecureCart,
}

/// The state of a built-in database after `tick` runs of its churn job. This is all a snapshot keeps of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Which database.
    pub database: BuiltIn,
    /// When its churn job began; orders placed later are dated after it.
    pub origin: Timestamp,
    /// How often the churn job has run.
    pub tick: u32,
}

impl State {
    /// The state at `now` of a database whose churn job has run once a minute since `origin`.
    pub fn at(database: BuiltIn, origin: Timestamp, now: Timestamp) -> Self {
        let minutes = now.duration_since(origin).as_secs().max(0) / 60;
        Self {
            database,
            origin,
            tick: u32::try_from(minutes).unwrap_or(TICK_MAX).min(TICK_MAX),
        }
    }

    /// The tables, in the order an export lists them.
    pub fn tables(&self) -> Vec<Table> {
        match self.database {
            BuiltIn::TvShows => TvShows::tables(),
            BuiltIn::SecureCart => SecureCart::tables(),
        }
    }

    /// How many rows table `table` has.
    pub fn rows(&self, table: &str) -> u64 {
        match self.database {
            BuiltIn::TvShows => u64::from(super::SHOWS),
            BuiltIn::SecureCart => SecureCart::new(SEED, self.origin, self.tick).rows(table),
        }
    }

    /// Gives each row of `table` to `sink`, in the order of the primary key.
    pub fn read<E>(&self, table: &str, sink: &mut dyn FnMut(&Row) -> Result<(), E>) -> Result<(), E> {
        match self.database {
            BuiltIn::TvShows => tvshows().read(self.tick, sink),
            BuiltIn::SecureCart => SecureCart::new(SEED, self.origin, self.tick).read(table, sink),
        }
    }
}

/// Made once per process: 100,871 titles take longer to invent than to export.
fn tvshows() -> Arc<TvShows> {
    static SHOWS: OnceLock<Arc<TvShows>> = OnceLock::new();
    Arc::clone(SHOWS.get_or_init(|| Arc::new(TvShows::new(SEED))))
}
