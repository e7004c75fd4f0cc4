//! DescribeDBInstances, DescribeDBSnapshots, DescribeDBClusters and DescribeExportTasks.

use super::cluster::ClusterRecord;
use super::instance::InstanceRecord;
use super::{ExportTask, Rds, Snapshot};
use crate::control::query::{Fault, Parameters, Xml};
use crate::control::{Arn, Place, page, rds_arn};

impl Rds {
    pub(super) fn describe_instances(&self, place: &Place, parameters: &Parameters) -> Result<Xml, Fault> {
        let mut instances: Vec<InstanceRecord> = self.plane.records.list(place)?;
        if let Some(asked) = parameters.get("DBInstanceIdentifier") {
            let id = last_of_arn(asked, "db:");
            instances.retain(|instance| instance.id.eq_ignore_ascii_case(id));
            if instances.is_empty() {
                return Err(Fault::not_found(
                    "DBInstanceNotFound",
                    format!("DBInstance {id} not found."),
                ));
            }
        }
        for (name, values) in parameters.filters() {
            match name.as_str() {
                "db-instance-id" => {
                    instances
                        .retain(|instance| values.contains(&instance.id) || values.contains(&instance.arn()));
                }
                "dbi-resource-id" => instances.retain(|instance| values.contains(&instance.resource_id)),
                "engine" => instances.retain(|instance| values.contains(&instance.engine)),
                "db-cluster-id" => instances.retain(|instance| {
                    let cluster = instance.cluster.as_ref();
                    cluster.is_some_and(|cluster| {
                        let arn = rds_arn(place, "cluster", cluster);
                        values.contains(cluster) || values.contains(&arn)
                    })
                }),
                "domain" => instances.clear(),
                _ => return Err(unknown_filter(&name)),
            }
        }
        instances.sort_by(|a, b| a.id.cmp(&b.id));
        paged(
            "DBInstances",
            instances,
            parameters,
            |instance| &instance.id,
            InstanceRecord::describe,
        )
    }

    pub(super) fn describe_clusters(&self, place: &Place, parameters: &Parameters) -> Result<Xml, Fault> {
        let mut clusters: Vec<ClusterRecord> = self.plane.records.list(place)?;
        if let Some(asked) = parameters.get("DBClusterIdentifier") {
            let id = last_of_arn(asked, "cluster:");
            clusters.retain(|cluster| cluster.id.eq_ignore_ascii_case(id));
            if clusters.is_empty() {
                return Err(Fault::not_found(
                    "DBClusterNotFoundFault",
                    format!("DBCluster {id} not found."),
                ));
            }
        }
        for (name, values) in parameters.filters() {
            match name.as_str() {
                "db-cluster-id" => {
                    clusters
                        .retain(|cluster| values.contains(&cluster.id) || values.contains(&cluster.arn()));
                }
                "db-cluster-resource-id" => {
                    clusters.retain(|cluster| values.contains(&cluster.resource_id));
                }
                "engine" => clusters.retain(|cluster| values.contains(&cluster.engine)),
                "clone-group-id" | "domain" => clusters.clear(),
                _ => return Err(unknown_filter(&name)),
            }
        }
        clusters.sort_by(|a, b| a.id.cmp(&b.id));
        paged(
            "DBClusters",
            clusters,
            parameters,
            |cluster| &cluster.id,
            ClusterRecord::describe,
        )
    }

