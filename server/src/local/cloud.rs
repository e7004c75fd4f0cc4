//! The embedded AWS of a data folder: its port and keys stay the same over restarts.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use aws::{CloudConfig, StaticCredentials};
use jiff::{SignedDuration, Timestamp};
use local_aws::s3::TagRules;
use local_aws::{Account, Clock, LocalAws, Options};
use recovery::ids::{AccountId, Region};
use recovery::lifecycle::{Action, TAG};
use recovery::policy::PolicyRules;
use serde::Deserialize;
use workflow::{Bucket, CopySettings, Queue, Settings, Vault};

use crate::failure::{Failure, Result};
use crate::folders;

/// The vault that backups are kept in.
pub const VAULT: &str = "hourly";
/// What the embedded AWS names the queue of its events.
const QUEUE: &str = "data-restore-events";
/// Key prefix of every export.
const PREFIX: &str = "exports";
/// How long an export takes on the embedded clock: long enough to be seen under way.
pub const EXPORT_DURATION: Duration = Duration::from_secs(20);
/// How long a replica takes to arrive.
pub const REPLICATION_DELAY: Duration = Duration::from_secs(3);

/// A running embedded AWS.
pub struct EmbeddedCloud {
    aws: LocalAws,
    home: AccountId,
    regions: Vec<Region>,
}

/// What `local-aws.json` says, for the next start.
#[derive(Deserialize)]
struct Published {
    endpoint: String,
    accounts: Vec<Account>,
}

impl EmbeddedCloud {
    /// Starts the embedded AWS of a data folder; its clock stands at `held_at` if there is one.
    pub async fn start(data_dir: &Path, held_at: Option<Timestamp>) -> Result<Self> {
        let earlier = earlier(data_dir)?;
        let port = earlier
            .as_ref()
            .and_then(|earlier| earlier.endpoint.rsplit_once(':'))
            .and_then(|(_, port)| port.parse().ok());
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port.unwrap_or(0)));
        Self::start_at(
            data_dir,
            address,
            held_at,
            earlier.map(|earlier| earlier.accounts),
            None,
        )
        .await
    }

    /// Starts it at an address of the caller's choice, with a running clock; where `calls` is, every call is recorded.
    pub async fn start_alone(data_dir: &Path, address: SocketAddr, calls: Option<PathBuf>) -> Result<Self> {
        let accounts = earlier(data_dir)?.map(|earlier| earlier.accounts);
        Self::start_at(data_dir, address, None, accounts, calls).await
    }

    async fn start_at(
        data_dir: &Path,
        address: SocketAddr,
        held_at: Option<Timestamp>,
        accounts: Option<Vec<Account>>,
        calls: Option<PathBuf>,
    ) -> Result<Self> {
        let folder = folder(data_dir);
        folders::create_private(&folder)?;
        let options = Options {
            data_dir: Some(folder.clone()),
            listen: address,
            accounts: accounts.unwrap_or_default(),
            clock: held_at.map_or_else(Clock::running, Clock::held_at),
            replication_delay: REPLICATION_DELAY,
            export_duration: EXPORT_DURATION,
            calls,
            ..Options::default()
        };
        let aws = LocalAws::start(options).await.map_err(|error| {
            Failure::new(
                "local_aws",
                format!(
                    "Starting the embedded AWS in {} failed: {error}",
                    folder.display()
                ),
            )
            .hint("Is another server running on this data folder? If not, name another one with --data-dir.")
        })?;
        let invalid = |error: recovery::ids::InvalidId| Failure::new("local_aws", error.to_string());
        let home = aws
            .accounts()
            .first()
            .map(|account| account.id.clone())
            .unwrap_or_default();
        let regions: Result<Vec<Region>, _> = aws.regions().iter().map(|region| region.parse()).collect();
        let cloud = Self {
            home: home.parse().map_err(invalid)?,
            regions: regions.map_err(invalid)?,
            aws,
        };
        publish(data_dir)?;
        Ok(cloud)
    }

    /// What `AWS_ENDPOINT_URL` is set to.
    pub fn endpoint(&self) -> &str {
        self.aws.endpoint()
    }

    /// The account that sources and buckets belong to.
    pub fn home(&self) -> &AccountId {
        &self.home
    }

    /// The Regions, home first.
    pub fn regions(&self) -> &[Region] {
        &self.regions
    }

    /// The time of everything in it.
    pub fn clock(&self) -> &Clock {
        self.aws.clock()
    }

    /// The embedded AWS in process.
    pub fn aws(&self) -> &LocalAws {
        &self.aws
    }

    /// How the product reaches it: over HTTP, as it would reach AWS.
    pub fn client(&self) -> Result<CloudConfig> {
        let credentials = self
            .aws
            .accounts()
            .iter()
            .map(|account| {
                let id = account.id.parse().map_err(|error: recovery::ids::InvalidId| {
                    Failure::new("local_aws", error.to_string())
                })?;
                let own = StaticCredentials {
                    access_key_id: account.access_key_id.clone(),
                    secret_access_key: account.secret_access_key.clone(),
                };
                Ok((id, own))
            })
            .collect::<Result<_>>()?;
        Ok(CloudConfig {
            endpoint_url: Some(self.endpoint().to_owned()),
            credentials,
            home_account: Some(self.home.clone()),
            ..CloudConfig::default()
        })
    }

    /// Makes the vault, and in each Region the bucket, with replication from home to the others. What is there stays.
    pub async fn prepare(&self, settings: &Settings) -> Result<()> {
        let failed = |what: &str, error: &dyn std::fmt::Display| {
            Failure::new(
                "local_aws",
                format!("Making {what} in the embedded AWS failed: {error}"),
            )
        };
        let home = self.home.as_str();
        let s3 = self.aws.s3();
        for (region, bucket) in &settings.buckets {
            s3.create_bucket(home, region.as_str(), &bucket.name)
                .await
                .map_err(|error| failed(&format!("bucket {}", bucket.name), &error))?;
            s3.enable_versioning(home, region.as_str(), &bucket.name)
                .await
                .map_err(|error| failed(&format!("bucket {}", bucket.name), &error))?;
            let rules = TagRules {
                tag: TAG.to_owned(),
                transition: (Action::Transition.tag_value(region), "GLACIER".to_owned()),
                expiration: Action::Expiration.tag_value(region),
            };
            s3.put_tag_rules(home, region.as_str(), &bucket.name, &rules)
                .await
                .map_err(|error| failed(&format!("bucket {}", bucket.name), &error))?;
        }
        let origin = &settings.buckets[&settings.home_region].name;
        let replicas: Vec<String> = settings
            .buckets
            .iter()
            .filter(|(region, _)| **region != settings.home_region)
            .map(|(_, bucket)| bucket.name.clone())
            .collect();
        s3.replicate_to(home, settings.home_region.as_str(), origin, &replicas)
            .await
            .map_err(|error| failed("replication rules", &error))?;
        self.aws
            .control()
            .backup()
            .ensure_vault(home, settings.home_region.as_str(), VAULT)
            .map_err(|error| failed("the backup vault", &error))
    }

    /// Stops it; everything is on disk.
    pub async fn shutdown(self) {
        self.aws.shutdown().await;
    }
}

