//! DB clusters: what RDS says about them. Nothing is behind one: its snapshots hold nothing.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Rds;
use super::instance::InstanceRecord;
use crate::control::query::Xml;
use crate::control::{Place, Record, RecordError, rds_arn};

/// A DB cluster to be added to the embedded RDS, with its DB instances.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// The DBClusterIdentifier; its DB instances are called this with `-instance-1` and so on behind it.
    pub id: String,
    /// `aurora-mysql`, `aurora-postgresql`, …
    pub engine: String,
    /// For example `8.0.mysql_aurora.3.08.0`.
    pub engine_version: String,
    /// Of its DB instances: for example `db.r6g.large`.
    pub class: String,
    /// How many DB instances it has. The first one writes.
    pub instances: u8,
}

/// A DB cluster as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct ClusterRecord {
    pub place: Place,
    pub id: String,
    pub engine: String,
    pub engine_version: String,
    pub created_at: Timestamp,
    pub resource_id: String,
    /// Identifiers of its DB instances.
    pub members: Vec<String>,
}

impl Record for ClusterRecord {
    const KIND: &'static str = "rds-cluster";

    fn place(&self) -> Place {
        self.place.clone()
    }

    fn id(&self) -> &str {
        &self.id
    }
}

impl ClusterRecord {
    pub fn arn(&self) -> String {
        rds_arn(&self.place, "cluster", &self.id)
    }

    pub fn describe(&self, xml: &mut Xml) {
        xml.node("DBCluster", |xml| {
            xml.leaf("DBClusterIdentifier", &self.id);
            xml.leaf("DBClusterArn", self.arn());
            xml.leaf("DbClusterResourceId", &self.resource_id);
            xml.leaf("Status", "available");
            xml.leaf("Engine", &self.engine);
            xml.leaf("EngineVersion", &self.engine_version);
            xml.leaf("EngineMode", "provisioned");
            xml.leaf("MasterUsername", "admin");
            xml.leaf("AllocatedStorage", 1);
            xml.leaf("StorageEncrypted", true);
            xml.leaf("MultiAZ", self.members.len() > 1);
            xml.leaf("BackupRetentionPeriod", 7);
            xml.leaf("Port", 3306);
            xml.leaf(
                "Endpoint",
                format_args!(
                    "{}.cluster-local.{}.rds.amazonaws.com",
                    self.id, self.place.region
                ),
            );
            xml.moment("ClusterCreateTime", self.created_at);
            xml.node("DBClusterMembers", |xml| {
                for (index, member) in self.members.iter().enumerate() {
                    xml.node("DBClusterMember", |xml| {
                        xml.leaf("DBInstanceIdentifier", member);
                        xml.leaf("IsClusterWriter", index == 0);
                        xml.leaf("DBClusterParameterGroupStatus", "in-sync");
                        xml.leaf("PromotionTier", 1);
                    });
                }
            });
        });
    }
}

impl Rds {
    pub(crate) fn add_cluster(&self, place: &Place, cluster: Cluster) -> Result<(), RecordError> {
        let unique = || {
            let unique = uuid::Uuid::new_v4().simple().to_string().to_ascii_uppercase();
            unique[..26].to_owned()
        };
        let created_at = self.plane.clock.now();
        let members: Vec<String> = (1..=cluster.instances)
            .map(|number| format!("{}-instance-{number}", cluster.id))
            .collect();
        for member in &members {
            self.plane.records.put(&InstanceRecord {
                place: place.clone(),
                id: member.clone(),
                engine: cluster.engine.clone(),
                engine_version: cluster.engine_version.clone(),
                class: cluster.class.clone(),
                created_at,
                allocated_gib: 1,
                resource_id: format!("db-{}", unique()),
                cluster: Some(cluster.id.clone()),
            })?;
        }
        self.plane.records.put(&ClusterRecord {
            place: place.clone(),
            id: cluster.id,
            engine: cluster.engine,
            engine_version: cluster.engine_version,
            created_at,
            resource_id: format!("cluster-{}", unique()),
            members,
        })
    }

    /// Whether `cluster` exists.
    pub(crate) fn has_cluster(&self, place: &Place, cluster: &str) -> Result<bool, RecordError> {
        Ok(self.plane.records.get::<ClusterRecord>(place, cluster)?.is_some())
    }
}
