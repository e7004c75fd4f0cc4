//! Backup plans: named rules, each with a schedule and a vault.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::copy::CopyAction;
use super::cron::Schedule;
use super::route::Route;
use super::selection::Selection;
use super::{Backup, Fault, seconds};
use crate::control::{Place, Record, backup_arn};

/// A rule without a schedule runs every day at five.
const DEFAULT_SCHEDULE: &str = "cron(0 5 ? * * *)";

/// A backup plan.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Plan {
    pub place: Place,
    pub id: String,
    pub version_id: String,
    pub name: String,
    pub rules: Vec<Rule>,
    advanced: Value,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    creator_request_id: Option<String>,
}

/// A rule of a plan.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Rule {
    pub id: String,
    pub vault: String,
    pub schedule: String,
    pub lifecycle: Option<Value>,
    /// Where recovery points are copied to.
    #[serde(default)]
    pub copies: Vec<CopyAction>,
    /// As it was given, with all that this cloud only repeats.
    given: Value,
}

impl Record for Plan {
    const KIND: &'static str = "backup-plan";

    fn place(&self) -> Place {
        self.place.clone()
    }

    fn id(&self) -> &str {
        &self.id
    }
}

impl Plan {
    pub fn arn(&self) -> String {
        backup_arn(&self.place, "backup-plan", &self.id)
    }

    /// What is answered to whoever makes or changes it.
    fn made(&self) -> Value {
        json!({
            "BackupPlanArn": self.arn(),
            "BackupPlanId": self.id,
            "VersionId": self.version_id,
            "CreationDate": seconds(self.created_at),
        })
    }

    /// What stands in a list.
    fn summary(&self) -> Value {
        let mut summary = self.made();
        summary["BackupPlanName"] = json!(self.name);
        summary["CreatorRequestId"] = json!(self.creator_request_id);
        summary
    }
}

