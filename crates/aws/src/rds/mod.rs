//! RDS: DB instances, snapshots, export tasks.
