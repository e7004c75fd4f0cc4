//! Looking at what policies need: plans, selections, vaults, databases.

use aws::Cloud;
use futures::{StreamExt, stream};
use jiff::Timestamp;
use recovery::ids::{AccountId, Region, SourceId};
use recovery::policy::{
    Finding, Held, HeldVault, PlanHeld, Policy, PolicyCheck, Severity, VaultWanted, Wanted, check,
};

use crate::databases::{Database, databases};
use crate::error::Result;
use crate::settings::Settings;

/// Policies that are looked at, and vaults of one policy, at once.
const AT_ONCE: usize = 4;

/// The general policy's name at home; elsewhere the Region and the account stand behind it.
const HOME: &str = "default";

/// Every DB instance and cluster: what the general policy selects where it says nothing. AWS Backup takes no DB instance
/// of Aurora, whose cluster it takes.
const EVERY_DATABASE: [&str; 2] = ["arn:aws:rds:*:*:db:*", "arn:aws:rds:*:*:cluster:*"];

/// A policy with where it holds.
struct Subject {
    /// `None`: the general one.
    source: Option<SourceId>,
    region: Region,
    account: AccountId,
    policy: Policy,
    /// Whether it is told although there is nothing that it would be of.
    is_certain: bool,
}

/// Holds every policy of the settings, or the one that `of` says, against what accounts hold. What cannot be looked at
/// is a finding. `known` are the sources of the catalogue, where there is one.
///
/// The general policy is held against each account and Region by itself, for AWS Backup's plans are: against home, and
/// against those others that have a database without rules of its own, or may have one.
pub async fn check_policies(
    cloud: &Cloud,
    settings: &Settings,
    known: &[SourceId],
    of: Option<&SourceId>,
    now: Timestamp,
) -> Result<Vec<PolicyCheck>> {
    let mut subjects = subjects(settings);
    if let Some(source) = of {
        let name = policy_name(settings, source);
        subjects.retain(|subject| subject.name(settings) == name);
        for subject in &mut subjects {
            subject.is_certain = true;
        }
    }
    let checks = stream::iter(subjects)
        .map(|subject| look(cloud, settings, known, subject, now))
        .buffered(AT_ONCE)
        .collect::<Vec<_>>()
        .await;
    Ok(checks.into_iter().flatten().collect())
}

/// The general policy at home first, then the general one elsewhere, then those of sources by name.
fn subjects(settings: &Settings) -> Vec<Subject> {
    let general = places(settings).map(|(region, account)| Subject {
        source: None,
        policy: settings.general_policy(region, account),
        is_certain: is_home(settings, region, account),
        region: region.clone(),
        account: account.clone(),
    });
    let own = settings.policies.keys().map(|source| {
        let (region, account) = settings.place_of(source);
        Subject {
            policy: settings.policy_of(source, &region, &account),
            source: Some(source.clone()),
            is_certain: true,
            region,
            account,
        }
    });
    general.chain(own).collect()
}

impl Subject {
    fn name(&self, settings: &Settings) -> String {
        match &self.source {
            Some(source) => source.to_string(),
            None => general_name(settings, &self.region, &self.account),
        }
    }
}

/// Every Region of every account, home first.
fn places(settings: &Settings) -> impl Iterator<Item = (&Region, &AccountId)> {
    settings
        .accounts
        .iter()
        .flat_map(|account| settings.regions.iter().map(move |region| (region, account)))
}

fn is_home(settings: &Settings, region: &Region, account: &AccountId) -> bool {
    *region == settings.home_region && account == settings.home_account()
}

/// The name of the policy that a source has: its own id where it has rules, else that of the general policy where it
/// is. A source of a place that the settings do not name, of which copies are left, has the one at home.
pub(crate) fn policy_name(settings: &Settings, source: &SourceId) -> String {
    if settings.policies.contains_key(source) {
        return source.to_string();
    }
    let (region, account) = settings.place_of(source);
    if places(settings).any(|place| place == (&region, &account)) {
        general_name(settings, &region, &account)
    } else {
        HOME.to_owned()
    }
}

fn general_name(settings: &Settings, region: &Region, account: &AccountId) -> String {
    if is_home(settings, region, account) {
        HOME.to_owned()
    } else {
        format!("{HOME}.{region}.{account}")
    }
}

