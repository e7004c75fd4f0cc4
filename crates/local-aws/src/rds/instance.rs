//! DB instances: what RDS says about them and the database behind each.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::control::query::Xml;
use crate::control::{Place, Record, rds_arn};
use crate::database::Database;

/// A DB instance to be added to the embedded RDS.
#[derive(Clone, Debug)]
pub struct Instance {
    /// The DBInstanceIdentifier.
    pub id: String,
    /// `mysql` or `mariadb`.
    pub engine: String,
    /// For example `8.4.3`.
    pub engine_version: String,
    /// For example `db.r6g.large`.
    pub class: String,
    /// Where its rows come from.
    pub database: Database,
}

/// A DB instance as it is kept: all but the URL of a real server, whose password is nobody's business.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct InstanceRecord {
    pub place: Place,
    pub id: String,
    pub engine: String,
    pub engine_version: String,
    pub class: String,
    pub created_at: Timestamp,
    pub allocated_gib: u32,
    pub resource_id: String,
    /// The DB cluster that it belongs to.
    #[serde(default)]
    pub cluster: Option<String>,
}

impl Record for InstanceRecord {
    const KIND: &'static str = "rds-instance";

    fn place(&self) -> Place {
        self.place.clone()
    }

    fn id(&self) -> &str {
        &self.id
    }
}

impl InstanceRecord {
    pub fn arn(&self) -> String {
        rds_arn(&self.place, "db", &self.id)
    }

    pub fn describe(&self, xml: &mut Xml) {
        xml.node("DBInstance", |xml| {
            xml.leaf("DBInstanceIdentifier", &self.id);
            xml.leaf("DBInstanceArn", self.arn());
            xml.leaf("DbiResourceId", &self.resource_id);
            xml.leaf("DBInstanceClass", &self.class);
            xml.optional("DBClusterIdentifier", self.cluster.as_ref());
            xml.leaf("DBInstanceStatus", "available");
            xml.leaf("Engine", &self.engine);
            xml.leaf("EngineVersion", &self.engine_version);
            xml.leaf("MasterUsername", "admin");
            xml.leaf("AllocatedStorage", self.allocated_gib);
            xml.leaf("StorageType", "gp3");
            xml.leaf("StorageEncrypted", true);
            xml.leaf("MultiAZ", false);
            xml.leaf("AvailabilityZone", format_args!("{}a", self.place.region));
            xml.leaf("PubliclyAccessible", false);
            xml.leaf("BackupRetentionPeriod", 7);
            xml.moment("InstanceCreateTime", self.created_at);
            xml.node("Endpoint", |xml| {
                xml.leaf(
                    "Address",
                    format_args!("{}.local.{}.rds.amazonaws.com", self.id, self.place.region),
                );
                xml.leaf("Port", 3306);
            });
        });
    }
}
