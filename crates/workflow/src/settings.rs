//! What the product is told: where backups are, where copies must be, how old they may become.

use std::collections::BTreeMap;
use std::time::Duration;

use recovery::ids::{AccountId, Region, SourceId};
use recovery::policy::{Policy, PolicyRules, Surroundings};
use recovery::prices::Prices;
use serde::{Deserialize, Serialize};

use crate::copy_settings::CopySettings;
use crate::error::{Error, Result};

/// Everything the workflows need to know. Deserialisable; [`Settings::validate`] says what is wrong in words.
///
/// Durations are written as `1h`, `90m` or ISO 8601 (`PT1H`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The Region of the control table.
    pub control_region: Region,
    /// The control table; it is created when it is missing.
    #[serde(default = "default_control_table")]
    pub control_table: String,
    /// The Region that the sources run in by default.
    pub home_region: Region,
    /// Every Region that may hold a copy, home first; policies say which must.
    pub regions: Vec<Region>,
    /// Every account that is looked at, home first.
    pub accounts: Vec<AccountId>,
    /// Roles by which other accounts are reached; calls to an account without one use the SDK's own credentials.
    #[serde(default)]
    pub roles: Vec<Role>,
    /// The backup vaults whose recovery points are taken up.
    pub vaults: Vec<Vault>,
    /// The bucket of each Region. The one of a recovery point's Region takes its export; the others hold replicas.
    pub buckets: BTreeMap<Region, Bucket>,
    /// Key prefix of every export, without slashes at its ends; may be empty.
    #[serde(default)]
    pub prefix: String,
    /// The role that RDS assumes to write exports; `{account}` and `{region}` stand for the snapshot's.
    pub export_role_arn: String,
    /// The KMS key of exports: key id, ARN or alias; `{account}` and `{region}` stand for the snapshot's.
    pub kms_key_id: String,
    /// What is expected of every source: how often it is backed up, where copies must be, how old they may be.
    #[serde(default)]
    pub policy: PolicyRules,
    /// What is expected differently of some sources.
    #[serde(default)]
    pub policies: BTreeMap<SourceId, PolicyRules>,
    /// SQS queues that receive events of AWS Backup and RDS; events only make the reconciler look sooner.
    #[serde(default)]
    pub queues: Vec<Queue>,
    /// How often the reconciler looks by itself.
    #[serde(default = "default_reconcile_every", with = "duration_text")]
    pub reconcile_every: Duration,
    /// Restores that one server executes at a time.
    #[serde(default = "default_runs_at_once")]
    pub runs_at_once: usize,
    /// What DynamoDB costs here, in place of AWS's list prices.
    #[serde(default)]
    pub prices: Option<Prices>,
    /// What is done with copies once they are there.
    #[serde(default)]
    pub copies: CopySettings,
}

/// A role that is assumed for calls to an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// The account that it belongs to.
    pub account: AccountId,
    /// `arn:aws:iam::ACCOUNT:role/NAME`.
    pub arn: String,
    /// What its trust policy asks for in `sts:ExternalId`, if anything.
    #[serde(default)]
    pub external_id: Option<String>,
    /// The Regions that it is for; empty means all that no earlier role is for.
    #[serde(default)]
    pub regions: Vec<Region>,
}

/// A backup vault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vault {
    /// Its Region.
    pub region: Region,
    /// Its account.
    pub account: AccountId,
    /// Its name.
    pub name: String,
}

/// A bucket that holds copies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// The account that owns it.
    pub account: AccountId,
}

/// An SQS queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Queue {
    /// Its Region.
    pub region: Region,
    /// Its account.
    pub account: AccountId,
    /// Its URL, or its name in that account and Region.
    pub url_or_name: String,
}

