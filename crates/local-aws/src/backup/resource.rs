//! Protected resources: whatever has a recovery point.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::resource_type::{resource_name, resource_type};
use super::route::Route;
use super::{Backup, Fault, RecoveryPoint, seconds};
use crate::control::Place;

impl Backup {
    pub(super) fn list_resources(&self, place: &Place, route: &Route<'_>) -> Result<Value, Fault> {
        let resources: Vec<RecoveryPoint> = self.newest_points(place)?.into_values().collect();
        route.page("Results", resources, |point| &point.resource_arn, describe)
    }

    pub(super) fn describe_resource(&self, place: &Place, arn: &str) -> Result<Value, Fault> {
        let points = self.newest_points(place)?;
        let newest = points
            .get(arn)
            .ok_or_else(|| Fault::not_found(format!("Resource {arn} has no recovery point.")))?;
        Ok(describe(newest))
    }

    /// The newest recovery point of each resource, by ARN.
    fn newest_points(&self, place: &Place) -> Result<BTreeMap<String, RecoveryPoint>, Fault> {
        let mut newest = BTreeMap::new();
        let points: Vec<RecoveryPoint> = self.plane.records.list(place)?;
        for point in points {
            let known: Option<&RecoveryPoint> = newest.get(&point.resource_arn);
            if known.is_none_or(|known| known.created_at <= point.created_at) {
                newest.insert(point.resource_arn.clone(), point);
            }
        }
        Ok(newest)
    }
}

fn describe(newest: &RecoveryPoint) -> Value {
    json!({
        "ResourceArn": newest.resource_arn,
        "ResourceType": resource_type(&newest.resource_arn),
        "ResourceName": resource_name(&newest.resource_arn),
        "LastBackupTime": seconds(newest.created_at),
        "LastBackupVaultArn": newest.vault_arn(),
        "LastRecoveryPointArn": newest.arn,
    })
}
