//! The pure rules of AWS Data Restore: what a recovery point is, what a verdict means, how old the newest
//! restorable copy is, what a plan says and what a preflight finds.
//!
//! Nothing here reads a clock, a file or the network, and nothing is `async`: callers pass `now`. The crate
//! compiles to wasm32, so that a page renders the same types that the server records and the API answers.

pub mod about;
pub mod access;
pub mod actor;
pub mod archive;
pub mod audit;
pub mod awaited_thaw;
pub mod compliance;
pub mod console;
pub mod course;
pub mod dependency;
pub mod differences;
pub mod digest;
pub mod estimate;
pub mod evidence;
pub mod export_failure;
pub mod filter;
pub mod glance;
pub mod ids;
pub mod inventory;
pub mod label;
pub mod lifecycle;
#[cfg(feature = "openapi")]
mod openapi;
pub mod page;
pub mod parquet_type;
pub mod place;
pub mod plan;
pub mod point;
pub mod policy;
pub mod portal;
pub mod preflight;
pub mod prices;
pub mod repair;
pub mod replication_failure;
pub mod request;
pub mod resource;
pub mod rpo;
pub mod run;
pub mod schema_record;
pub mod scope;
pub mod situation;
pub mod source;
pub mod synthetic_key;
pub mod table;
pub mod timeline;
pub mod timings;
pub mod types;
pub mod verdict;
