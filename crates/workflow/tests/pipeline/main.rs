//! The product's pipeline and restores against the embedded AWS, over the wire.

mod adoptions;
mod audit;
mod compliance;
mod copy_lifecycles;
mod earlier_versions;
mod evidence;
mod exports;
mod glacier;
mod imports;
mod interruptions;
mod lifecycle;
mod lost_region;
mod pages;
mod pauses;
mod policies;
mod policy_places;
mod proxy;
mod readings;
mod rechecks;
mod repairs;
mod restores;
mod scene;
mod thawing_restores;
mod time;
