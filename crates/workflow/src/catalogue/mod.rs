//! The catalogue: sources and recovery points, as the pipeline found them.

mod brief;
mod days;
mod earlier_versions;
mod entry;
mod every_point;
mod listed;
mod newest;
mod overview;
mod points;
mod sorted_points;
mod source_table;
mod sources;
mod store;
mod timelines;
mod timings;
mod wanted;

pub(crate) use brief::Brief;
#[cfg(test)]
pub(crate) use entry::Pipeline;
pub(crate) use entry::{Adopted, Backup, Export, PointEntry};
pub(crate) use overview::SeenOverview;
pub use source_table::SourceTable;
pub(crate) use store::Catalogue;
