//! Policies against what accounts hold of AWS Backup: looked at, held against each other, and brought together.
//!
//! Looking and changing need the settings and a cloud alone, so that the command line does both without a server. A
//! server does so for whoever asks it to, and makes the changes that were seen and agreed to alone.

mod apply;
mod book;
mod cached;
mod changing;
mod observe;

pub use apply::apply;
pub(crate) use book::PolicyBook;
pub use observe::check_policies;
pub(crate) use observe::policy_name;
