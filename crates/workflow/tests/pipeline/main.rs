//! The product's pipeline and restores against the embedded AWS, over the wire.

mod audit;
mod exports;
mod imports;
mod interruptions;
mod lifecycle;
mod pauses;
mod policies;
mod proxy;
mod restores;
mod scene;
