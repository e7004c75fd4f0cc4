//! The portal: what a customer sees of their own databases, in words of people who run neither backups nor AWS.

mod database;
mod list;
mod safety;
mod words;

pub(crate) use database::PortalDatabasePage;
pub(crate) use list::PortalPage;
