//! The product's pipeline and restores against the embedded AWS, over the wire.

mod audit;
mod evidence;
mod glacier;
mod imports;
mod interruptions;
mod lifecycle;
mod pauses;
mod proxy;
mod readings;
mod rechecks;
mod repairs;
mod restores;
mod scene;
