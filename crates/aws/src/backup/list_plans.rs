//! ListBackupPlans.

use recovery::ids::{AccountId, Region};

use crate::{Cloud, Error};

/// A backup plan in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanEntry {
    /// AWS Backup's id.
    pub id: String,
    /// Its name.
    pub name: String,
}

impl Cloud {
    /// The backup plans of an account in a Region, without deleted ones.
    pub async fn list_backup_plans(
        &self,
        region: &Region,
        account: &AccountId,
    ) -> Result<Vec<PlanEntry>, Error> {
        let mut pages = self
            .clients(region, Some(account))
            .backup
            .list_backup_plans()
            .into_paginator()
            .page_size(1000)
            .send();
        let mut plans = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| {
                Error::from_sdk("ListBackupPlans", format!("account {account} ({region})"), &error)
            })?;
            let entries = page.backup_plans_list.unwrap_or_default();
            plans.extend(entries.into_iter().filter_map(|plan| {
                Some(PlanEntry {
                    id: plan.backup_plan_id?,
                    name: plan.backup_plan_name?,
                })
            }));
        }
        Ok(plans)
    }
}
