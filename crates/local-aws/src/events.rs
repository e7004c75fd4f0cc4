//! Events in EventBridge's JSON shapes, put into the SQS queue `data-restore-events` of the account and Region.
//!
//! <https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html>,
//! <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.Messages.html>

use std::sync::Arc;

use serde_json::{Value, json};

use crate::control::{Place, Plane, RecordError};
use crate::rds::{ExportTask, Snapshot};
use crate::sqs::Sqs;

/// The queue that events go to.
pub const QUEUE: &str = "data-restore-events";

/// Delivers events.
#[derive(Clone, Debug)]
pub(crate) struct Events {
    plane: Plane,
    sqs: Arc<Sqs>,
}

/// What happened to a DB snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SnapshotEvent {
    ManualCreated,
    Copied,
    ExportFailed,
    ExportCanceled,
    ExportCompleted,
}

impl SnapshotEvent {
    fn describe(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::ManualCreated => ("RDS-EVENT-0042", "creation", "Manual snapshot created"),
            Self::Copied => ("RDS-EVENT-0197", "notification", "Copied snapshot created"),
            Self::ExportFailed => ("RDS-EVENT-0159", "failure", "The snapshot export task failed."),
            Self::ExportCanceled => (
                "RDS-EVENT-0160", "notification", "The snapshot export task was canceled.",
            ),
            Self::ExportCompleted => (
                "RDS-EVENT-0161", "notification", "The snapshot export task completed.",
            ),
        }
    }
}

impl Events {
    pub fn new(plane: Plane, sqs: Arc<Sqs>) -> Self {
        Self { plane, sqs }
    }

    /// Makes the queue of each account and Region: a consumer may come before the first event.
    pub fn open_queues(&self) -> Result<(), RecordError> {
        for account in self.plane.accounts.iter() {
            for region in self.plane.regions.iter() {
                self.sqs.open(&Place::new(account, region), QUEUE)?;
            }
        }
        Ok(())
    }

    /// An event of a snapshot.
    pub fn snapshot(&self, snapshot: &Snapshot, event: SnapshotEvent) -> Result<(), RecordError> {
        self.rds(&snapshot.place, &snapshot.arn(), &snapshot.id, event)
    }

    /// An event of an export task, which RDS tells as one of the snapshot.
    pub fn export(&self, task: &ExportTask, event: SnapshotEvent) -> Result<(), RecordError> {
        let id = task.source_arn.rsplit_once(":snapshot:").map_or("", |(_, id)| id);
        self.rds(&task.place, &task.source_arn, id, event)
    }

    fn rds(&self, place: &Place, arn: &str, id: &str, event: SnapshotEvent) -> Result<(), RecordError> {
        let (event_id, category, message) = event.describe();
        let detail = json!({
            "EventCategories": [category],
            "SourceType": "SNAPSHOT",
            "SourceArn": arn,
            "Date": format!("{:.3}", self.plane.clock.now()),
            "Message": message,
            "SourceIdentifier": id,
            "EventID": event_id,
        });
        self.deliver(
            place,
            "aws.rds",
            "RDS DB Snapshot Event",
            &[arn.to_owned()],
            &detail,
        )
    }

    /// An event of AWS Backup.
    pub fn backup(
        &self,
        place: &Place,
        detail_type: &str,
        resources: &[String],
        detail: &Value,
    ) -> Result<(), RecordError> {
        self.deliver(place, "aws.backup", detail_type, resources, detail)
    }

    fn deliver(
        &self,
        place: &Place,
        source: &str,
        detail_type: &str,
        resources: &[String],
        detail: &Value,
    ) -> Result<(), RecordError> {
        let event = json!({
            "version": "0",
            "id": uuid::Uuid::new_v4().to_string(),
            "detail-type": detail_type,
            "source": source,
            "account": place.account,
            // EventBridge counts whole seconds.
            "time": format!("{:.0}", self.plane.clock.now()),
            "region": place.region,
            "resources": resources,
            "detail": detail,
        });
        self.sqs.deliver(place, QUEUE, &event.to_string())
    }
}
