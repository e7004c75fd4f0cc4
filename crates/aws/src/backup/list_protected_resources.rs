//! ListProtectedResources.

use jiff::Timestamp;
use recovery::ids::{AccountId, Region};

use crate::time::timestamp;
use crate::{Cloud, Error};

/// A resource that has a recovery point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtectedResource {
    /// Its ARN.
    pub arn: String,
    /// `RDS`, `Aurora`, `DynamoDB`, `S3`, `EBS`, `EFS`, …
    pub resource_type: String,
    /// Its name, where it has one.
    pub name: Option<String>,
    /// When it was last backed up.
    pub last_backup_at: Option<Timestamp>,
    /// The vault that its newest recovery point is in.
    pub vault_arn: Option<String>,
}

impl Cloud {
    /// Whatever has a recovery point in an account and Region, of every type; at most `max` of them.
    pub async fn list_protected_resources(
        &self,
        region: &Region,
        account: &AccountId,
        max: usize,
    ) -> Result<Vec<ProtectedResource>, Error> {
        let mut pages = self
            .clients(region, Some(account))
            .backup
            .list_protected_resources()
            .into_paginator()
            .page_size(1000)
            .send();
        let mut resources = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| {
                Error::from_sdk(
                    "ListProtectedResources",
                    format!("account {account} ({region})"),
                    &error,
                )
            })?;
            let found = page.results.unwrap_or_default().into_iter();
            resources.extend(found.filter_map(|resource| {
                Some(ProtectedResource {
                    arn: resource.resource_arn?,
                    resource_type: resource.resource_type.unwrap_or_default(),
                    name: resource.resource_name,
                    last_backup_at: resource.last_backup_time.as_ref().and_then(timestamp),
                    vault_arn: resource.last_backup_vault_arn,
                })
            }));
            if resources.len() >= max {
                resources.truncate(max);
                break;
            }
        }
        Ok(resources)
    }
}
