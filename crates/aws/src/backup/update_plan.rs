//! UpdateBackupPlan.

use aws_sdk_backup::types::BackupPlanInput;
use recovery::ids::{AccountId, Region};
use recovery::policy::RuleWanted;

use super::plan_rule::{changed, invalid, kept};
use crate::{Cloud, Error, ErrorKind};

impl Cloud {
    /// Makes a rule of a plan be what `rule` says, or adds it where the plan has none of its name. Every other rule, and
    /// all else that the plan and the rule say, stays.
    ///
    /// UpdateBackupPlan replaces a plan whole and has no condition, so the plan is read right before: `Precondition`
    /// where its version is not `version` any more.
    pub async fn set_backup_rule(
        &self,
        region: &Region,
        account: &AccountId,
        plan_id: &str,
        version: &str,
        rule: &RuleWanted,
    ) -> Result<(), Error> {
        let subject = format!("plan {plan_id} ({region}, {account})");
        let there = self.plan(region, account, plan_id).await?;
        if there.version_id.as_deref() != Some(version) {
            return Err(Error::new(
                "UpdateBackupPlan",
                subject,
                ErrorKind::Precondition,
                "somebody has changed the plan since it was looked at; look again",
            ));
        }
        let plan = there.backup_plan.ok_or_else(|| {
            Error::new(
                "GetBackupPlan",
                subject.as_str(),
                ErrorKind::Other,
                "the answer has no plan",
            )
        })?;
        let mut rules = Vec::with_capacity(plan.rules.len() + 1);
        let mut is_there = false;
        for own in plan.rules {
            let is_it = own.rule_name == rule.name;
            is_there |= is_it;
            rules.push(if is_it {
                changed(Some(own), rule)?
            } else {
                kept(own)?
            });
        }
        if !is_there {
            rules.push(changed(None, rule)?);
        }
        let input = BackupPlanInput::builder()
            .backup_plan_name(&plan.backup_plan_name)
            .set_rules(Some(rules))
            .set_advanced_backup_settings(plan.advanced_backup_settings)
            .set_scan_settings(plan.scan_settings)
            .build()
            .map_err(|error| invalid(&plan.backup_plan_name, &error))?;
        self.clients(region, Some(account))
            .backup
            .update_backup_plan()
            .backup_plan_id(plan_id)
            .backup_plan(input)
            .send()
            .await
            .map_err(|error| Error::from_sdk("UpdateBackupPlan", subject, &error))?;
        Ok(())
    }
}
