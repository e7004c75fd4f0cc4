//! Where a case runs: whose AWS it is, and what of it is the case's own.

use std::fmt;
use std::sync::Arc;

use aws::dynamodb::TableRef;
use aws::s3::BucketRef;
use aws::{Cloud, CloudConfig, StaticCredentials};
use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::Credentials;
use local_aws::{LocalAws, Options};
use recovery::ids::{AccountId, Region};

/// Whose AWS is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// Our own, started by the test.
    Embedded,
    Moto,
    MiniStack,
    LocalStack,
}

impl Peer {
    fn of(name: &str) -> Self {
        match name {
            "moto" => Self::Moto,
            "ministack" => Self::MiniStack,
            "localstack" => Self::LocalStack,
            other => panic!("AWS_CONTRACT_PEER is {other:?}; it is one of moto, ministack, localstack"),
        }
    }

    /// The account that its credentials belong to.
    fn account(self) -> &'static str {
        match self {
            Self::Embedded => "111122223333",
            Self::Moto => "123456789012",
            Self::MiniStack | Self::LocalStack => "000000000000",
        }
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Embedded => "the embedded AWS",
            Self::Moto => "moto",
            Self::MiniStack => "MiniStack",
            Self::LocalStack => "LocalStack",
        })
    }
}

/// An AWS that answers, and its keys.
struct Subject {
    peer: Peer,
    endpoint: String,
    key: StaticCredentials,
    embedded: Option<LocalAws>,
}

/// Where one case runs.
#[derive(Clone)]
pub struct Place {
    pub cloud: Cloud,
    pub account: AccountId,
    pub home: Region,
    pub away: Region,
    subject: Arc<Subject>,
    /// What its names begin with.
    own: String,
}

impl Place {
    /// On the peer that the environment names, else on an embedded AWS of its own.
    pub async fn of_environment(service: &str) -> Self {
        let subject = match std::env::var("AWS_CONTRACT_PEER") {
            Ok(name) => Subject {
                peer: Peer::of(&name),
                endpoint: std::env::var("AWS_CONTRACT_ENDPOINT")
                    .expect("AWS_CONTRACT_ENDPOINT says where it answers"),
                // They take any.
                key: StaticCredentials {
                    access_key_id: "conformance".to_owned(),
                    secret_access_key: "conformance".to_owned(),
                },
                embedded: None,
            },
            Err(_) => Subject::embedded().await,
        };
        let account: AccountId = subject.peer.account().parse().unwrap();
        let cloud = Cloud::connect(CloudConfig {
            endpoint_url: Some(subject.endpoint.clone()),
            credentials: [(account.clone(), subject.key.clone())].into(),
            home_account: Some(account.clone()),
            ..CloudConfig::default()
        })
        .await;
        Self {
            cloud,
            account,
            home: "us-east-1".parse().unwrap(),
            away: "us-west-2".parse().unwrap(),
            subject: Arc::new(subject),
            own: format!("contract-{service}"),
        }
    }

    /// The same place with names of the case's own.
    pub fn of_case(self, number: usize) -> Self {
        Self {
            own: format!("{}-{number}", self.own),
            ..self
        }
    }

    pub fn peer(&self) -> Peer {
        self.subject.peer
    }

    /// The embedded AWS itself, for what AWS does besides answering: databases that come from somewhere.
    pub fn embedded(&self) -> Option<&LocalAws> {
        self.subject.embedded.as_ref()
    }

    /// A name that no other case has.
    pub fn name(&self, what: &str) -> String {
        format!("{}-{what}", self.own)
    }

    /// A bucket that isn't there yet.
    pub fn no_bucket(&self, region: &Region, what: &str) -> BucketRef {
        BucketRef::new(region.clone(), self.name(what))
    }

    /// A bucket.
    pub async fn bucket(&self, region: &Region, what: &str) -> BucketRef {
        let bucket = self.no_bucket(region, what);
        self.cloud.create_bucket(&bucket).await.unwrap();
        bucket
    }

    /// A table that isn't there yet.
    pub fn no_table(&self, what: &str) -> TableRef {
        TableRef::new(self.away.clone(), self.name(what).parse().unwrap())
    }

    /// A door like the product's that writes batches the SDK's whole way.
    pub async fn without_express_lane(&self) -> Cloud {
        Cloud::connect(CloudConfig {
            endpoint_url: Some(self.subject.endpoint.clone()),
            credentials: [(self.account.clone(), self.subject.key.clone())].into(),
            home_account: Some(self.account.clone()),
            without_express_lane: true,
            ..CloudConfig::default()
        })
        .await
    }

    /// Where the peer answers, and with what key.
    pub fn endpoint(&self) -> (&str, &StaticCredentials) {
        (&self.subject.endpoint, &self.subject.key)
    }

    /// The SDK itself, for what others set up: the product makes no queue, key, role or database.
    pub async fn sdk(&self, region: &Region) -> SdkConfig {
        let key = &self.subject.key;
        let credentials =
            Credentials::new(&key.access_key_id, &key.secret_access_key, None, None, "contract");
        aws_config::defaults(BehaviorVersion::latest())
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .region(aws_config::Region::new(region.to_string()))
            .endpoint_url(&self.subject.endpoint)
            .credentials_provider(credentials)
            .load()
            .await
    }

    /// The SDK's S3, for what others set up.
    pub async fn s3(&self, region: &Region) -> aws_sdk_s3::Client {
        let config = aws_sdk_s3::config::Builder::from(&self.sdk(region).await);
        aws_sdk_s3::Client::from_conf(config.force_path_style(true).build())
    }
}

impl Subject {
    async fn embedded() -> Self {
        let aws = LocalAws::start(Options::default()).await.unwrap();
        let account = &aws.accounts()[0];
        Self {
            peer: Peer::Embedded,
            endpoint: aws.endpoint().to_owned(),
            key: StaticCredentials {
                access_key_id: account.access_key_id.clone(),
                secret_access_key: account.secret_access_key.clone(),
            },
            embedded: Some(aws),
        }
    }
}
