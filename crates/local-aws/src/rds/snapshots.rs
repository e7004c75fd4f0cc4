//! Taking, copying and deleting snapshots.

use jiff::Timestamp;

use super::cluster::ClusterRecord;
use super::instance::InstanceRecord;
use super::{ExportTask, Rds, Snapshot};
use crate::control::query::{Fault, Parameters, Xml};
use crate::control::{Place, RecordError, remove_folder};
use crate::database::{Database, State};
use crate::events::SnapshotEvent;
use crate::export::{Contents, SnapshotContent, WriteError};

/// Why a snapshot could not be taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SnapshotError {
    #[error("DB instance {0} not found")]
    NoInstance(String),
    #[error("DB instance {0} has no database behind it; add it again with its database")]
    NoDatabase(String),
    #[error(transparent)]
    Write(#[from] WriteError),
    #[error(transparent)]
    Records(#[from] RecordError),
}

impl Rds {
    /// Takes a snapshot of `instance` as of the clock's now and keeps it as `id`. Taking it again under the same
    /// identifier, after an interruption, ends with one snapshot.
    pub(crate) async fn take_snapshot(
        &self,
        place: &Place,
        instance: &str,
        id: &str,
        kind: &str,
    ) -> Result<Snapshot, SnapshotError> {
        if let Some(done) = self
            .snapshot(place, id)?
            .filter(|snapshot| snapshot.content.is_some())
        {
            return Ok(done);
        }
        let instance: InstanceRecord = self
            .plane
            .records
            .get(place, instance)?
            .ok_or_else(|| SnapshotError::NoInstance(instance.to_owned()))?;
        let database = self
            .database(place, &instance.id)
            .ok_or_else(|| SnapshotError::NoDatabase(instance.id.clone()))?;
        let now = self.plane.clock.now();
        let mut snapshot = Snapshot::begin(&instance, id, kind, now);
        self.plane.records.put(&snapshot)?;
        match self.content(&database, &instance, id, now).await {
            Ok((content, bytes)) => {
                snapshot.content = Some(content);
                snapshot.bytes = bytes;
                self.plane.records.put(&snapshot)?;
                Ok(snapshot)
            }
            Err(error) => {
                self.plane.records.remove::<Snapshot>(place, id)?;
                Err(error.into())
            }
        }
    }

    async fn content(
        &self,
        database: &Database,
        instance: &InstanceRecord,
        id: &str,
        now: Timestamp,
    ) -> Result<(SnapshotContent, u64), WriteError> {
        let snapshots = self.plane.snapshots();
        let content = match database {
            Database::MySql(url) => {
                // An identifier may have a colon, which not every file system takes.
                let folder = format!(
                    "{}-{}-{}",
                    instance.place.account,
                    instance.place.region,
                    id.replace(':', "-")
                );
                SnapshotContent::store(url, &snapshots, &folder).await?
            }
            Database::BuiltIn(builtin) => {
                SnapshotContent::BuiltIn(State::at(*builtin, instance.created_at, now))
            }
        };
        let bytes = Contents::open(&content, &snapshots)?.bytes();
        Ok((content, bytes))
    }

    pub(crate) fn snapshot(&self, place: &Place, id: &str) -> Result<Option<Snapshot>, RecordError> {
        self.plane.records.get(place, id)
    }

    /// Whether `instance` exists.
    pub(crate) fn has_instance(&self, place: &Place, instance: &str) -> Result<bool, RecordError> {
        Ok(self
            .plane
            .records
            .get::<InstanceRecord>(place, instance)?
            .is_some())
    }

    /// The identifier and ARN of whatever AWS Backup takes: each cluster, and each instance that is of none.
    pub(crate) fn databases(&self, place: &Place) -> Result<Vec<(String, String)>, RecordError> {
        let instances: Vec<InstanceRecord> = self.plane.records.list(place)?;
        let instances = instances
            .into_iter()
            .filter(|instance| instance.cluster.is_none())
            .map(|instance| (instance.id.clone(), instance.arn()));
        let clusters: Vec<ClusterRecord> = self.plane.records.list(place)?;
        let clusters = clusters
            .into_iter()
            .map(|cluster| (cluster.id.clone(), cluster.arn()));
        Ok(instances.chain(clusters).collect())
    }

    /// Keeps a copy of `source` in another Region or account. The copy shares the data.
    pub(crate) fn copy_snapshot(
        &self,
        source: &Snapshot,
        to: &Place,
        id: &str,
    ) -> Result<Snapshot, RecordError> {
        let copy = Snapshot {
            place: to.clone(),
            id: id.to_owned(),
            copied_from: Some(source.arn()),
            created_at: self.plane.clock.now(),
            ..source.clone()
        };
        self.plane.records.put(&copy)?;
        Ok(copy)
    }

    /// Forgets a snapshot, and its data with its last copy.
    pub(crate) fn forget_snapshot(&self, place: &Place, id: &str) -> Result<bool, RecordError> {
        let Some(snapshot) = self.snapshot(place, id)? else {
            return Ok(false);
        };
        self.plane.records.remove::<Snapshot>(place, id)?;
        if let Some(SnapshotContent::Stored { folder }) = &snapshot.content {
            let shared = self
                .plane
                .records
                .all::<Snapshot>()?
                .iter()
                .any(|other| other.content == snapshot.content);
            if !shared {
                remove_folder(&self.plane.snapshots().join(folder));
            }
        }
        Ok(true)
    }

    pub(super) async fn create_snapshot(&self, place: &Place, parameters: &Parameters) -> Result<Xml, Fault> {
        let id = parameters.require("DBSnapshotIdentifier")?;
        let instance = parameters.require("DBInstanceIdentifier")?;
        if !is_identifier(id, 255) {
            return Err(invalid_identifier("DBSnapshotIdentifier"));
        }
        if self.snapshot(place, id)?.is_some() {
            return Err(Fault::new(
                "DBSnapshotAlreadyExists",
                format!(
                    "Cannot create the snapshot because a snapshot with the identifier {id} already exists."
                ),
            ));
        }
        let snapshot = match self.take_snapshot(place, instance, id, "manual").await {
            Ok(snapshot) => snapshot,
            Err(SnapshotError::NoInstance(instance)) => {
                return Err(Fault::not_found(
                    "DBInstanceNotFound",
                    format!("DBInstance {instance} not found."),
                ));
            }
            Err(error) => return Err(Fault::internal(&error)),
        };
        self.events.snapshot(&snapshot, SnapshotEvent::ManualCreated)?;
        let mut xml = Xml::default();
        snapshot.describe(&mut xml);
        Ok(xml)
    }

    pub(super) fn delete_snapshot(&self, place: &Place, parameters: &Parameters) -> Result<Xml, Fault> {
        let id = parameters.require("DBSnapshotIdentifier")?;
        let Some(snapshot) = self.snapshot(place, id)? else {
            return Err(Fault::not_found(
                "DBSnapshotNotFound",
                format!("DBSnapshot {id} not found."),
            ));
        };
        if snapshot.kind != "manual" {
            return Err(Fault::new(
                "InvalidDBSnapshotState",
                format!("The snapshot {id} is of AWS Backup; delete its recovery point instead."),
            ));
        }
        if self.is_being_exported(&snapshot.arn(), place)? {
            return Err(Fault::new(
                "InvalidDBSnapshotState",
                format!("The snapshot {id} is being exported."),
            ));
        }
        self.forget_snapshot(place, id)?;
        let mut xml = Xml::default();
        snapshot.describe(&mut xml);
        Ok(xml)
    }

    /// Whether a running export task reads the snapshot.
    pub(crate) fn is_being_exported(&self, arn: &str, place: &Place) -> Result<bool, RecordError> {
        let tasks: Vec<ExportTask> = self.plane.records.list(place)?;
        Ok(tasks
            .iter()
            .any(|task| task.status.is_running() && task.source_arn == arn))
    }
}

/// RDS's rule for identifiers: a letter, then letters, digits and hyphens, no two hyphens together, none last.
pub(super) fn is_identifier(text: &str, longest: usize) -> bool {
    text.len() <= longest
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        && !text.contains("--")
        && !text.ends_with('-')
}

pub(super) fn invalid_identifier(parameter: &str) -> Fault {
    Fault::new(
        "InvalidParameterValue",
        format!(
            "The parameter {parameter} is not a valid identifier. Identifiers must begin with a letter; must contain \
             only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens."
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_follow_rdss_rule() {
        for good in ["a", "tvshows-20261120t080000z-3f9a2c", "A1"] {
            assert!(is_identifier(good, 60), "{good}");
        }
        let long = "a".repeat(61);
        for bad in ["", "1a", "-a", "a-", "a--b", "a_b", "a:b", "a b", long.as_str()] {
            assert!(!is_identifier(bad, 60), "{bad}");
        }
    }
}