impl Rule {
    fn read(given: &Value) -> Result<Self, Fault> {
        let text = |name: &str| given[name].as_str().filter(|text| !text.is_empty());
        let name = text("RuleName").ok_or_else(|| Fault::missing("RuleName"))?;
        let vault = text("TargetBackupVaultName").ok_or_else(|| Fault::missing("TargetBackupVaultName"))?;
        let schedule = text("ScheduleExpression").unwrap_or(DEFAULT_SCHEDULE);
        Schedule::parse(schedule)
            .map_err(|reason| Fault::invalid(format!("Invalid schedule of rule {name}: {reason}.")))?;
        if let Some(zone) =
            text("ScheduleExpressionTimezone").filter(|zone| !matches!(*zone, "UTC" | "Etc/UTC"))
        {
            return Err(Fault::invalid(format!(
                "The embedded AWS Backup knows the time zone UTC only, not {zone}."
            )));
        }
        let copies = given["CopyActions"].as_array().into_iter().flatten();
        let copies = copies
            .map(|copy| {
                let arn = copy["DestinationBackupVaultArn"].as_str();
                Ok::<_, Fault>(CopyAction {
                    vault_arn: arn
                        .map(str::to_owned)
                        .ok_or_else(|| Fault::missing("DestinationBackupVaultArn"))?,
                    lifecycle: lifecycle(&copy["Lifecycle"])?,
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        let lifecycle = lifecycle(&given["Lifecycle"])?;
        let id = uuid::Uuid::new_v4().to_string();
        Ok(Self {
            id,
            vault: vault.to_owned(),
            schedule: schedule.to_owned(),
            lifecycle,
            copies,
            given: given.clone(),
        })
    }

    fn describe(&self) -> Value {
        let mut rule = self.given.clone();
        rule["RuleId"] = json!(self.id);
        rule["ScheduleExpression"] = json!(self.schedule);
        for (name, default) in [("StartWindowMinutes", 480), ("CompletionWindowMinutes", 10_080)] {
            if rule[name].is_null() {
                rule[name] = json!(default);
            }
        }
        rule
    }
}

impl Backup {
    pub(super) fn plan(&self, place: &Place, id: &str) -> Result<Plan, Fault> {
        self.plane
            .records
            .get(place, id)?
            .ok_or_else(|| Fault::not_found(format!("Backup plan {id} cannot be found or access is denied.")))
    }

    pub(super) fn create_plan(&self, place: &Place, route: &Route<'_>) -> Result<Value, Fault> {
        let (name, rules) = self.read_plan(place, route.body("BackupPlan"))?;
        let plans: Vec<Plan> = self.plane.records.list(place)?;
        let creator_request_id = route.body("CreatorRequestId").as_str().map(str::to_owned);
        if let Some(existing) = plans.iter().find(|plan| plan.name == name) {
            if creator_request_id.is_some() && existing.creator_request_id == creator_request_id {
                return Ok(existing.made());
            }
            return Err(Fault::exists(format!(
                "Backup plan with the same name {name} already exists."
            )));
        }
        let now = self.plane.clock.now();
        let plan = Plan {
            place: place.clone(),
            id: uuid::Uuid::new_v4().to_string(),
            version_id: version(),
            name,
            rules,
            advanced: route.body("BackupPlan")["AdvancedBackupSettings"].clone(),
            created_at: now,
            updated_at: now,
            creator_request_id,
        };
        self.plane.records.put(&plan)?;
        Ok(plan.made())
    }

    pub(super) fn update_plan(&self, place: &Place, id: &str, route: &Route<'_>) -> Result<Value, Fault> {
        let mut plan = self.plan(place, id)?;
        (plan.name, plan.rules) = self.read_plan(place, route.body("BackupPlan"))?;
        plan.advanced = route.body("BackupPlan")["AdvancedBackupSettings"].clone();
        plan.version_id = version();
        plan.updated_at = self.plane.clock.now();
        self.plane.records.put(&plan)?;
        Ok(plan.made())
    }

    pub(super) fn get_plan(&self, place: &Place, id: &str) -> Result<Value, Fault> {
        let plan = self.plan(place, id)?;
        let mut answer = plan.made();
        answer["CreatorRequestId"] = json!(plan.creator_request_id);
        answer["BackupPlan"] = json!({
            "BackupPlanName": plan.name,
            "Rules": plan.rules.iter().map(Rule::describe).collect::<Vec<_>>(),
            "AdvancedBackupSettings": plan.advanced,
        });
        Ok(answer)
    }

    pub(super) fn list_plans(&self, place: &Place, route: &Route<'_>) -> Result<Value, Fault> {
        let plans: Vec<Plan> = self.plane.records.list(place)?;
        route.page("BackupPlansList", plans, |plan| &plan.id, Plan::summary)
    }

    pub(super) fn delete_plan(&self, place: &Place, id: &str) -> Result<Value, Fault> {
        let plan = self.plan(place, id)?;
        let selections: Vec<Selection> = self.plane.records.list(place)?;
        if selections.iter().any(|selection| selection.plan == plan.id) {
            return Err(Fault::refused(format!(
                "Related backup plan selections must be deleted prior to backup plan {id} deletion."
            )));
        }
        self.plane.records.remove::<Plan>(place, id)?;
        Ok(json!({
            "BackupPlanArn": plan.arn(),
            "BackupPlanId": plan.id,
            "VersionId": plan.version_id,
            "DeletionDate": seconds(self.plane.clock.now()),
        }))
    }

    fn read_plan(&self, place: &Place, given: &Value) -> Result<(String, Vec<Rule>), Fault> {
        let name = given["BackupPlanName"].as_str().filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| Fault::missing("BackupPlanName"))?;
        let rules = given["Rules"].as_array().map(Vec::as_slice).unwrap_or_default();
        if rules.is_empty() {
            return Err(Fault::missing("Rules"));
        }
        let rules = rules.iter().map(Rule::read).collect::<Result<Vec<_>, _>>()?;
        for rule in &rules {
            self.vault(place, &rule.vault)?;
        }
        Ok((name.to_owned(), rules))
    }
}

/// A lifecycle that holds together: what goes to cold storage stays there for 90 days at least.
fn lifecycle(given: &Value) -> Result<Option<Value>, Fault> {
    const COLD_DAYS_MIN: i64 = 90;
    let days = |name: &str| given[name].as_i64();
    let (cold, delete) = (days("MoveToColdStorageAfterDays"), days("DeleteAfterDays"));
    if delete.is_some_and(|days| days < 1 && days != -1) {
        return Err(Fault::invalid("DeleteAfterDays must be at least 1."));
    }
    if cold
        .zip(delete)
        .is_some_and(|(cold, delete)| cold > 0 && delete > 0 && delete < cold + COLD_DAYS_MIN)
    {
        return Err(Fault::invalid(
            "DeleteAfterDays cannot be less than 90 days apart from MoveToColdStorageAfterDays.",
        ));
    }
    Ok(Some(given.clone()).filter(|given| !given.is_null()))
}

/// Versions are told apart, no more.
fn version() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}