impl Settings {
    /// Finds what cannot work: duplicates, Regions without a bucket, names against AWS's rules.
    pub fn validate(&self) -> Result<()> {
        let invalid = |message: String| Err(Error::Settings(message));
        if self.regions.is_empty() {
            return invalid("regions is empty: name at least the home Region".into());
        }
        if self.regions.first() != Some(&self.home_region) {
            return invalid(format!(
                "regions must begin with home_region {}, it begins with {}",
                self.home_region, self.regions[0]
            ));
        }
        for (index, region) in self.regions.iter().enumerate() {
            if self.regions[..index].contains(region) {
                return invalid(format!("regions names {region} twice"));
            }
            if !self.buckets.contains_key(region) {
                return invalid(format!("buckets has no entry for Region {region}"));
            }
        }
        if self.accounts.is_empty() {
            return invalid("accounts is empty: name at least the home account".into());
        }
        if let Some((region, _)) = self
            .buckets
            .iter()
            .find(|(region, _)| !self.regions.contains(region))
        {
            return invalid(format!("buckets names Region {region}, which regions does not"));
        }
        for (region, bucket) in &self.buckets {
            if !(3..=63).contains(&bucket.name.len()) || bucket.name.contains(['/', ':', ' ']) {
                return invalid(format!("{:?} is no bucket name (Region {region})", bucket.name));
            }
            self.known_account("the bucket", &bucket.name, &bucket.account)?;
        }
        for role in &self.roles {
            self.known_account("role", &role.arn, &role.account)?;
            for region in &role.regions {
                self.known_region("role", &role.arn, region)?;
            }
            let begins = format!(":iam::{}:role/", role.account);
            if !role.arn.starts_with("arn:") || !role.arn.contains(&begins) {
                return invalid(format!(
                    "role {:?} is no ARN of a role of account {}",
                    role.arn, role.account
                ));
            }
            if let Some(id) = &role.external_id
                && !(2..=1224).contains(&id.len())
            {
                return invalid(format!(
                    "the external_id of role {} is not 2 to 1224 characters",
                    role.arn
                ));
            }
        }
        for vault in &self.vaults {
            self.known_region("vault", &vault.name, &vault.region)?;
            self.known_account("vault", &vault.name, &vault.account)?;
        }
        for queue in &self.queues {
            self.known_account("queue", &queue.url_or_name, &queue.account)?;
        }
        if self.prefix.starts_with('/')
            || self.prefix.ends_with('/')
            || self.prefix.contains([':', ' ', '\\', '`', '"'])
        {
            return invalid(format!(
                "prefix {:?} begins or ends with a slash, or holds a character that RDS exports refuse or replace",
                self.prefix
            ));
        }
        if self.prefix.len() > 200 {
            return invalid("prefix is longer than 200 characters".into());
        }
        if self.control_table.parse::<recovery::ids::TargetName>().is_err() {
            return invalid(format!(
                "control_table {:?} is no DynamoDB table name",
                self.control_table
            ));
        }
        if !self.export_role_arn.starts_with("arn:") {
            return invalid(format!("export_role_arn {:?} is no ARN", self.export_role_arn));
        }
        if self.kms_key_id.is_empty() {
            return invalid("kms_key_id is empty: RDS exports need a symmetric KMS key".into());
        }
        self.validate_policies()?;
        if self.reconcile_every < Duration::from_millis(50) {
            return invalid("reconcile_every must be at least 50 ms".into());
        }
        if !(1..=64).contains(&self.runs_at_once) {
            return invalid("runs_at_once must be 1 to 64".into());
        }
        self.copies.validate()
    }

    fn validate_policies(&self) -> Result<()> {
        let general = self.surroundings(None, &self.home_region, self.home_account());
        if let Some(fault) = self
            .policy
            .fault(&PolicyRules::default(), general, &self.accounts)
        {
            return Err(Error::Settings(format!("policy: {fault}")));
        }
        for (source, rules) in &self.policies {
            let (region, account) = self.place_of(source);
            let around = self.surroundings(Some(source), &region, &account);
            if let Some(fault) = rules.fault(&self.policy, around, &self.accounts) {
                return Err(Error::Settings(format!("policies.{source}: {fault}")));
            }
        }
        let named = std::iter::once(None).chain(self.policies.keys().map(Some));
        let mut plans: BTreeMap<(String, Region, AccountId), String> = BTreeMap::new();
        for source in named {
            let name = source.map_or_else(|| "policy".to_owned(), |source| format!("policies.{source}"));
            let (region, account) = source.map_or_else(
                || (self.home_region.clone(), self.home_account().clone()),
                |source| self.place_of(source),
            );
            let policy = match source {
                Some(source) => self.policy_of(source, &region, &account),
                None => self.general_policy(&region, &account),
            };
            let vault = policy
                .regions
                .first()
                .map(|home| home.vault.clone())
                .unwrap_or_default();
            let is_watched = |watched: &Vault| {
                watched.region == region && watched.account == account && watched.name == vault
            };
            if !self.vaults.is_empty() && !self.vaults.iter().any(is_watched) {
                return Err(Error::Settings(format!(
                    "{name}: vaults does not name vault {vault} ({region}, {account}), so its recovery points would not be seen"
                )));
            }
            if let Some(other) = plans.insert((policy.plan.clone(), region, account), name.clone()) {
                return Err(Error::Settings(format!(
                    "{name} and {other} have one backup plan, {}: name another one with `plan`",
                    policy.plan
                )));
            }
        }
        Ok(())
    }

    /// What is expected of a source that runs in `region` and `account`.
    pub fn policy_of(&self, source: &SourceId, region: &Region, account: &AccountId) -> Policy {
        let own = self.policies.get(source);
        let around = self.surroundings(own.map(|_| source), region, account);
        own.unwrap_or(&PolicyRules::default())
            .resolve(&self.policy, around)
    }

