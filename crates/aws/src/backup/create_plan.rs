//! CreateBackupPlan.

use aws_sdk_backup::types::BackupPlanInput;
use recovery::ids::{AccountId, Region};
use recovery::policy::RuleWanted;

use super::plan_rule::{changed, invalid};
use crate::{Cloud, Error};

impl Cloud {
    /// Makes a plan with one rule. `AlreadyExists`: there is one of that name and content.
    pub async fn create_backup_plan(
        &self,
        region: &Region,
        account: &AccountId,
        name: &str,
        rule: &RuleWanted,
    ) -> Result<(), Error> {
        let plan = BackupPlanInput::builder()
            .backup_plan_name(name)
            .rules(changed(None, rule)?)
            .build()
            .map_err(|error| invalid(name, &error))?;
        self.clients(region, Some(account))
            .backup
            .create_backup_plan()
            .backup_plan(plan)
            .send()
            .await
            .map_err(|error| {
                Error::from_sdk(
                    "CreateBackupPlan",
                    format!("plan {name} ({region}, {account})"),
                    &error,
                )
            })?;
        Ok(())
    }
}
