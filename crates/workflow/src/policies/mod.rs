//! Policies against what accounts hold of AWS Backup: looked at, held against each other, and brought together.
//!
//! Looking and changing need the settings and a cloud alone, so that the command line does both without a server; a
//! server shows what it sees, and changes nothing.

mod apply;
mod book;
mod cached;
mod observe;

pub use apply::{Applied, apply};
pub(crate) use book::PolicyBook;
pub use observe::check_policies;
