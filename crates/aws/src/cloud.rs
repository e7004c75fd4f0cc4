//! The clients of every Region and account, made once and shared.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use recovery::dependency::Dependency;
use recovery::ids::{AccountId, Region};

use crate::contact::{Contacts, Witness};
use crate::dynamodb::ExpressLane;
use crate::sts::{AssumedRole, RoleCredentials};

/// How long an answer may take where nothing else is said.
const READ_TIMEOUT: Duration = Duration::from_secs(30);

/// Where calls go and who makes them. Without fields, the SDK's ordinary chain decides (environment, profile,
/// role), as in every AWS tool.
#[derive(Clone, Default)]
pub struct CloudConfig {
    /// One endpoint for every service, for example the embedded AWS; else `AWS_ENDPOINT_URL…` or AWS itself.
    pub endpoint_url: Option<String>,
    /// Credentials by account; an account without them uses the SDK's chain.
    pub credentials: HashMap<AccountId, StaticCredentials>,
    /// Roles that are assumed for calls to an account without credentials; the first that fits the account and the
    /// Region is taken. They are assumed with the home account's credentials, or the SDK's.
    pub roles: Vec<AssumedRole>,
    /// The account meant when none is named.
    pub home_account: Option<AccountId>,
    /// Sends every BatchWriteItem the SDK's whole way, which costs twice the CPU of the express lane.
    pub without_express_lane: bool,
    /// How long an answer may take to begin, and to go on; 30 seconds where nothing is said.
    pub read_timeout: Option<Duration>,
}

/// A key and its secret. `Debug` does not show the secret.
#[derive(Clone)]
pub struct StaticCredentials {
    /// The access key id.
    pub access_key_id: String,
    /// The secret.
    pub secret_access_key: String,
}

impl StaticCredentials {
    fn provider(&self) -> SharedCredentialsProvider {
        let (id, secret) = (self.access_key_id.clone(), self.secret_access_key.clone());
        let credentials = Credentials::new(id, secret, None, None, "data-restore configuration");
        SharedCredentialsProvider::new(credentials)
    }
}

impl std::fmt::Debug for StaticCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StaticCredentials")
            .field("access_key_id", &self.access_key_id)
            .finish_non_exhaustive()
    }
}

/// The door: hands out clients per Region and account. Cheap to clone.
#[derive(Clone)]
pub struct Cloud {
    pub(crate) config: CloudConfig,
    base: SdkConfig,
    cache: Arc<Mutex<ClientCache>>,
    contacts: Contacts,
}

/// Clients by Region and account; no account means the one of the SDK's chain.
type ClientCache = HashMap<(Region, Option<AccountId>), Arc<Clients>>;

/// The SDK clients of one Region and account.
#[derive(Debug)]
pub(crate) struct Clients {
    pub(crate) s3: aws_sdk_s3::Client,
    pub(crate) dynamodb: aws_sdk_dynamodb::Client,
    /// Makes each call once, for whoever backs off by themselves.
    pub(crate) dynamodb_once: aws_sdk_dynamodb::Client,
    /// A shorter way for its BatchWriteItem.
    pub(crate) express_lane: Arc<ExpressLane>,
    pub(crate) backup: aws_sdk_backup::Client,
    pub(crate) iam: aws_sdk_iam::Client,
    pub(crate) kms: aws_sdk_kms::Client,
    pub(crate) rds: aws_sdk_rds::Client,
    pub(crate) sqs: aws_sdk_sqs::Client,
    pub(crate) sts: aws_sdk_sts::Client,
}

impl std::fmt::Debug for Cloud {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cloud")
            .field("endpoint_url", &self.config.endpoint_url)
            .finish_non_exhaustive()
    }
}

