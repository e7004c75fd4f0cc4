//! What plans and intervals ask for by themselves.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::cron::Schedule;
use super::job::Request;
use super::plan::{Plan, Rule};
use super::selection::Selection;
use super::{Backup, Interval, lock};
use crate::control::{Place, Record, RecordError};

/// The service role that AWS Backup makes by default; intervals work as it.
const DEFAULT_ROLE: &str = "role/service-role/AWSBackupDefaultServiceRole";

/// When a rule last ran, kept so that a restart neither repeats nor forgets a run.
#[derive(Debug, Serialize, Deserialize)]
struct LastRun {
    place: Place,
    /// The plan's and the rule's.
    id: String,
    at: Timestamp,
}

impl Record for LastRun {
    const KIND: &'static str = "backup-last-run";

    fn place(&self) -> Place {
        self.place.clone()
    }

    fn id(&self) -> &str {
        &self.id
    }
}

impl Backup {
    /// Backs up DB instance `instance` into `vault` every so often besides its plans, at whole multiples of the interval
    /// since 1970, but for those at which a plan does so; `None` ends that. Not kept over a restart.
    pub fn back_up_every(
        &self,
        account: &str,
        region: &str,
        instance: &str,
        vault: &str,
        every: Option<Duration>,
    ) {
        let place = Place::new(account, region);
        let mut intervals = lock(&self.intervals);
        intervals.retain(|interval| interval.place != place || interval.instance != instance);
        if let Some(every) = every.filter(|every| !every.is_zero()) {
            let last = self.plane.clock.now();
            intervals.push(Interval {
                place,
                instance: instance.to_owned(),
                vault: vault.to_owned(),
                every,
                last,
            });
        }
    }

    /// Asks for a backup of DB instance `instance` into `vault` besides its plans. The job's identifier; it runs with
    /// what is due next.
    pub fn back_up_now(
        &self,
        account: &str,
        region: &str,
        instance: &str,
        vault: &str,
    ) -> Result<String, RecordError> {
        let place = Place::new(account, region);
        Ok(self.create_job(&place, unplanned(&place, instance, vault))?.id)
    }

    /// Makes a job for each rule and interval that is due. A rule that was due several times while nobody looked runs
    /// once: a cloud that was off missed its backups.
    pub(super) fn schedule(&self) -> Result<(), RecordError> {
        let now = self.plane.clock.now();
        let mut planned = Vec::new();
        for plan in self.plane.records.all::<Plan>()? {
            for rule in &plan.rules {
                self.schedule_rule(&plan, rule, now, &mut planned)?;
            }
        }
        let mut due = Vec::new();
        for interval in lock(&self.intervals).iter_mut() {
            let every = SignedDuration::try_from(interval.every)
                .unwrap_or(SignedDuration::MAX)
                .as_millis()
                .max(1);
            let turn = |at: Timestamp| i128::from(at.as_millisecond()).div_euclid(every);
            if turn(now) > turn(interval.last) {
                interval.last = now;
                due.push(interval.clone());
            }
        }
        for interval in due {
            let is_planned = planned.contains(&(interval.place.clone(), interval.instance.clone()));
            if is_planned || self.plane.faults.skips_backup(&interval.instance) {
                continue;
            }
            self.create_job(
                &interval.place,
                unplanned(&interval.place, &interval.instance, &interval.vault),
            )?;
        }
        Ok(())
    }

    fn schedule_rule(
        &self,
        plan: &Plan,
        rule: &Rule,
        now: Timestamp,
        planned: &mut Vec<(Place, String)>,
    ) -> Result<(), RecordError> {
        let id = format!("{}/{}", plan.id, rule.id);
        let last: Option<LastRun> = self.plane.records.get(&plan.place, &id)?;
        let last = last.map_or(plan.updated_at, |last| last.at);
        let Ok(schedule) = Schedule::parse(&rule.schedule) else {
            return Ok(());
        };
        let Some(at) = schedule.latest(plan.updated_at, last, now) else {
            return Ok(());
        };
        self.plane.records.put(&LastRun {
            place: plan.place.clone(),
            id,
            at,
        })?;
        let selections: Vec<Selection> = self.plane.records.list(&plan.place)?;
        for (instance, arn) in self.rds.databases(&plan.place)? {
            let selection = selections
                .iter()
                .find(|selection| selection.plan == plan.id && selection.covers(&arn));
            let Some(selection) = selection else { continue };
            if self.plane.faults.skips_backup(&instance) {
                tracing::info!(
                    instance,
                    rule = rule.id,
                    "a scheduled backup is skipped on purpose"
                );
                continue;
            }
            let request = Request {
                vault: rule.vault.clone(),
                resource_arn: arn,
                role_arn: selection.role_arn.clone(),
                created_by: Some(json!({
                    "BackupPlanArn": plan.arn(),
                    "BackupPlanId": plan.id,
                    "BackupPlanName": plan.name,
                    "BackupPlanVersion": plan.version_id,
                    "BackupRuleId": rule.id,
                    "BackupRuleCron": rule.schedule,
                })),
                lifecycle: rule.lifecycle.clone(),
                copies: rule.copies.clone(),
                idempotency_token: None,
            };
            self.create_job(&plan.place, request)?;
            planned.push((plan.place.clone(), instance));
        }
        Ok(())
    }
}

/// A job that no plan asked for.
fn unplanned(place: &Place, instance: &str, vault: &str) -> Request {
    Request {
        vault: vault.to_owned(),
        resource_arn: crate::control::rds_arn(place, "db", instance),
        role_arn: format!("arn:aws:iam::{}:{DEFAULT_ROLE}", place.account),
        ..Request::default()
    }
}
