//! AWS Backup: recovery points, vaults, jobs.
