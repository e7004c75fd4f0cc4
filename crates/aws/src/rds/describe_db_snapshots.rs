//! DescribeDBSnapshots.

use jiff::Timestamp;
use recovery::ids::{AccountId, Region};

use crate::time::timestamp;
use crate::{Cloud, Error};

/// A DB snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DbSnapshot {
    /// `DBSnapshotIdentifier`, for AWS Backup's `awsbackup:job-…`.
    pub identifier: String,
    /// Its ARN.
    pub arn: String,
    /// The DB instance that it is of.
    pub instance: String,
    /// `available`, `creating`, …
    pub status: String,
    /// When it was made.
    pub created_at: Option<Timestamp>,
}

impl Cloud {
    /// The snapshots of a DB instance that AWS Backup made.
    pub async fn describe_backup_snapshots(
        &self,
        region: &Region,
        account: &AccountId,
        instance: &str,
    ) -> Result<Vec<DbSnapshot>, Error> {
        let mut pages = self
            .clients(region, Some(account))
            .rds
            .describe_db_snapshots()
            .db_instance_identifier(instance)
            .snapshot_type("awsbackup")
            .into_paginator()
            .page_size(100)
            .send();
        let mut snapshots = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| Error::from_sdk("DescribeDBSnapshots", instance, &error))?;
            snapshots.extend(
                page.db_snapshots
                    .unwrap_or_default()
                    .into_iter()
                    .map(|snapshot| DbSnapshot {
                        created_at: snapshot.snapshot_create_time.as_ref().and_then(timestamp),
                        identifier: snapshot.db_snapshot_identifier.unwrap_or_default(),
                        arn: snapshot.db_snapshot_arn.unwrap_or_default(),
                        instance: snapshot.db_instance_identifier.unwrap_or_default(),
                        status: snapshot.status.unwrap_or_default(),
                    }),
            );
        }
        Ok(snapshots)
    }
}
