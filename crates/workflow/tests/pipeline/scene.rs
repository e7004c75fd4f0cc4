//! What most tests begin with: an embedded AWS whose clock stands still, and the product on it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use aws::{Cloud, CloudConfig, StaticCredentials};
use jiff::{SignedDuration, Timestamp};
use local_aws::database::{BuiltIn, Database};
use local_aws::rds::Instance;
use local_aws::s3::Content;
use local_aws::{Clock, LocalAws, Options};
use recovery::actor::{Actor, Role, Via};
use recovery::ids::{AccountId, Region};
use recovery::point::RecoveryPoint;
use recovery::policy::PolicyRules;
use workflow::{Bucket, CopySettings, Ctx, PointQuery, Queue, Settings, Vault, Workflow};

pub const HOME: &str = "us-east-1";
pub const WEST: &str = "us-west-2";
pub const IRELAND: &str = "eu-west-1";
pub const START: &str = "2026-11-19T08:00:00Z";

pub struct Scene {
    pub aws: LocalAws,
    pub account: AccountId,
}

impl Scene {
    /// An embedded AWS with the database `securecart`, backed up every hour.
    pub async fn new() -> Self {
        Self::importing_for(Duration::from_secs(1)).await
    }

    /// The same, where an import from S3 takes at least so long.
    pub async fn importing_for(import_duration: Duration) -> Self {
        let start: Timestamp = START.parse().unwrap();
        let aws = LocalAws::start(Options {
            clock: Clock::held_at(start),
            import_duration,
            ..Options::default()
        })
        .await
        .unwrap();
        let account: AccountId = aws.accounts()[0].id.parse().unwrap();
        let instance = Instance {
            id: "securecart".to_owned(),
            engine: "mysql".to_owned(),
            engine_version: "8.4.3".to_owned(),
            class: "db.r6g.large".to_owned(),
            database: Database::BuiltIn(BuiltIn::SecureCart),
        };
        aws.control()
            .add_instance(account.as_str(), HOME, instance)
            .await
            .unwrap();
        aws.control()
            .backup()
            .ensure_vault(account.as_str(), HOME, "hourly")
            .unwrap();
        aws.control().backup().back_up_every(
            account.as_str(),
            HOME,
            "securecart",
            "hourly",
            Some(Duration::from_hours(1)),
        );
        for region in [HOME, WEST, IRELAND] {
            aws.s3()
                .create_bucket(account.as_str(), region, &bucket(region))
                .await
                .unwrap();
        }
        Self { aws, account }
    }

    /// The product over the embedded AWS itself.
    pub async fn workflow(&self) -> Workflow {
        self.workflow_at(self.aws.endpoint()).await
    }

    /// The embedded AWS as the product sees it.
    pub async fn cloud(&self) -> Cloud {
        self.cloud_at(self.aws.endpoint()).await
    }

    async fn cloud_at(&self, endpoint: &str) -> Cloud {
        let credentials = self
            .aws
            .accounts()
            .iter()
            .map(|account| {
                let own = StaticCredentials {
                    access_key_id: account.access_key_id.clone(),
                    secret_access_key: account.secret_access_key.clone(),
                };
                (account.id.parse().unwrap(), own)
            })
            .collect();
        Cloud::connect(CloudConfig {
            endpoint_url: Some(endpoint.to_owned()),
            credentials,
            home_account: Some(self.account.clone()),
            ..CloudConfig::default()
        })
        .await
    }

    /// The product, reaching AWS at `endpoint`: another process, as far as it knows.
    pub async fn workflow_at(&self, endpoint: &str) -> Workflow {
        self.open(self.cloud_at(endpoint).await, self.settings()).await
    }

    /// The product with other settings.
    pub async fn workflow_with(&self, settings: Settings) -> Workflow {
        self.open(self.cloud().await, settings).await
    }

    async fn open(&self, cloud: Cloud, settings: Settings) -> Workflow {
        let clock = self.aws.clock().clone();
        Workflow::open(cloud, settings, Arc::new(move || clock.now()))
            .await
            .unwrap()
    }

