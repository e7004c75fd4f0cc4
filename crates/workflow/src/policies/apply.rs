//! Making the changes that a policy needs, in the order in which they are given.

use aws::Cloud;
use recovery::policy::{Applied, Change};

use crate::error::{Error, Result};

/// Makes one change. Nothing is ever removed. Making it twice is making it once.
pub async fn apply(cloud: &Cloud, change: &Change) -> Result<Applied> {
    let outcome = match change {
        Change::CreateVault(vault) => cloud.create_vault(vault).await,
        Change::CreatePlan {
            region,
            account,
            name,
            rule,
        } => cloud.create_backup_plan(region, account, name, rule).await,
        Change::SetRule {
            region,
            account,
            plan_id,
            version,
            to,
            ..
        } => cloud.set_backup_rule(region, account, plan_id, version, to).await,
        Change::CreateSelection {
            region,
            account,
            plan,
            selection,
        } => {
            let plans = cloud.list_backup_plans(region, account).await?;
            let found = plans.into_iter().find(|found| found.name == *plan);
            let found = found.ok_or_else(|| {
                Error::Conflict(format!(
                    "there is no backup plan {plan} in {region} ({account}) any more"
                ))
            })?;
            cloud
                .create_backup_selection(region, account, &found.id, selection)
                .await
        }
    };
    let was_there = match outcome {
        Ok(()) => false,
        Err(error) if error.kind == aws::ErrorKind::AlreadyExists => true,
        Err(error) => return Err(error.into()),
    };
    Ok(Applied {
        done: change.to_string(),
        was_there,
    })
}
