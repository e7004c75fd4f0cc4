//! The restore engine: from Parquet in S3 to items in DynamoDB, proven.
//!
//! - [`inspect()`] says what a copy holds, [`prove_candidates`] which columns are keys.
//! - [`plan()`] pins what will be read and where it will be written; [`preflight()`] reads every row, or the footers alone,
//!   and says what speaks against it. [`survey()`] does both, and also reports tables that cannot be planned at all. None
//!   of them writes anything.
//! - [`execute()`] runs a plan from its checkpoints to its proof. Its parts can be called by themselves, on any machine:
//!   [`create_targets`], [`execute_unit`], [`prove_table`], [`digest_source`], [`find_differences`].
//! - [`export_rows()`] turns restored tables back into Parquet of their original schema.
//!
//! Three rules hold everywhere here. No row is dropped, merged, overwritten or altered silently: what has no lossless
//! form is refused by name. Memory is bounded, whatever the size of an object or a table. And the digest of a row is
//! computed from Parquet values by other code than makes the item, so that a fault of the encoder cannot prove itself.
//!
//! A restore in short, given a [`Cloud`](aws::Cloud):
//!
//! ```no_run
//! # async fn example(cloud: aws::Cloud, copy: recovery::plan::CopyRef, tables: Vec<recovery::request::TableRequest>,
//! #     region: recovery::ids::Region, now: jiff::Timestamp) -> Result<(), restore::Error> {
//! let plan = restore::plan(&cloud, &copy, &region, &tables, now).await?;
//! let cancel = Default::default();
//! if restore::preflight(&cloud, &plan, &Default::default(), &cancel).await?.is_blocked() {
//!     return Ok(());
//! }
//! let checkpoints = restore::FileCheckpoints::open("state".as_ref(), &plan)?;
//! let progress = restore::Progress::new(&plan);
//! let results = restore::execute(&cloud, &plan, &checkpoints, &progress, Default::default()).await?;
//! assert!(results.iter().all(restore::TableResult::is_proven));
//! # Ok(())
//! # }
//! ```

mod batches;
mod candidates;
mod checkpoint;
mod column;
mod concurrent;
mod differences;
mod encoder;
mod error;
mod examples;
mod execute;
mod existing;
mod export_rows;
mod fallback;
mod file_checkpoints;
mod footer;
mod frequent;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
mod gate;
mod import;
mod inspect;
mod key_proof;
mod keys;
mod layout;
mod memory;
mod metadata;
mod multiset_hash;
mod outgoing;
mod parquet_type;
mod plan;
mod preflight;
mod progress;
mod prove;
mod rate;
mod read;
mod retry;
mod row;
mod scan;
#[cfg(test)]
mod send;
mod source;
mod statistics;
mod targets;
mod unit;
mod write;

pub use candidates::keys_by_name;
pub use checkpoint::{Checkpoints, ImportRecord, Recorded, TableSum, TargetRecord, UnitBefore, UnitResult};
pub use differences::find_differences;
pub use error::{Error, Refusal};
pub use execute::{TableResult, Tuning, execute, execute_tuned};
pub use existing::look_before;
pub use export_rows::{ExportedTable, export_rows};
pub use file_checkpoints::FileCheckpoints;
pub use import::{leave_work, work_prefixes};
pub use inspect::{InspectedObject, Inspection, TableInspection, inspect};
pub use key_proof::{KeyProof, prove_candidates};
pub use metadata::ExportInfo;
pub use multiset_hash::MultisetHash;
pub use plan::{plan, plan_inspected};
pub use preflight::{Inquiry, preflight, survey};
pub use progress::{Progress, TableCounts, TableProgress};
pub use prove::prove_table;
pub use source::digest_source;
pub use targets::create_targets;
pub use unit::execute_unit;
pub use write::Writer;