    pub fn settings(&self) -> Settings {
        let regions: Vec<Region> = [HOME, WEST, IRELAND]
            .map(|region| region.parse().unwrap())
            .to_vec();
        let home = regions[0].clone();
        let buckets: BTreeMap<Region, Bucket> = regions
            .iter()
            .map(|region| {
                let bucket = Bucket {
                    name: bucket(region.as_str()),
                    account: self.account.clone(),
                };
                (region.clone(), bucket)
            })
            .collect();
        Settings {
            control_region: home.clone(),
            control_table: "data-restore".to_owned(),
            home_region: home.clone(),
            regions,
            accounts: vec![self.account.clone()],
            roles: Vec::new(),
            vaults: vec![Vault {
                region: home.clone(),
                account: self.account.clone(),
                name: "hourly".to_owned(),
            }],
            buckets,
            prefix: "exports".to_owned(),
            export_role_arn: "arn:aws:iam::{account}:role/data-restore-export".to_owned(),
            kms_key_id: "arn:aws:kms:{region}:{account}:key/1234abcd-12ab-34cd-56ef-1234567890ab".to_owned(),
            policy: PolicyRules::default(),
            policies: BTreeMap::new(),
            queues: vec![Queue {
                region: home,
                account: self.account.clone(),
                url_or_name: local_aws::events::QUEUE.to_owned(),
            }],
            reconcile_every: Duration::from_millis(200),
            runs_at_once: 4,
            prices: None,
            copies: CopySettings::default(),
        }
    }

    /// Lets time pass on the held clock and does what is then due.
    pub async fn pass(&self, time: SignedDuration) {
        self.aws.clock().advance(time);
        self.aws.control().run_due().await.unwrap();
    }

    /// The next hour's backup.
    pub async fn hour(&self) {
        self.pass(SignedDuration::from_hours(1)).await;
    }

    /// Until an export that was started is complete.
    pub async fn export(&self) {
        self.pass(SignedDuration::from_secs(21)).await;
    }

    /// Brings everything that lies in the home bucket into the others, as a replication would.
    pub async fn replicate(&self) {
        let (s3, account) = (self.aws.s3(), self.account.as_str());
        for region in [WEST, IRELAND] {
            let there: BTreeSet<String> = s3
                .list(account, region, &bucket(region), "")
                .await
                .unwrap()
                .into_iter()
                .map(|object| object.key)
                .collect();
            for object in s3.list(account, HOME, &bucket(HOME), "").await.unwrap() {
                if !there.contains(&object.key) {
                    let content = s3.get(account, HOME, &bucket(HOME), &object.key).await.unwrap();
                    let content = Content::Bytes(content);
                    s3.put_file(account, region, &bucket(region), &object.key, content)
                        .await
                        .unwrap();
                }
            }
        }
    }

    /// A recovery point all of whose copies are verified.
    pub async fn verified_point(&self, workflow: &Workflow) -> RecoveryPoint {
        self.hour().await;
        workflow.reconcile().await.unwrap();
        self.export().await;
        self.replicate().await;
        workflow.reconcile().await.unwrap();
        self.newest(workflow).await
    }

    /// Lets every bucket keep versions.
    pub async fn keep_versions(&self) {
        for region in [HOME, WEST, IRELAND] {
            self.aws
                .s3()
                .enable_versioning(self.account.as_str(), region, &bucket(region))
                .await
                .unwrap();
        }
    }

    /// The keys of a recovery point's Parquet objects, which are the same in every Region.
    pub async fn parquet(&self, point: &RecoveryPoint) -> Vec<String> {
        let prefix = format!("exports/{}/", point.id);
        let objects = self
            .aws
            .s3()
            .list(self.account.as_str(), HOME, &bucket(HOME), &prefix)
            .await
            .unwrap();
        objects
            .into_iter()
            .map(|object| object.key)
            .filter(|key| key.ends_with(".parquet"))
            .collect()
    }

    /// Removes an object in one Region.
    pub async fn remove(&self, region: &str, key: &str) {
        self.aws
            .s3()
            .delete(self.account.as_str(), region, &bucket(region), key)
            .await
            .unwrap();
    }

    /// Writes an object of one Region anew with one bit of it turned, its footer as it was.
    pub async fn alter(&self, region: &str, key: &str) {
        let (s3, account) = (self.aws.s3(), self.account.as_str());
        let mut content = s3
            .get(account, region, &bucket(region), key)
            .await
            .unwrap()
            .to_vec();
        content[8] ^= 1;
        s3.put_file(
            account,
            region,
            &bucket(region),
            key,
            Content::Bytes(content.into()),
        )
        .await
        .unwrap();
    }

    /// The newest recovery point.
    pub async fn newest(&self, workflow: &Workflow) -> RecoveryPoint {
        let page = workflow
            .recovery_points(&PointQuery {
                limit: Some(1),
                ..PointQuery::default()
            })
            .await
            .unwrap();
        page.items.into_iter().next().unwrap()
    }
}

pub fn bucket(region: &str) -> String {
    format!("copies-{region}")
}

pub fn region(name: &str) -> Region {
    name.parse().unwrap()
}

pub fn operator() -> Ctx {
    ctx("olga", Role::Operator)
}

pub fn viewer() -> Ctx {
    ctx("vera", Role::Viewer)
}

fn ctx(name: &str, role: Role) -> Ctx {
    Ctx {
        actor: Actor {
            name: name.to_owned(),
            role,
            via: Via::Token,
        },
        request_id: Some("q-1".to_owned()),
    }
}
