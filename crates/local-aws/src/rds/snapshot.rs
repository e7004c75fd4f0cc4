//! DB snapshots.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::instance::InstanceRecord;
use crate::control::query::Xml;
use crate::control::{Place, Record, rds_arn};
use crate::export::SnapshotContent;

/// A DB snapshot: a manual one, or a recovery point of AWS Backup.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Snapshot {
    /// Where it is.
    pub place: Place,
    /// The DBSnapshotIdentifier: `awsbackup:job-<uuid>` for AWS Backup's.
    pub id: String,
    /// `manual` or `awsbackup`.
    pub kind: String,
    /// The DB instance it was taken of.
    pub instance: String,
    /// The instance's engine.
    pub engine: String,
    /// The instance's engine version.
    pub engine_version: String,
    /// When the instance was created.
    pub instance_created_at: Timestamp,
    /// The instance's storage.
    pub allocated_gib: u32,
    /// When it was taken.
    pub created_at: Timestamp,
    /// Size of its data.
    pub bytes: u64,
    /// What it holds; `None` while it is being taken.
    pub content: Option<SnapshotContent>,
    /// The snapshot it is a copy of.
    pub copied_from: Option<String>,
}

impl Record for Snapshot {
    const KIND: &'static str = "rds-snapshot";

    fn place(&self) -> Place {
        self.place.clone()
    }

    fn id(&self) -> &str {
        &self.id
    }
}

impl Snapshot {
    /// A snapshot of `instance` that is yet to be taken.
    pub(super) fn begin(instance: &InstanceRecord, id: &str, kind: &str, now: Timestamp) -> Self {
        Self {
            place: instance.place.clone(),
            id: id.to_owned(),
            kind: kind.to_owned(),
            instance: instance.id.clone(),
            engine: instance.engine.clone(),
            engine_version: instance.engine_version.clone(),
            instance_created_at: instance.created_at,
            allocated_gib: instance.allocated_gib,
            created_at: now,
            bytes: 0,
            content: None,
            copied_from: None,
        }
    }

    /// `arn:aws:rds:REGION:ACCOUNT:snapshot:ID`.
    pub fn arn(&self) -> String {
        rds_arn(&self.place, "snapshot", &self.id)
    }

    /// `creating` or `available`.
    pub fn status(&self) -> &'static str {
        if self.content.is_some() {
            "available"
        } else {
            "creating"
        }
    }

    pub(super) fn describe(&self, xml: &mut Xml) {
        xml.node("DBSnapshot", |xml| self.fields(xml));
    }

    pub(super) fn fields(&self, xml: &mut Xml) {
        xml.leaf("DBSnapshotIdentifier", &self.id);
        xml.leaf("DBSnapshotArn", self.arn());
        xml.leaf("DBInstanceIdentifier", &self.instance);
        xml.leaf("SnapshotType", &self.kind);
        xml.leaf("Status", self.status());
        xml.leaf("PercentProgress", if self.content.is_some() { 100 } else { 0 });
        xml.leaf("Engine", &self.engine);
        xml.leaf("EngineVersion", &self.engine_version);
        xml.leaf("AllocatedStorage", self.allocated_gib);
        xml.leaf("StorageType", "gp3");
        xml.leaf("Encrypted", true);
        xml.leaf("MasterUsername", "admin");
        xml.leaf("AvailabilityZone", format_args!("{}a", self.place.region));
        xml.leaf("Port", 3306);
        xml.moment("InstanceCreateTime", self.instance_created_at);
        if self.content.is_some() {
            xml.moment("SnapshotCreateTime", self.created_at);
            xml.moment("OriginalSnapshotCreateTime", self.created_at);
        }
        xml.optional("SourceDBSnapshotIdentifier", self.copied_from.as_ref());
    }
}
