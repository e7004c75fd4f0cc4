//! DescribeDBClusters.

use recovery::ids::{AccountId, Region};

use super::describe_db_instances::engine;
use crate::{Cloud, Error};

/// Clusters that one question may bring. RDS's quota is 40 of an account in a Region, unless it was raised.
const CLUSTERS_MAX: usize = 10_000;

/// A DB cluster: Aurora's, or a Multi-AZ one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DbCluster {
    /// `DBClusterIdentifier`.
    pub identifier: String,
    /// Its ARN.
    pub arn: String,
    /// For example `aurora-mysql 8.0.mysql_aurora.3.08.0`. Clusters of Neptune and DocumentDB are told by RDS too.
    pub engine: Option<String>,
    /// `DBClusterInstanceClass` of a Multi-AZ cluster; Aurora's instances have classes of their own.
    pub class: Option<String>,
    /// For example `available`.
    pub status: String,
}

impl Cloud {
    /// The DB clusters of an account in a Region; at most 10,000.
    pub async fn describe_db_clusters(
        &self,
        region: &Region,
        account: &AccountId,
    ) -> Result<Vec<DbCluster>, Error> {
        let mut pages = self
            .clients(region, Some(account))
            .rds
            .describe_db_clusters()
            .into_paginator()
            .page_size(100)
            .send();
        let mut clusters = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| {
                Error::from_sdk(
                    "DescribeDBClusters",
                    format!("account {account} ({region})"),
                    &error,
                )
            })?;
            clusters.extend(page.db_clusters.unwrap_or_default().into_iter().map(cluster));
            if clusters.len() >= CLUSTERS_MAX {
                clusters.truncate(CLUSTERS_MAX);
                break;
            }
        }
        Ok(clusters)
    }
}

fn cluster(cluster: aws_sdk_rds::types::DbCluster) -> DbCluster {
    DbCluster {
        identifier: cluster.db_cluster_identifier.unwrap_or_default(),
        arn: cluster.db_cluster_arn.unwrap_or_default(),
        engine: engine(cluster.engine, cluster.engine_version),
        class: cluster.db_cluster_instance_class,
        status: cluster.status.unwrap_or_default(),
    }
}