    /// What is expected of a source in `region` and `account` that has no rules of its own.
    pub fn general_policy(&self, region: &Region, account: &AccountId) -> Policy {
        let around = self.surroundings(None, region, account);
        PolicyRules::default().resolve(&self.policy, around)
    }

    fn surroundings<'a>(
        &'a self,
        source: Option<&'a SourceId>,
        home: &'a Region,
        account: &'a AccountId,
    ) -> Surroundings<'a> {
        let watched = self
            .vaults
            .iter()
            .find(|vault| vault.region == *home && vault.account == *account);
        Surroundings {
            source,
            home,
            account,
            regions: &self.regions,
            vault: watched.map(|vault| vault.name.as_str()),
        }
    }

    /// Where a source runs, as its id says; see [`Settings::source_id`].
    pub fn place_of(&self, source: &SourceId) -> (Region, AccountId) {
        let mut parts = source.as_str().splitn(3, '.').skip(1);
        let region = parts.next().and_then(|region| region.parse().ok());
        let account = parts.next().and_then(|account| account.parse().ok());
        match (region, account) {
            (Some(region), Some(account)) => (region, account),
            _ => (self.home_region.clone(), self.home_account().clone()),
        }
    }

    /// The account that is meant when none is named.
    pub fn home_account(&self) -> &AccountId {
        &self.accounts[0]
    }

    /// Fails where `region` is not configured.
    pub fn require_region(&self, region: &Region) -> Result<()> {
        if self.regions.contains(region) {
            return Ok(());
        }
        Err(Error::RegionNotConfigured {
            region: region.clone(),
            configured: self
                .regions
                .iter()
                .map(Region::as_str)
                .collect::<Vec<_>>()
                .join(", "),
        })
    }

    /// The export role of a snapshot's account and Region.
    pub fn export_role(&self, account: &AccountId, region: &Region) -> String {
        placed(&self.export_role_arn, account, region)
    }

    /// The KMS key of a snapshot's account and Region.
    pub fn kms_key(&self, account: &AccountId, region: &Region) -> String {
        placed(&self.kms_key_id, account, region)
    }

    /// Where the export task of that identifier writes to, in whatever bucket.
    pub(crate) fn export_prefix(&self, identifier: &str) -> String {
        match self.prefix.as_str() {
            "" => identifier.to_owned(),
            prefix => format!("{prefix}/{identifier}"),
        }
    }

    /// The source that a DB instance is: its bare name at home, else with Region and account, so that two
    /// instances of one name are never merged.
    pub fn source_id(&self, instance: &str, region: &Region, account: &AccountId) -> Result<SourceId> {
        let text = if region == &self.home_region && account == self.home_account() {
            instance.to_owned()
        } else {
            format!("{instance}.{region}.{account}")
        };
        text.parse()
            .map_err(|error| Error::Invalid(format!("DB instance {instance:?}: {error}")))
    }

    fn known_region(&self, kind: &str, name: &str, region: &Region) -> Result<()> {
        if self.regions.contains(region) {
            Ok(())
        } else {
            Err(Error::Settings(format!(
                "{kind} {name} lies in Region {region}, which regions does not name"
            )))
        }
    }

    fn known_account(&self, kind: &str, name: &str, account: &AccountId) -> Result<()> {
        if self.accounts.contains(account) {
            Ok(())
        } else {
            Err(Error::Settings(format!(
                "{kind} {name} belongs to account {account}, which accounts does not name"
            )))
        }
    }
}

fn placed(template: &str, account: &AccountId, region: &Region) -> String {
    template
        .replace("{account}", account.as_str())
        .replace("{region}", region.as_str())
}

fn default_control_table() -> String {
    "data-restore".to_owned()
}

fn default_reconcile_every() -> Duration {
    Duration::from_mins(1)
}

