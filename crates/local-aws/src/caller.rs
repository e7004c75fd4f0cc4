//! Who is calling which service in which Region: read from the credential scope, proven by the signature.

use serde::{Deserialize, Serialize};

pub use crate::keyring::Principal;

/// An AWS account of the embedded cloud and its one access key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Twelve digits.
    pub id: String,
    /// The access key id that signs requests for this account.
    pub access_key_id: String,
    /// Its secret.
    pub secret_access_key: String,
    /// The role that the key belongs to; the account's root user without one. An account may be listed again for each
    /// role, with a key of its own. Roles grant and refuse nothing here: they tell callers apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
}

impl Account {
    /// Who signs with the key, as STS tells it.
    pub(crate) fn arn(&self) -> String {
        match &self.role {
            Some(role) => format!("arn:aws:sts::{}:assumed-role/{role}/local", self.id),
            None => format!("arn:aws:iam::{}:root", self.id),
        }
    }
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Secrets never reach a log.
        f.debug_struct("Account")
            .field("id", &self.id)
            .field("access_key_id", &self.access_key_id)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// An authenticated request's origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The account whose key signed the request.
    pub account_id: String,
    /// Whom the key speaks for.
    pub principal: Principal,
    /// The Region of the credential scope, for example `us-east-1`.
    pub region: String,
    /// The service of the credential scope, for example `backup`.
    pub service: String,
    /// `x-amzn-requestid` of the answer.
    pub request_id: String,
}
