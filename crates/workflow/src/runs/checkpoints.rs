//! Checkpoints of a run in the control table. They belong to the run, and a run's plan never changes.

use async_trait::async_trait;
use recovery::ids::RunId;
use recovery::schema_record::SchemaRecord;
use restore::{Checkpoints, ImportRecord, Recorded, TargetRecord, UnitBefore, UnitResult};

use crate::control::{Change, Control, Key, Listing, Row, split};
use crate::error::Error;

/// Units that one run may have: at 20,000 rows each, 2·10¹¹ rows.
const UNITS_MAX: usize = 10_000_000;

/// Tables that one run may have.
const TARGETS_MAX: usize = 10_000;

/// The checkpoints of one run.
pub(super) struct TableCheckpoints {
    pub(super) control: Control,
    pub(super) run: RunId,
}

#[async_trait]
impl Checkpoints for TableCheckpoints {
    async fn load(&self) -> Result<Recorded, restore::Error> {
        let partition = Key::run_partition(&self.run);
        let failed = |error| self.state("reading", error);
        let targets = Listing::all(partition.clone()).begins_with("TARGET#");
        let targets = self.control.list(&targets, TARGETS_MAX).await.map_err(failed)?;
        let units = Listing::all(partition).begins_with("UNIT#");
        let units = self.control.list(&units, UNITS_MAX).await.map_err(failed)?;
        let mut recorded = Recorded::default();
        for row in &targets {
            let target: TargetRecord = Row::value(row).map_err(failed)?;
            recorded.targets.insert(target.table, target);
        }
        let imports = Listing::all(Key::run_partition(&self.run)).begins_with("IMPORT#");
        for row in self.control.list(&imports, TARGETS_MAX).await.map_err(failed)? {
            let import: ImportRecord = Row::value(&row).map_err(failed)?;
            recorded.imports.insert(import.table, import);
        }
        let before = Listing::all(Key::run_partition(&self.run)).begins_with("BEFORE#");
        for row in self.control.list(&before, UNITS_MAX).await.map_err(failed)? {
            let before: UnitBefore = Row::value(&row).map_err(failed)?;
            recorded.before.insert(before.unit, before);
        }
        for row in &units {
            let unit: UnitResult = Row::value(row).map_err(failed)?;
            recorded.add_unit(&unit);
        }
        Ok(recorded)
    }

    async fn record_schema(&self, schema: &SchemaRecord) -> Result<(), restore::Error> {
        let text = serde_json::to_string(schema).map_err(|error| restore::Error::State {
            operation: "writing",
            subject: format!("schema record of {}", self.run),
            cause: error.to_string(),
        })?;
        for (index, part) in split(&text).into_iter().enumerate() {
            self.put(Key::schema(&self.run, index), &part).await?;
        }
        Ok(())
    }

    async fn record_target(&self, target: &TargetRecord) -> Result<(), restore::Error> {
        self.put(Key::target(&self.run, target.table), target).await
    }

    async fn record_import(&self, import: &ImportRecord) -> Result<(), restore::Error> {
        self.put(Key::import(&self.run, import.table), import).await
    }

    async fn record_before(&self, before: &UnitBefore) -> Result<(), restore::Error> {
        self.put(Key::unit_before(&self.run, before.unit), before).await
    }

    async fn record_unit(&self, unit: &UnitResult) -> Result<(), restore::Error> {
        self.put(Key::unit(&self.run, unit.unit), unit).await
    }
}

impl TableCheckpoints {
    async fn put<T: serde::Serialize>(&self, key: Key, value: &T) -> Result<(), restore::Error> {
        let failed = |error| self.state("writing", error);
        let change = Change::put(key, value).map_err(failed)?;
        self.control.write(vec![change]).await.map_err(failed)
    }

    fn state(&self, operation: &'static str, error: Error) -> restore::Error {
        match error {
            Error::Aws(error) => restore::Error::Aws(error),
            error => restore::Error::State {
                operation,
                subject: format!("checkpoints of {}", self.run),
                cause: error.to_string(),
            },
        }
    }
}