impl Cloud {
    /// Reads the SDK's settings once. Makes no call.
    pub async fn connect(config: CloudConfig) -> Self {
        let http = aws_smithy_http_client::Builder::new()
            .tls_provider(tls::Provider::Rustls(CryptoMode::Ring))
            .build_https();
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(5))
            .read_timeout(config.read_timeout.unwrap_or(READ_TIMEOUT))
            .build();
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(http)
            .retry_config(RetryConfig::standard().with_max_attempts(4))
            .timeout_config(timeouts)
            .region(aws_config::Region::from_static("us-east-1"));
        if let Ok(name) = AppName::new("data-restore") {
            loader = loader.app_name(name);
        }
        if let Some(endpoint) = &config.endpoint_url {
            loader = loader.endpoint_url(endpoint);
        }
        Self {
            base: loader.load().await,
            config,
            cache: Arc::default(),
            contacts: Contacts::default(),
        }
    }

    /// When each service that was called last answered this process, in each Region and account.
    pub fn contacts(&self) -> Vec<Dependency> {
        self.contacts.seen()
    }

    /// The account meant when none is named, if one is configured.
    pub fn home_account(&self) -> Option<&AccountId> {
        self.config.home_account.as_ref()
    }

    /// The clients of `region`, as `account` or as the account of the SDK's chain.
    pub(crate) fn clients(&self, region: &Region, account: Option<&AccountId>) -> Arc<Clients> {
        let account = account.or(self.config.home_account.as_ref()).cloned();
        let key = (region.clone(), account);
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(cache.entry(key).or_insert_with_key(|(region, account)| {
            let config = self
                .base
                .to_builder()
                .region(aws_config::Region::new(region.to_string()))
                .build();
            let config = match account {
                Some(account) => self.as_account(config, region, account),
                None => config,
            };
            let witness = Witnesses {
                contacts: &self.contacts,
                region,
                account: account.as_ref(),
            };
            Arc::new(Clients::new(&config, self.is_emulated(), &witness))
        }))
    }

    /// The configuration with the credentials that are set for an account: its own, or a role's.
    fn as_account(&self, config: SdkConfig, region: &Region, account: &AccountId) -> SdkConfig {
        let with = |config: SdkConfig, provider| config.into_builder().credentials_provider(provider).build();
        if let Some(own) = self.config.credentials.get(account) {
            return with(config, own.provider());
        }
        let Some(role) = self.config.roles.iter().find(|role| role.fits(account, region)) else {
            return config;
        };
        let home = self.config.home_account.as_ref();
        let base = match home.and_then(|home| self.config.credentials.get(home)) {
            Some(own) => with(config.clone(), own.provider()),
            None => config.clone(),
        };
        let witness = self.contacts.witness("STS", region, home);
        let assumed = RoleCredentials::new(role.clone(), base, witness);
        with(config, SharedCredentialsProvider::new(assumed))
    }

    /// Whether calls go to AWS itself, be it through endpoints of a VPC.
    pub fn is_aws(&self) -> bool {
        let set = std::env::vars().filter(|(name, _)| name.starts_with("AWS_ENDPOINT_URL"));
        let endpoints = self.base.endpoint_url().map(str::to_owned).into_iter();
        endpoints
            .chain(set.map(|(_, endpoint)| endpoint))
            .all(|endpoint| is_of_aws(&endpoint))
    }

    /// Whether calls go somewhere else than AWS: bucket names then stay in the path, for no wildcard DNS exists.
    fn is_emulated(&self) -> bool {
        self.base.endpoint_url().is_some()
            || ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"]
                .iter()
                .any(|name| std::env::var_os(name).is_some())
    }
}

/// Whether an endpoint's host is one of AWS's own.
fn is_of_aws(endpoint: &str) -> bool {
    let (_, host) = endpoint.split_once("://").unwrap_or(("", endpoint));
    let host = host.split(['/', ':', '?']).next().unwrap_or_default();
    [".amazonaws.com", ".amazonaws.com.cn", ".api.aws"]
        .iter()
        .any(|domain| host.ends_with(domain))
}

