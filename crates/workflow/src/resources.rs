//! Whatever AWS Backup protects in the accounts and Regions of the settings, and the databases that it does not.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws::Cloud;
use aws::backup::Made;
use futures::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use recovery::ids::{AccountId, Region};
use recovery::resource::{Inventory, Protected, Restorable, Unprotected, VaultCount};

use crate::Workflow;
use crate::databases::databases;
use crate::error::Result;
use crate::settings::Settings;

/// Accounts and Regions that are looked at at once.
const PLACES_AT_ONCE: usize = 4;

/// Resources of one account and Region that are told.
const RESOURCES_MAX: usize = 5_000;

/// Recovery points of one vault that are counted. 840,000 hourly ones of 1,000 sources would take minutes; what is
/// beyond is said.
const POINTS_MAX: usize = 50_000;

/// Causes that are told of one account and Region.
const UNSEEN_MAX: usize = 20;

/// What was seen is shown again for this long.
const SHOWN_FOR: SignedDuration = SignedDuration::from_mins(5);

/// What this process last saw. Whoever looks holds it, so that two who ask at once look once.
#[derive(Debug, Default)]
pub(crate) struct SeenResources(tokio::sync::Mutex<Option<Arc<Vec<Inventory>>>>);

impl Workflow {
    /// What AWS Backup protects and what it does not, per account and Region, at most five minutes old.
    pub async fn resources(&self) -> Result<Arc<Vec<Inventory>>> {
        let mut seen = self.shared.resources.0.lock().await;
        let now = self.now();
        if let Some(inventories) = seen.as_ref()
            && inventories
                .first()
                .is_some_and(|inventory| now.duration_since(inventory.seen_at).abs() < SHOWN_FOR)
        {
            return Ok(Arc::clone(inventories));
        }
        let inventories = Arc::new(list_resources(&self.shared.cloud, self.settings(), now).await);
        *seen = Some(Arc::clone(&inventories));
        Ok(inventories)
    }
}

/// Looks into every account and Region of the settings, accounts in their order, Regions within. What cannot be looked
/// at is said and stops nothing else.
pub async fn list_resources(cloud: &Cloud, settings: &Settings, now: Timestamp) -> Vec<Inventory> {
    let places: Vec<(AccountId, Region)> = settings
        .accounts
        .iter()
        .flat_map(|account| {
            settings
                .regions
                .iter()
                .map(|region| (account.clone(), region.clone()))
        })
        .collect();
    stream::iter(places)
        .map(|(account, region)| inventory(cloud, account, region, now))
        .buffered(PLACES_AT_ONCE)
        .collect()
        .await
}

async fn inventory(cloud: &Cloud, account: AccountId, region: Region, now: Timestamp) -> Inventory {
    let mut found = Inventory {
        region: region.clone(),
        account: account.clone(),
        protected: Vec::new(),
        unprotected: Vec::new(),
        unseen: Vec::new(),
        seen_at: now,
    };
    match cloud.caller_identity(&region, Some(&account)).await {
        Ok(caller) if caller.account == account => {}
        Ok(caller) => {
            found.unseen.push(format!(
                "the credentials are of account {}, not of {account}",
                caller.account
            ));
            return found;
        }
        Err(error) => {
            found.unseen.push(error.to_string());
            return found;
        }
    }
    let databases = match databases(cloud, &region, &account).await {
        Ok(databases) => Some(databases),
        Err(error) => {
            found.unseen.push(error.to_string());
            None
        }
    };
    let engine_of = |arn: &str| {
        let databases = databases.iter().flatten();
        databases
            .filter(|database| database.arn == arn)
            .find_map(|database| database.engine.clone())
    };
    let protected = match cloud
        .list_protected_resources(&region, &account, RESOURCES_MAX)
        .await
    {
        Ok(protected) => protected,
        Err(error) => {
            // Nothing is called unprotected that could not be looked for.
            found.unseen.push(error.to_string());
            return found;
        }
    };
    if protected.len() == RESOURCES_MAX {
        found.unseen.push(format!(
            "more than {RESOURCES_MAX} protected resources: the rest is not listed"
        ));
    }
    let mut counts = counts(cloud, &account, &region, &mut found.unseen).await;
    found.protected = protected
        .into_iter()
        .map(|resource| Protected {
            restorable: Restorable::of(&resource.resource_type, engine_of(&resource.arn).as_deref()),
            recovery_points: counts
                .remove(&resource.arn)
                .unwrap_or_default()
                .into_values()
                .collect(),
            resource_type: resource.resource_type,
            name: resource.name,
            last_backup_at: resource.last_backup_at,
            arn: resource.arn,
        })
        .collect();
    found.protected.sort_by(|a, b| a.arn.cmp(&b.arn));
    let is_protected = |arn: &str| {
        found
            .protected
            .binary_search_by(|known| known.arn.as_str().cmp(arn))
            .is_ok()
    };
    let mut unprotected: Vec<Unprotected> = databases
        .iter()
        .flatten()
        .filter(|database| !is_protected(&database.arn))
        .map(|database| Unprotected {
            arn: database.arn.clone(),
            name: database.name.clone(),
            engine: database.engine.clone(),
            class: database.class.clone(),
            restorable: Restorable::of(database.resource_type(), database.engine.as_deref()),
        })
        .collect();
    unprotected.sort_by(|a, b| a.arn.cmp(&b.arn));
    found.unprotected = unprotected;
    found
}

/// Recovery points of each resource, by vault.
async fn counts(
    cloud: &Cloud,
    account: &AccountId,
    region: &Region,
    unseen: &mut Vec<String>,
) -> BTreeMap<String, BTreeMap<String, VaultCount>> {
    let mut counts: BTreeMap<String, BTreeMap<String, VaultCount>> = BTreeMap::new();
    let vaults = match cloud.list_vaults(region, account).await {
        Ok(vaults) => vaults,
        Err(error) => {
            unseen.push(error.to_string());
            return counts;
        }
    };
    for vault in vaults.into_iter().filter(|vault| vault.recovery_points > 0) {
        let points = cloud
            .list_recovery_points(region, account, &vault.name, Made::default())
            .take(POINTS_MAX);
        let mut points = std::pin::pin!(points);
        let mut listed = 0;
        while let Some(point) = points.next().await {
            listed += 1;
            let point = match point {
                Ok(point) => point,
                Err(error) => {
                    if unseen.len() < UNSEEN_MAX {
                        unseen.push(error.to_string());
                    }
                    continue;
                }
            };
            let of = counts.entry(point.resource_arn).or_default();
            let count = of.entry(vault.name.clone()).or_insert_with(|| VaultCount {
                vault: vault.name.clone(),
                count: 0,
                oldest_at: point.created_at,
                newest_at: point.created_at,
            });
            count.count += 1;
            count.oldest_at = count.oldest_at.min(point.created_at);
            count.newest_at = count.newest_at.max(point.created_at);
        }
        if listed == POINTS_MAX {
            unseen.push(format!(
                "vault {} holds more than {POINTS_MAX} recovery points: the older ones are not counted",
                vault.name
            ));
        }
    }
    counts
}
