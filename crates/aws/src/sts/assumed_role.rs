//! AssumeRole: another account's role, with the credentials at hand.

use aws_config::SdkConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_credential_types::provider::{ProvideCredentials, future};
use recovery::ids::{AccountId, Region};
use tokio::sync::OnceCell;

use crate::contact::Witness;

/// What the sessions are called in the other account's trail.
const SESSION_NAME: &str = "data-restore";

/// A role by which calls to an account are made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssumedRole {
    /// The account that the role belongs to.
    pub account: AccountId,
    /// The Regions that it is for; empty means all.
    pub regions: Vec<Region>,
    /// Its ARN.
    pub arn: String,
    /// What its trust policy asks for, so that nobody else's product assumes it by our name.
    pub external_id: Option<String>,
}

impl AssumedRole {
    pub(crate) fn fits(&self, account: &AccountId, region: &Region) -> bool {
        self.account == *account && (self.regions.is_empty() || self.regions.contains(region))
    }
}

/// A role's credentials, asked of the STS of the Region that they are for: the loss of another Region does not touch them.
/// The SDK keeps them until shortly before they expire.
#[derive(Debug)]
pub(crate) struct RoleCredentials {
    role: AssumedRole,
    config: SdkConfig,
    provider: OnceCell<AssumeRoleProvider>,
    witness: Witness,
}

impl RoleCredentials {
    pub(crate) fn new(role: AssumedRole, config: SdkConfig, witness: Witness) -> Self {
        Self {
            role,
            config,
            provider: OnceCell::new(),
            witness,
        }
    }

    async fn provider(&self) -> &AssumeRoleProvider {
        let build = || async {
            let mut builder = AssumeRoleProvider::builder(&self.role.arn)
                .session_name(SESSION_NAME)
                .configure(&self.config);
            if let Some(external_id) = &self.role.external_id {
                builder = builder.external_id(external_id);
            }
            builder.build().await
        };
        self.provider.get_or_init(build).await
    }
}

impl ProvideCredentials for RoleCredentials {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            let answer = self.provider().await.provide_credentials().await;
            self.witness.note("AssumeRole", &answer);
            answer
        })
    }
}
