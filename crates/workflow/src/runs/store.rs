//! Runs and their plans in the control table.

use recovery::ids::{RunId, TargetName};
use recovery::plan::Plan;
use recovery::request::PlanRequest;
use recovery::run::Run;
use recovery::schema_record::SchemaRecord;
use serde::{Deserialize, Serialize};

use crate::Workflow;
use crate::control::{Change, Key, Listing, Record, join, split};
use crate::error::{Error, Result};

/// Parts that one plan may have: 300 MB of JSON.
const PARTS_MAX: usize = 1_000;

/// Runs that may be active at once.
const ACTIVE_MAX: usize = 10_000;

/// What a run is recorded with.
pub(super) enum Basis<'a> {
    /// What it executes.
    Plan(&'a Plan),
    /// What its plan is made from, once the copy is thawed.
    Request(&'a Asked),
}

/// What somebody asked for before there could be a plan.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Asked {
    pub(super) request: PlanRequest,
    /// The targets whose items may be overwritten.
    pub(super) overwrite: Vec<TargetName>,
}

/// That there is such a run.
#[derive(Debug, Serialize, Deserialize)]
struct Listed {}

impl Workflow {
    /// Records a new run, what it is of first.
    pub(super) async fn create_run(&self, run: &Run, basis: &Basis<'_>) -> Result<()> {
        match basis {
            Basis::Plan(plan) => self.store_plan(&run.run_id, plan).await?,
            Basis::Request(asked) => {
                let parts = parts_of(&run.run_id, "request", asked)?;
                for (index, part) in parts.iter().enumerate() {
                    let change = Change::put(Key::request(&run.run_id, index), part)?;
                    self.shared.control.write(vec![change]).await?;
                }
            }
        }
        let changes = vec![
            Change::create(Key::run(&run.run_id), run)?,
            Change::create(Key::listed_run(&run.run_id), &Listed {})?,
            Change::create(Key::active_run(&run.run_id), &Listed {})?,
        ];
        self.shared.control.write(changes).await
    }

    /// Records the plan of a run. Again is the same.
    pub(super) async fn store_plan(&self, id: &RunId, plan: &Plan) -> Result<()> {
        let parts = parts_of(id, "plan", plan)?;
        for (index, part) in parts.iter().enumerate() {
            let change = Change::put(Key::plan(id, index), part)?;
            self.shared.control.write(vec![change]).await?;
        }
        Ok(())
    }

    pub(super) async fn run_record(&self, id: &RunId) -> Result<Record<Run>> {
        self.shared
            .control
            .get(&Key::run(id))
            .await?
            .ok_or_else(|| Error::no_run(id))
    }

    /// Records a changed run. `false`: somebody else changed it first; `record` is then what they wrote.
    pub(super) async fn save_run(&self, record: &mut Record<Run>) -> Result<bool> {
        let key = Key::run(&record.value.run_id);
        match self
            .shared
            .control
            .write(vec![Change::replace(key, &record.value, record.version)?])
            .await
        {
            Ok(()) => {
                record.version += 1;
                Ok(true)
            }
            Err(error) if error.is_precondition() => {
                *record = self.run_record(&record.value.run_id).await?;
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// The plan; [`Error::NotFound`] also while it waits for the copy's thaw.
    pub(super) async fn stored_plan(&self, id: &RunId) -> Result<Plan> {
        if let Some(plan) = self.plan_if_made(id).await? {
            return Ok(plan);
        }
        self.run_record(id).await?;
        Err(Error::NotFound {
            kind: "plan of restore",
            id: id.to_string(),
        })
    }

    /// The plan; `None` where there is none yet.
    pub(super) async fn plan_if_made(&self, id: &RunId) -> Result<Option<Plan>> {
        self.stored_parts(id, "PLAN").await
    }

    /// What the plan is to be made from, of a run that was started without one.
    pub(super) async fn stored_request(&self, id: &RunId) -> Result<Asked> {
        self.stored_parts(id, "REQUEST")
            .await?
            .ok_or_else(|| Error::no_run(id))
    }

    /// The schema record; [`Error::NotFound`] also before the run has taken its targets.
    pub(super) async fn stored_schema(&self, id: &RunId) -> Result<SchemaRecord> {
        if let Some(schema) = self.stored_parts(id, "SCHEMA").await? {
            return Ok(schema);
        }
        // Either there is no such run, which is said so, or it has not come so far.
        self.run_record(id).await?;
        Err(Error::NotFound {
            kind: "schema record of restore",
            id: id.to_string(),
        })
    }

    /// What was cut into parts under `RUN#<run>`; `None` where there are none.
    async fn stored_parts<T: serde::de::DeserializeOwned>(
        &self,
        id: &RunId,
        name: &str,
    ) -> Result<Option<T>> {
        let listing = Listing::all(Key::run_partition(id)).begins_with(format!("{name}#"));
        let rows = self.shared.control.list(&listing, PARTS_MAX).await?;
        if rows.is_empty() {
            return Ok(None);
        }
        let parts = rows
            .iter()
            .map(crate::control::Row::value)
            .collect::<Result<Vec<String>>>()?;
        let text = join(parts.iter().map(String::as_str));
        serde_json::from_str(&text)
            .map(Some)
            .map_err(|error| Error::Record {
                key: format!("RUN#{id} {name}"),
                cause: error.to_string(),
            })
    }

    /// The runs that have not ended, or whose end is not in the audit log yet, oldest first.
    pub(crate) async fn active_runs(&self) -> Result<Vec<RunId>> {
        let rows = self
            .shared
            .control
            .list(&Listing::all(Key::ACTIVE), ACTIVE_MAX)
            .await?;
        Ok(rows.iter().filter_map(|row| row.sk.parse().ok()).collect())
    }

    pub(super) async fn forget_active(&self, id: &RunId) -> Result<()> {
        self.shared
            .control
            .write(vec![Change::Delete(Key::active_run(id))])
            .await
    }
}

/// The JSON of what belongs to a run, in parts that items can hold.
fn parts_of(id: &RunId, what: &str, value: &impl Serialize) -> Result<Vec<String>> {
    let text = serde_json::to_string(value).map_err(|error| Error::Record {
        key: Key::run(id).to_string(),
        cause: error.to_string(),
    })?;
    let parts: Vec<String> = split(&text).into_iter().map(str::to_owned).collect();
    if parts.len() > PARTS_MAX {
        return Err(Error::Invalid(format!(
            "the {what} is too long ({} bytes): restore fewer tables at a time",
            text.len()
        )));
    }
    Ok(parts)
}
