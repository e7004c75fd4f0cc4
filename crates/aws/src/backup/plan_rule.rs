//! A rule in AWS Backup's words: ours, laid over what is there.

use aws_sdk_backup::types::{BackupRule, BackupRuleInput, CopyAction, Lifecycle};
use recovery::policy::RuleWanted;

use crate::{Error, ErrorKind};

/// A rule that is not to be changed.
pub(super) fn kept(rule: BackupRule) -> Result<BackupRuleInput, Error> {
    input(rule, None)
}

/// A rule that is to be what `wanted` says; where `there` is one, the rest of it stays: windows, tags, cold storage,
/// continuous backup, copies to other vaults.
pub(super) fn changed(there: Option<BackupRule>, wanted: &RuleWanted) -> Result<BackupRuleInput, Error> {
    let there = match there {
        Some(there) => there,
        None => BackupRule::builder()
            .rule_name(&wanted.name)
            .target_backup_vault_name(&wanted.vault)
            .start_window_minutes(wanted.start_window_minutes)
            .completion_window_minutes(wanted.completion_window_minutes)
            .build()
            .map_err(|error| invalid(&wanted.name, &error))?,
    };
    input(there, Some(wanted))
}

fn input(rule: BackupRule, wanted: Option<&RuleWanted>) -> Result<BackupRuleInput, Error> {
    let name = rule.rule_name.clone();
    let mut copies = rule.copy_actions.unwrap_or_default();
    let mut lifecycle = rule.lifecycle;
    let (mut vault, mut schedule, mut zone) = (
        rule.target_backup_vault_name, rule.schedule_expression, rule.schedule_expression_timezone,
    );
    if let Some(wanted) = wanted {
        vault.clone_from(&wanted.vault);
        if wanted.schedule.is_some() && schedule != wanted.schedule {
            schedule.clone_from(&wanted.schedule);
            zone = None;
        }
        if let Some(days) = wanted.delete_after_days {
            lifecycle = Some(kept_for(lifecycle, days));
        }
        for copy in &wanted.copies {
            let known = copies
                .iter()
                .position(|there| there.destination_backup_vault_arn == copy.vault_arn);
            let there = known.and_then(|index| copies[index].lifecycle.clone());
            let lifecycle = match copy.delete_after_days {
                Some(days) => Some(kept_for(there, days)),
                None => there,
            };
            let action = CopyAction::builder()
                .destination_backup_vault_arn(&copy.vault_arn)
                .set_lifecycle(lifecycle)
                .build()
                .map_err(|error| invalid(&name, &error))?;
            match known {
                Some(index) => copies[index] = action,
                None => copies.push(action),
            }
        }
    }
    BackupRuleInput::builder()
        .rule_name(&name)
        .target_backup_vault_name(vault)
        .set_target_logically_air_gapped_backup_vault_arn(rule.target_logically_air_gapped_backup_vault_arn)
        .set_schedule_expression(schedule)
        .set_schedule_expression_timezone(zone)
        .set_start_window_minutes(rule.start_window_minutes)
        .set_completion_window_minutes(rule.completion_window_minutes)
        .set_lifecycle(lifecycle)
        .set_recovery_point_tags(rule.recovery_point_tags)
        .set_copy_actions((!copies.is_empty()).then_some(copies))
        .set_enable_continuous_backup(rule.enable_continuous_backup)
        .set_index_actions(rule.index_actions)
        .set_scan_actions(rule.scan_actions)
        .build()
        .map_err(|error| invalid(&name, &error))
}

fn kept_for(there: Option<Lifecycle>, days: u32) -> Lifecycle {
    let there = there.unwrap_or_else(|| Lifecycle::builder().build());
    Lifecycle::builder()
        .delete_after_days(i64::from(days))
        .set_move_to_cold_storage_after_days(there.move_to_cold_storage_after_days)
        .set_opt_in_to_archive_for_supported_resources(there.opt_in_to_archive_for_supported_resources)
        .set_delete_after_event(there.delete_after_event)
        .build()
}

pub(super) fn invalid(subject: &str, error: &dyn std::fmt::Display) -> Error {
    Error::new(
        "UpdateBackupPlan",
        format!("rule {subject}"),
        ErrorKind::Invalid,
        error.to_string(),
    )
}
