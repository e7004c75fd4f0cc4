//! RDS: DB instances, DB clusters, snapshots, export tasks.

mod cancel_export_task;
mod describe_db_clusters;
mod describe_db_instances;
mod describe_db_snapshots;
mod describe_export_tasks;
mod export_task;
mod exports_under_way;
mod start_export_task;

pub use describe_db_clusters::DbCluster;
pub use describe_db_instances::DbInstance;
pub use describe_db_snapshots::DbSnapshot;
pub use export_task::{ExportStatus, ExportTask};
pub use start_export_task::ExportRequest;
