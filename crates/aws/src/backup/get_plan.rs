//! GetBackupPlan.

use aws_sdk_backup::operation::get_backup_plan::GetBackupPlanOutput;
use aws_sdk_backup::types::BackupRule;
use recovery::ids::{AccountId, Region};
use recovery::policy::{CopyHeld, PlanHeld, RuleHeld};

use crate::{Cloud, Error};

/// AWS Backup's schedule of a rule that has none.
const DEFAULT_SCHEDULE: &str = "cron(0 5 ? * * *)";

impl Cloud {
    /// One plan with its rules; its selections are asked for by themselves. `None` where there is none of that id.
    pub async fn get_backup_plan(
        &self,
        region: &Region,
        account: &AccountId,
        id: &str,
    ) -> Result<Option<PlanHeld>, Error> {
        let answer = match self.plan(region, account, id).await {
            Ok(answer) => answer,
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => return Err(error),
        };
        let Some(plan) = answer.backup_plan else {
            return Ok(None);
        };
        Ok(Some(PlanHeld {
            id: id.to_owned(),
            name: plan.backup_plan_name,
            version: answer.version_id.unwrap_or_default(),
            rules: plan.rules.into_iter().map(rule).collect(),
            selections: Vec::new(),
        }))
    }

    /// The plan as AWS has it.
    pub(super) async fn plan(
        &self,
        region: &Region,
        account: &AccountId,
        id: &str,
    ) -> Result<GetBackupPlanOutput, Error> {
        self.clients(region, Some(account))
            .backup
            .get_backup_plan()
            .backup_plan_id(id)
            .send()
            .await
            .map_err(|error| {
                Error::from_sdk(
                    "GetBackupPlan",
                    format!("plan {id} ({region}, {account})"),
                    &error,
                )
            })
    }
}

fn rule(rule: BackupRule) -> RuleHeld {
    RuleHeld {
        name: rule.rule_name,
        vault: rule.target_backup_vault_name,
        schedule: rule
            .schedule_expression
            .unwrap_or_else(|| DEFAULT_SCHEDULE.to_owned()),
        time_zone: rule.schedule_expression_timezone,
        start_window_minutes: rule.start_window_minutes,
        completion_window_minutes: rule.completion_window_minutes,
        delete_after_days: rule
            .lifecycle
            .as_ref()
            .and_then(|lifecycle| lifecycle.delete_after_days),
        cold_after_days: rule
            .lifecycle
            .as_ref()
            .and_then(|lifecycle| lifecycle.move_to_cold_storage_after_days),
        copies: rule
            .copy_actions
            .unwrap_or_default()
            .into_iter()
            .map(|copy| CopyHeld {
                delete_after_days: copy.lifecycle.and_then(|lifecycle| lifecycle.delete_after_days),
                vault_arn: copy.destination_backup_vault_arn,
            })
            .collect(),
    }
}
