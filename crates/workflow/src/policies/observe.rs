//! Looking at what policies need: plans, selections, vaults, databases.

use aws::Cloud;
use aws::rds::DbInstance;
use futures::{StreamExt, stream};
use jiff::Timestamp;
use recovery::ids::{AccountId, Region, SourceId};
use recovery::policy::{
    Held, HeldVault, PlanHeld, Policy, PolicyCheck, Severity, VaultWanted, Wanted, check,
};

use crate::error::Result;
use crate::settings::Settings;

/// Policies that are looked at, and vaults of one policy, at once.
const AT_ONCE: usize = 4;

/// Every DB instance: what the general policy selects where it says nothing.
const EVERY_INSTANCE: &str = "arn:aws:rds:*:*:db:*";

/// A policy with where it holds and what it selects.
struct Subject {
    /// `None`: the general one.
    source: Option<SourceId>,
    region: Region,
    account: AccountId,
    policy: Policy,
    resources: Vec<String>,
    not_resources: Vec<String>,
}

/// Holds every policy of the settings, or the one that `of` says, against what accounts hold. What cannot be looked at
/// is a finding. `known` are the sources of the catalogue, where there is one.
pub async fn check_policies(
    cloud: &Cloud,
    settings: &Settings,
    known: &[SourceId],
    of: Option<&SourceId>,
    now: Timestamp,
) -> Result<Vec<PolicyCheck>> {
    let mut subjects = subjects(settings);
    if let Some(source) = of {
        let own = settings.policies.contains_key(source);
        subjects.retain(|subject| match &subject.source {
            Some(named) => named == source,
            None => !own,
        });
    }
    let checks = stream::iter(subjects)
        .map(|subject| look(cloud, settings, known, subject, now))
        .buffered(AT_ONCE)
        .collect::<Vec<_>>()
        .await;
    Ok(checks.into_iter().flatten().collect())
}

/// The general policy at home first, then those of sources by name.
fn subjects(settings: &Settings) -> Vec<Subject> {
    let arn_of = |source: &SourceId| {
        let (region, account) = settings.place_of(source);
        let name = source.as_str().split('.').next().unwrap_or_default();
        format!("arn:{}:rds:{region}:{account}:db:{name}", region.partition())
    };
    let own = settings.policies.iter().map(|(source, rules)| {
        let (region, account) = settings.place_of(source);
        Subject {
            policy: settings.policy_of(source, &region, &account),
            resources: rules.resources.clone().unwrap_or_else(|| vec![arn_of(source)]),
            not_resources: Vec::new(),
            source: Some(source.clone()),
            region,
            account,
        }
    });
    let general = Subject {
        source: None,
        region: settings.home_region.clone(),
        account: settings.home_account().clone(),
        policy: settings.general_policy(),
        resources: settings.policy.resources.clone().unwrap_or_else(|| {
            let partition = settings.home_region.partition();
            vec![EVERY_INSTANCE.replacen("aws", partition, 1)]
        }),
        not_resources: settings
            .policies
            .keys()
            .filter(|source| settings.place_of(source).0 == settings.home_region)
            .map(arn_of)
            .collect(),
    };
    std::iter::once(general).chain(own).collect()
}