/// Hands out what notes the contact with the services of one Region and account.
struct Witnesses<'a> {
    contacts: &'a Contacts,
    region: &'a Region,
    account: Option<&'a AccountId>,
}

impl Witnesses<'_> {
    fn of(&self, service: &'static str) -> Witness {
        self.contacts.witness(service, self.region, self.account)
    }
}

/// The SDK's crates and their versions.
pub fn sdk_versions() -> [(&'static str, &'static str); 8] {
    [
        ("aws-sdk-backup", aws_sdk_backup::meta::PKG_VERSION),
        ("aws-sdk-dynamodb", aws_sdk_dynamodb::meta::PKG_VERSION),
        ("aws-sdk-iam", aws_sdk_iam::meta::PKG_VERSION),
        ("aws-sdk-kms", aws_sdk_kms::meta::PKG_VERSION),
        ("aws-sdk-rds", aws_sdk_rds::meta::PKG_VERSION),
        ("aws-sdk-s3", aws_sdk_s3::meta::PKG_VERSION),
        ("aws-sdk-sqs", aws_sdk_sqs::meta::PKG_VERSION),
        ("aws-sdk-sts", aws_sdk_sts::meta::PKG_VERSION),
    ]
}

impl Clients {
    fn new(config: &SdkConfig, path_style: bool, witnesses: &Witnesses<'_>) -> Self {
        let witness = |service| witnesses.of(service);
        let s3 = aws_sdk_s3::config::Builder::from(config)
            .force_path_style(path_style)
            .interceptor(witness("S3"))
            .build();
        let once = aws_sdk_dynamodb::config::Builder::from(config)
            .retry_config(RetryConfig::disabled())
            .interceptor(witness("DynamoDB"))
            .build();
        Self {
            s3: aws_sdk_s3::Client::from_conf(s3),
            dynamodb: aws_sdk_dynamodb::Client::from_conf(
                aws_sdk_dynamodb::config::Builder::from(config)
                    .interceptor(witness("DynamoDB"))
                    .build(),
            ),
            dynamodb_once: aws_sdk_dynamodb::Client::from_conf(once),
            express_lane: Arc::default(),
            backup: aws_sdk_backup::Client::from_conf(
                aws_sdk_backup::config::Builder::from(config)
                    .interceptor(witness("Backup"))
                    .build(),
            ),
            iam: aws_sdk_iam::Client::from_conf(
                aws_sdk_iam::config::Builder::from(config)
                    .interceptor(witness("IAM"))
                    .build(),
            ),
            kms: aws_sdk_kms::Client::from_conf(
                aws_sdk_kms::config::Builder::from(config)
                    .interceptor(witness("KMS"))
                    .build(),
            ),
            rds: aws_sdk_rds::Client::from_conf(
                aws_sdk_rds::config::Builder::from(config)
                    .interceptor(witness("RDS"))
                    .build(),
            ),
            sqs: aws_sdk_sqs::Client::from_conf(
                aws_sdk_sqs::config::Builder::from(config)
                    .interceptor(witness("SQS"))
                    .build(),
            ),
            sts: aws_sdk_sts::Client::from_conf(
                aws_sdk_sts::config::Builder::from(config)
                    .interceptor(witness("STS"))
                    .build(),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_of_a_vpc_are_aws_and_emulators_are_not() {
        for (endpoint, expected) in [
            ("https://vpce-1.s3.eu-west-1.vpce.amazonaws.com", true),
            ("https://s3.cn-north-1.amazonaws.com.cn:443/", true),
            ("https://dynamodb.eu-west-1.api.aws", true),
            ("http://127.0.0.1:4566", false),
            ("http://localhost", false),
            ("https://evil.example/?x=.amazonaws.com", false),
        ] {
            assert_eq!(is_of_aws(endpoint), expected, "{endpoint}");
        }
    }
}
