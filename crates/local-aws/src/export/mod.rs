//! RDS snapshot exports: Parquet and metadata exactly as RDS lays them into a bucket.

mod column_buffer;
mod content;
#[cfg(test)]
mod footer_tests;
mod layout;
mod metadata;
mod parquet_type;
mod table_writer;

pub use content::{Contents, Scope, SnapshotContent, TableOutcome, WriteError};
pub use layout::Layout;
pub use metadata::{ExportInfo, TABLES_PER_PAGE, gigabytes, tables_info};
pub use parquet_type::ParquetType;
pub use table_writer::{Part, TableError, TableWriter, Written};
