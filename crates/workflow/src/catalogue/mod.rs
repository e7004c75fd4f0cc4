//! The catalogue: sources and recovery points, as the pipeline found them.

mod entry;
mod points;
mod sources;
mod store;
mod timelines;
mod timings;

#[cfg(test)]
pub(crate) use entry::Pipeline;
pub(crate) use entry::{Adopted, Backup, Export, PointEntry};
pub(crate) use store::Catalogue;
