//! Runs and their plans in the control table.

use recovery::ids::RunId;
use recovery::plan::Plan;
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

/// That there is such a run.
#[derive(Debug, Serialize, Deserialize)]
struct Listed {}

impl Workflow {
    /// Records a new run, its plan first.
    pub(super) async fn create_run(&self, run: &Run, plan: &Plan) -> Result<()> {
        let control = &self.shared.control;
        let key = Key::run(&run.run_id);
        let text = serde_json::to_string(plan).map_err(|error| Error::Record {
            key: key.to_string(),
            cause: error.to_string(),
        })?;
        let parts = split(&text);
        if parts.len() > PARTS_MAX {
            return Err(Error::Invalid(format!(
                "the plan is too long ({} bytes): restore fewer tables at a time",
                text.len()
            )));
        }
        for (index, part) in parts.iter().enumerate() {
            control
                .write(vec![Change::put(Key::plan(&run.run_id, index), part)?])
                .await?;
        }
        let changes = vec![
            Change::create(key, run)?,
            Change::create(Key::listed_run(&run.run_id), &Listed {})?,
            Change::create(Key::active_run(&run.run_id), &Listed {})?,
        ];
        control.write(changes).await
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

    pub(super) async fn stored_plan(&self, id: &RunId) -> Result<Plan> {
        self.stored_parts(id, "PLAN")
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
