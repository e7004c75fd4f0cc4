//! DescribeDBInstances.

use recovery::ids::{AccountId, Region};

use crate::{Cloud, Error};

/// A DB instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DbInstance {
    /// `DBInstanceIdentifier`.
    pub identifier: String,
    /// Its ARN.
    pub arn: String,
    /// For example `mysql 8.0.39`.
    pub engine: Option<String>,
    /// For example `db.r6g.large`.
    pub class: Option<String>,
    /// For example `available`.
    pub status: String,
    /// `DBClusterIdentifier` of an instance of Aurora or of a Multi-AZ cluster: the cluster is what is backed up.
    pub cluster: Option<String>,
}

impl Cloud {
    /// The DB instances of an account in a Region.
    pub async fn describe_db_instances(
        &self,
        region: &Region,
        account: &AccountId,
    ) -> Result<Vec<DbInstance>, Error> {
        let mut pages = self
            .clients(region, Some(account))
            .rds
            .describe_db_instances()
            .into_paginator()
            .page_size(100)
            .send();
        let mut instances = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| {
                Error::from_sdk(
                    "DescribeDBInstances",
                    format!("account {account} ({region})"),
                    &error,
                )
            })?;
            instances.extend(page.db_instances.unwrap_or_default().into_iter().map(instance));
        }
        Ok(instances)
    }
}

fn instance(instance: aws_sdk_rds::types::DbInstance) -> DbInstance {
    DbInstance {
        identifier: instance.db_instance_identifier.unwrap_or_default(),
        arn: instance.db_instance_arn.unwrap_or_default(),
        engine: engine(instance.engine, instance.engine_version),
        class: instance.db_instance_class,
        status: instance.db_instance_status.unwrap_or_default(),
        cluster: instance.db_cluster_identifier,
    }
}

/// An engine with its version behind it.
pub(super) fn engine(engine: Option<String>, version: Option<String>) -> Option<String> {
    engine.map(|engine| match version {
        Some(version) => format!("{engine} {version}"),
        None => engine,
    })
}