async fn look(
    cloud: &Cloud,
    settings: &Settings,
    known: &[SourceId],
    subject: Subject,
    now: Timestamp,
) -> Option<PolicyCheck> {
    let name = subject.name(settings);
    let Subject {
        source,
        region,
        account,
        policy,
        is_certain,
    } = subject;
    let sources: Vec<SourceId> = match &source {
        Some(source) => vec![source.clone()],
        None => known
            .iter()
            .filter(|source| policy_name(settings, source) == name)
            .cloned()
            .collect(),
    };
    let foreign = foreign(cloud, &region, &account).await;
    let databases = match &foreign {
        Some(cause) => Err(cause.clone()),
        None => databases(cloud, &region, &account)
            .await
            .map_err(|error| error.to_string()),
    };
    let mut held = Held::default();
    match &databases {
        Ok(databases) => {
            held.databases = databases
                .iter()
                .filter(|database| is_of(settings, source.as_ref(), database, &region, &account))
                .map(|database| database.arn.clone())
                .collect();
            if held.databases.is_empty() && sources.is_empty() && !is_certain {
                return None;
            }
        }
        Err(cause) => held.databases_unseen = Some(cause.clone()),
    }
    let databases = databases.unwrap_or_default();
    let (resources, not_resources) = match &source {
        Some(source) => {
            let named = settings
                .policies
                .get(source)
                .and_then(|rules| rules.resources.clone());
            let own = || vec![arn_of(settings, source, &databases)];
            (named.unwrap_or_else(own), Vec::new())
        }
        None => (
            settings.policy.resources.clone().unwrap_or_else(|| {
                EVERY_DATABASE
                    .map(|every| every.replacen("aws", region.partition(), 1))
                    .to_vec()
            }),
            settings
                .policies
                .keys()
                .filter(|source| settings.place_of(source) == (region.clone(), account.clone()))
                .map(|source| arn_of(settings, source, &databases))
                .collect(),
        ),
    };
    let wanted = Wanted::of(&policy, &account, resources, not_resources)?;
    match foreign {
        Some(cause) => held.plan_unseen = Some(cause),
        None => match plan(cloud, &wanted).await {
            Ok(plan) => held.plan = plan,
            Err(cause) => held.plan_unseen = Some(cause),
        },
    }
    held.vaults = stream::iter(wanted.vaults.clone())
        .map(|wanted| vault(cloud, wanted))
        .buffered(AT_ONCE)
        .collect()
        .await;
    let mut findings = check(&wanted, &policy.schedule, &held);
    if let Some(finding) = unwatched(settings, &wanted, &held) {
        findings.insert(0, finding);
    }
    Some(PolicyCheck {
        name,
        sources,
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

/// That the plan backs up databases into a vault that nobody looks into. Settings that say so of home, or of a source's
/// own rules, are refused; elsewhere only a database makes it matter.
fn unwatched(settings: &Settings, wanted: &Wanted, held: &Held) -> Option<Finding> {
    let vault = wanted.vaults.first()?;
    let is_watched = settings.vaults.iter().any(|watched| {
        watched.region == vault.region && watched.account == vault.account && watched.name == vault.name
    });
    if is_watched || settings.vaults.is_empty() || held.databases.is_empty() {
        return None;
    }
    Some(Finding {
        code: "vault_unwatched".to_owned(),
        severity: Severity::Contradiction,
        region: vault.region.clone(),
        account: vault.account.clone(),
        message: format!(
            "The settings' vaults do not name vault {}, so recovery points of {} would not be seen.",
            vault.name,
            held.databases.join(", ")
        ),
        hint: "Name it in workflow.vaults, or give these sources rules with a vault that is named there."
            .to_owned(),
    })
}

/// The ARN of a source: of the database that there is of its name, else that of a DB instance.
fn arn_of(settings: &Settings, source: &SourceId, databases: &[Database]) -> String {
    let (region, account) = settings.place_of(source);
    let is_it = |database: &&Database| {
        settings
            .source_id(&database.name, &region, &account)
            .is_ok_and(|id| id == *source)
    };
    databases.iter().find(is_it).map_or_else(
        || {
            let name = source.as_str().split('.').next().unwrap_or_default();
            format!("arn:{}:rds:{region}:{account}:db:{name}", region.partition())
        },
        |database| database.arn.clone(),
    )
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

/// Whether a policy is of a database: the one that it names, or every one that no other names.
fn is_of(
    settings: &Settings,
    source: Option<&SourceId>,
    database: &Database,
    region: &Region,
    account: &AccountId,
) -> bool {
    match (settings.source_id(&database.name, region, account), source) {
        (Ok(id), Some(source)) => id == *source,
        (Ok(id), None) => !settings.policies.contains_key(&id),
        (Err(_), _) => false,
    }
}
