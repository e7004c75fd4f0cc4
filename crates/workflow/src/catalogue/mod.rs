//! The catalogue: sources and recovery points, as the pipeline found them.

mod brief;
mod days;
mod earlier_versions;
mod entry;
mod listed;
mod newest;
mod overview;
mod points;
mod sources;
mod store;
mod timelines;
mod timings;

pub(crate) use brief::Brief;
#[cfg(test)]
pub(crate) use entry::Pipeline;
pub(crate) use entry::{Adopted, Backup, Export, PointEntry};
pub(crate) use overview::SeenOverview;
pub(crate) use store::Catalogue;