fn default_runs_at_once() -> usize {
    4
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> serde_json::Value {
        serde_json::json!({
            "control_region": "us-east-1",
            "home_region": "us-east-1",
            "regions": ["us-east-1", "us-west-2"],
            "accounts": ["111122223333"],
            "vaults": [
                {"region": "us-east-1", "account": "111122223333", "name": "hourly"},
                {"region": "us-west-2", "account": "111122223333", "name": "west"}
            ],
            "buckets": {
                "us-east-1": {"name": "copies-east", "account": "111122223333"},
                "us-west-2": {"name": "copies-west", "account": "111122223333"}
            },
            "export_role_arn": "arn:aws:iam::{account}:role/export",
            "kms_key_id": "arn:aws:kms:{region}:{account}:alias/copies",
            "policy": {"interval": "1h"},
            "policies": {"shop.us-west-2.111122223333": {"rpo_target": "30m", "vault": "west"}},
            "reconcile_every": "90s"
        })
    }

    fn read(change: impl FnOnce(&mut serde_json::Value)) -> Result<Settings, String> {
        let mut value = settings();
        change(&mut value);
        let settings: Settings = serde_json::from_value(value).map_err(|error| error.to_string())?;
        settings.validate().map_err(|error| error.to_string())?;
        Ok(settings)
    }

    #[test]
    fn settings_are_read_as_people_write_them() {
        let settings = read(|_| {}).unwrap();
        assert_eq!(settings.reconcile_every, Duration::from_secs(90));
        let (account, west) = (settings.home_account(), &settings.regions[1]);
        assert_eq!(
            settings.kms_key(account, west),
            "arn:aws:kms:us-west-2:111122223333:alias/copies"
        );
        assert_eq!(
            settings
                .source_id("shop", &settings.home_region, account)
                .unwrap()
                .as_str(),
            "shop"
        );
        assert_eq!(
            settings.source_id("shop", west, account).unwrap().as_str(),
            "shop.us-west-2.111122223333"
        );
        let general = settings.general_policy(&settings.home_region, account);
        assert_eq!(general.rpo_target(&settings.home_region).as_secs(), 7_200);
        let shop = settings.source_id("shop", west, account).unwrap();
        assert_eq!(settings.place_of(&shop), (west.clone(), account.clone()));
        let own = settings.policy_of(&shop, west, account);
        assert_eq!(own.rpo_target(west).as_secs(), 1_800);
        assert_eq!(own.plan, "data-restore-shop-us-west-2-111122223333");
        let text = serde_json::to_string(&settings).unwrap();
        assert_eq!(serde_json::from_str::<Settings>(&text).unwrap(), settings);
    }

    #[test]
    fn what_cannot_work_is_said_in_words() {
        let check = |change: fn(&mut serde_json::Value), expected: &str| {
            let error = read(change).unwrap_err();
            assert!(error.contains(expected), "{error}");
        };
        check(
            |s| s["regions"] = serde_json::json!([]),
            "name at least the home Region",
        );
        check(|s| s["regions"][1] = "us-east-1".into(), "names us-east-1 twice");
        check(
            |s| s["regions"][0] = "eu-west-1".into(),
            "must begin with home_region",
        );
        check(
            |s| s["regions"][1] = "eu-west-1".into(),
            "no entry for Region eu-west-1",
        );
        check(
            |s| s["vaults"][0]["region"] = "eu-west-1".into(),
            "vault hourly lies in Region eu-west-1",
        );
        check(
            |s| s["buckets"]["us-west-2"]["account"] = "444455556666".into(),
            "account 444455556666",
        );
        check(
            |s| {
                s["roles"] = serde_json::json!([{"account": "111122223333", "arn": "arn:aws:iam::444455556666:role/x"}]);
            },
            "no ARN of a role of account 111122223333",
        );
        check(
            |s| {
                s["roles"] = serde_json::json!([{"account": "111122223333", "arn": "arn:aws:iam::111122223333:role/x",
                    "external_id": "x"}]);
            },
            "2 to 1224 characters",
        );
        check(|s| s["prefix"] = "a:b".into(), "prefix");
        check(|s| s["kms_key_id"] = "".into(), "symmetric KMS key");
        check(
            |s| s["policy"]["interval"] = "0s".into(),
            "policy: interval must be at least a second",
        );
        check(
            |s| s["policy"]["vault"] = "daily".into(),
            "policy: vaults does not name vault daily",
        );
        check(
            |s| s["policies"]["shop.us-west-2.111122223333"]["retention_days"] = 0.into(),
            "policies.shop.us-west-2.111122223333: retention_days",
        );
        check(
            |s| {
                s["policies"] = serde_json::json!({"a": {"plan": "x"}, "b": {"plan": "x"}});
            },
            "policies.b and policies.a have one backup plan, x",
        );
        check(|s| s["policy"]["every"] = "1h".into(), "unknown field");
        check(|s| s["home_region"] = "US East".into(), "is not a Region");
        check(|s| s["retries"] = 3.into(), "unknown field");
        check(
            |s| s["copies"] = serde_json::json!({"repair_whole_bytes_max": 1}),
            "copies.repair_whole_bytes_max",
        );
        check(
            |s| s["copies"] = serde_json::json!({"recheck_after": "1m"}),
            "at least an hour",
        );
    }
}

/// `Duration` as `60s`, for people who write configuration by hand.
mod duration_text {
    use std::time::Duration;

    use jiff::SignedDuration;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        SignedDuration::try_from(*duration)
            .map_err(serde::ser::Error::custom)?
            .serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        let duration = SignedDuration::deserialize(deserializer)?;
        Duration::try_from(duration).map_err(|_| serde::de::Error::custom("a duration must not be negative"))
    }
}
