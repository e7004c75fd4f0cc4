//! The data behind an embedded RDS instance.
//!
//! A database is read as text, exactly as MySQL's text protocol sends it: one [`Row`] of optional byte strings
//! at a time, described by [`Column`]s as `information_schema` describes them. The built-in databases keep no
//! history: their state at any tick of their churn job is a pure function of (seed, tick), so a snapshot of one is
//! a number. A real server's state is gone tomorrow, so a snapshot of one is written out when it is taken.

mod builtin;
mod column;
mod mysql;
mod row;
mod securecart;
mod titles;
mod tvshows;

use std::fmt;

pub use builtin::{BuiltIn, State};
pub use column::{Column, Kind, Table};
pub use mysql::{MySqlError, MySqlReader};
pub use row::Row;
pub use securecart::SecureCart;
pub use tvshows::{SHOWS, TvShows};

/// Where an embedded RDS instance's rows come from.
#[derive(Clone, PartialEq, Eq)]
pub enum Database {
    /// Made here: `Database::BuiltIn(BuiltIn::TvShows)` and its sister.
    BuiltIn(BuiltIn),
    /// Any MySQL or MariaDB, by `mysql://user:password@host:port/database`; without a database, every
    /// schema that is not the server's own.
    MySql(String),
}

// By hand, because the URL carries a password.
impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn(builtin) => write!(f, "BuiltIn({builtin:?})"),
            Self::MySql(_) => f.write_str("MySql(…)"),
        }
    }
}