    pub(super) fn describe_snapshots(&self, place: &Place, parameters: &Parameters) -> Result<Xml, Fault> {
        let mut snapshots: Vec<Snapshot> = self.plane.records.list(place)?;
        if let Some(id) = parameters.get("DBSnapshotIdentifier") {
            let id = last_of_arn(id, "snapshot:");
            snapshots.retain(|snapshot| snapshot.id == id);
            if snapshots.is_empty() {
                return Err(Fault::not_found(
                    "DBSnapshotNotFound",
                    format!("DBSnapshot {id} not found."),
                ));
            }
        }
        if let Some(instance) = parameters.get("DBInstanceIdentifier") {
            let id = last_of_arn(instance, "db:");
            snapshots.retain(|snapshot| snapshot.instance.eq_ignore_ascii_case(id));
        }
        if let Some(kind) = parameters.get("SnapshotType") {
            snapshots.retain(|snapshot| snapshot.kind == kind);
        }
        for (name, values) in parameters.filters() {
            match name.as_str() {
                "db-instance-id" => snapshots.retain(|snapshot| values.contains(&snapshot.instance)),
                "db-snapshot-id" => {
                    snapshots
                        .retain(|snapshot| values.contains(&snapshot.id) || values.contains(&snapshot.arn()));
                }
                "snapshot-type" => snapshots.retain(|snapshot| values.contains(&snapshot.kind)),
                "engine" => snapshots.retain(|snapshot| values.contains(&snapshot.engine)),
                _ => return Err(unknown_filter(&name)),
            }
        }
        paged(
            "DBSnapshots",
            snapshots,
            parameters,
            |snapshot| &snapshot.id,
            Snapshot::describe,
        )
    }

    pub(super) fn describe_exports(&self, place: &Place, parameters: &Parameters) -> Result<Xml, Fault> {
        let mut tasks: Vec<ExportTask> = match parameters.get("ExportTaskIdentifier") {
            Some(id) => {
                let task = self.plane.records.get(place, id)?;
                vec![task.ok_or_else(|| {
                    Fault::not_found(
                        "ExportTaskNotFound",
                        format!("The export task {id} was not found."),
                    )
                })?]
            }
            None => self.plane.records.list(place)?,
        };
        if let Some(source) = parameters.get("SourceArn") {
            tasks.retain(|task| task.source_arn == source);
        }
        if parameters
            .get("SourceType")
            .is_some_and(|kind| kind != "SNAPSHOT")
        {
            tasks.clear();
        }
        for (name, values) in parameters.filters() {
            match name.as_str() {
                "export-task-identifier" => tasks.retain(|task| values.contains(&task.id)),
                "s3-bucket" => tasks.retain(|task| values.contains(&task.bucket)),
                "source-arn" => tasks.retain(|task| values.contains(&task.source_arn)),
                "status" => tasks.retain(|task| {
                    let status = task.status.name();
                    values.iter().any(|value| value.eq_ignore_ascii_case(status))
                }),
                _ => return Err(unknown_filter(&name)),
            }
        }
        let now = self.plane.clock.now();
        let describe = |task: &ExportTask, xml: &mut Xml| {
            xml.node("ExportTask", |xml| task.fields(xml, now, self.export_duration));
        };
        paged("ExportTasks", tasks, parameters, |task| &task.id, describe)
    }
}

fn paged<T>(
    list: &str,
    items: Vec<T>,
    parameters: &Parameters,
    id: impl Fn(&T) -> &str,
    describe: impl Fn(&T, &mut Xml),
) -> Result<Xml, Fault> {
    let (items, next) = page(items, parameters.get("Marker"), parameters.max_records()?, id)
        .ok_or_else(|| Fault::new("InvalidParameterValue", "The request token is invalid."))?;
    let mut xml = Xml::default();
    xml.node(list, |xml| items.iter().for_each(|item| describe(item, xml)));
    xml.optional("Marker", next);
    Ok(xml)
}

fn unknown_filter(name: &str) -> Fault {
    Fault::new(
        "InvalidParameterValue",
        format!("Unrecognized filter name: {name}"),
    )
}

/// RDS takes an ARN where it takes an identifier.
fn last_of_arn<'a>(text: &'a str, resource: &str) -> &'a str {
    Arn::parse(text)
        .and_then(|arn| arn.resource.strip_prefix(resource))
        .unwrap_or(text)
}