async fn look(
    cloud: &Cloud,
    settings: &Settings,
    known: &[SourceId],
    subject: Subject,
    now: Timestamp,
) -> Option<PolicyCheck> {
    let Subject {
        source,
        region,
        account,
        policy,
        resources,
        not_resources,
    } = subject;
    let wanted = Wanted::of(&policy, &account, resources, not_resources)?;
    let mut held = Held::default();
    if let Some(cause) = foreign(cloud, &region, &account).await {
        held.plan_unseen = Some(cause.clone());
        held.databases_unseen = Some(cause);
    } else {
        match plan(cloud, &wanted).await {
            Ok(plan) => held.plan = plan,
            Err(cause) => held.plan_unseen = Some(cause),
        }
        match cloud.describe_db_instances(&region, &account).await {
            Ok(instances) => {
                held.databases = instances
                    .into_iter()
                    .filter(|instance| is_of(settings, source.as_ref(), instance, &region, &account))
                    .map(|instance| instance.arn)
                    .collect();
            }
            Err(error) => held.databases_unseen = Some(error.to_string()),
        }
    }
    held.vaults = stream::iter(wanted.vaults.clone())
        .map(|wanted| vault(cloud, wanted))
        .buffered(AT_ONCE)
        .collect()
        .await;
    let findings = check(&wanted, &policy.schedule, &held);
    Some(PolicyCheck {
        name: source
            .as_ref()
            .map_or_else(|| "default".to_owned(), ToString::to_string),
        sources: match source {
            Some(source) => vec![source],
            None => known
                .iter()
                .filter(|source| !settings.policies.contains_key(*source))
                .cloned()
                .collect(),
        },
        holds: findings
            .iter()
            .all(|finding| finding.severity == Severity::Remark),
        policy,
        wanted,
        held,
        findings,
        checked_at: now,
    })
}

/// Why an account cannot be looked at: the credentials are another one's. Without this, what is found in one account
/// would be taken for another's.
async fn foreign(cloud: &Cloud, region: &Region, account: &AccountId) -> Option<String> {
    match cloud.caller_identity(region, Some(account)).await {
        Ok(caller) if caller.account == *account => None,
        Ok(caller) => Some(format!(
            "the credentials are of account {}, not of {account}",
            caller.account
        )),
        Err(error) => Some(error.to_string()),
    }
}

/// The plan of the wanted name. AWS Backup takes several plans of one name; which of them is meant is not guessed.
async fn plan(cloud: &Cloud, wanted: &Wanted) -> Result<Option<PlanHeld>, String> {
    let wanted = &wanted.plan;
    let (region, account) = (&wanted.region, &wanted.account);
    let text = |error: aws::Error| error.to_string();
    let mut plans = cloud.list_backup_plans(region, account).await.map_err(text)?;
    plans.retain(|plan| plan.name == wanted.name);
    let entry = match plans.as_slice() {
        [] => return Ok(None),
        [entry] => entry,
        several => {
            let count = several.len();
            return Err(format!(
                "there are {count} plans of the name {}; rename all but one, or name another with `plan`",
                wanted.name
            ));
        }
    };
    let Some(mut plan) = cloud
        .get_backup_plan(region, account, &entry.id)
        .await
        .map_err(text)?
    else {
        return Ok(None);
    };
    plan.selections = cloud
        .backup_selections(region, account, &entry.id)
        .await
        .map_err(text)?;
    Ok(Some(plan))
}

async fn vault(cloud: &Cloud, wanted: VaultWanted) -> HeldVault {
    let seen = match foreign(cloud, &wanted.region, &wanted.account).await {
        Some(cause) => Err(cause),
        None => cloud
            .describe_vault(&wanted.region, &wanted.account, &wanted.name)
            .await
            .map_err(|error| error.to_string()),
    };
    let (vault, unseen) = match seen {
        Ok(vault) => (vault, None),
        Err(cause) => (None, Some(cause)),
    };
    HeldVault {
        region: wanted.region,
        account: wanted.account,
        name: wanted.name,
        vault,
        unseen,
    }
}

/// Whether a policy is of a DB instance: the one that it names, or every one that no other names. Instances of clusters
/// are backed up as their cluster.
fn is_of(
    settings: &Settings,
    source: Option<&SourceId>,
    instance: &DbInstance,
    region: &Region,
    account: &AccountId,
) -> bool {
    if instance.cluster.is_some() {
        return false;
    }
    match (settings.source_id(&instance.identifier, region, account), source) {
        (Ok(id), Some(source)) => id == *source,
        (Ok(id), None) => !settings.policies.contains_key(&id),
        (Err(_), _) => false,
    }
}