/// How the product is set up on the embedded AWS. `interval` is how often a recovery point is expected.
pub fn settings(embedded: &EmbeddedCloud, interval: Option<Duration>) -> Result<Settings> {
    const RECONCILE_EVERY: Duration = Duration::from_secs(5);
    const HOUR: SignedDuration = SignedDuration::from_hours(1);
    let home = embedded.home().clone();
    let home_region = embedded.regions()[0].clone();
    let buckets: BTreeMap<Region, Bucket> = embedded
        .regions()
        .iter()
        .map(|region| {
            let bucket = Bucket {
                name: format!("data-restore-{home}-{region}"),
                account: home.clone(),
            };
            (region.clone(), bucket)
        })
        .collect();
    let interval = interval.map_or(HOUR, |every| SignedDuration::try_from(every).unwrap_or(HOUR));
    let settings = Settings {
        control_region: home_region.clone(),
        control_table: "data-restore".to_owned(),
        regions: embedded.regions().to_vec(),
        accounts: vec![home.clone()],
        roles: Vec::new(),
        vaults: vec![Vault {
            region: home_region.clone(),
            account: home.clone(),
            name: VAULT.to_owned(),
        }],
        buckets,
        prefix: PREFIX.to_owned(),
        export_role_arn: "arn:aws:iam::{account}:role/data-restore-export".to_owned(),
        kms_key_id: "alias/data-restore".to_owned(),
        policy: PolicyRules {
            interval: Some(interval),
            ..PolicyRules::default()
        },
        policies: BTreeMap::new(),
        queues: vec![Queue {
            region: home_region.clone(),
            account: home,
            url_or_name: QUEUE.to_owned(),
        }],
        reconcile_every: RECONCILE_EVERY,
        runs_at_once: 4,
        prices: None,
        copies: CopySettings::default(),
        home_region,
    };
    settings.validate()?;
    Ok(settings)
}

/// Where the embedded AWS keeps everything.
pub fn folder(data_dir: &Path) -> PathBuf {
    data_dir.join("aws")
}

/// How scripts reached the embedded AWS of this data folder before.
fn earlier(data_dir: &Path) -> Result<Option<Published>> {
    let path = data_dir.join("local-aws.json");
    match std::fs::read(&path) {
        Ok(json) => serde_json::from_slice(&json).map(Some).map_err(|error| {
            Failure::new("file", format!("Reading {} failed: {error}", path.display()))
                .hint("Remove the file to get a new port and new keys.")
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::file("Reading", &path, &error)),
    }
}

/// Tells scripts, in the data folder itself, what the embedded AWS tells in its own.
fn publish(data_dir: &Path) -> Result<()> {
    let own = folder(data_dir).join("local-aws.json");
    let json = std::fs::read(&own).map_err(|error| Failure::file("Reading", &own, &error))?;
    folders::write_private(&data_dir.join("local-aws.json"), &json)
}
