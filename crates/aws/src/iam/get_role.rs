//! GetRole.

use percent_encoding::percent_decode_str;
use recovery::ids::{AccountId, Region};

use crate::{Cloud, Error, ErrorKind};

/// A role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Its ARN, with its path.
    pub arn: String,
    /// Who may take it: a JSON document.
    pub trust: String,
}

impl Cloud {
    /// The role of a name, without its path. Roles belong to an account and no Region; `region` says which client asks.
    pub async fn role(&self, region: &Region, account: &AccountId, name: &str) -> Result<Role, Error> {
        const OPERATION: &str = "GetRole";
        let answer = self
            .clients(region, Some(account))
            .iam
            .get_role()
            .role_name(name)
            .send()
            .await
            .map_err(|error| Error::from_sdk(OPERATION, name, &error))?;
        let role = answer
            .role
            .ok_or_else(|| Error::new(OPERATION, name, ErrorKind::Other, "the answer has no role"))?;
        Ok(Role {
            // IAM writes the document as a URL would hold it.
            trust: percent_decode_str(role.assume_role_policy_document().unwrap_or_default())
                .decode_utf8_lossy()
                .into_owned(),
            arn: role.arn,
        })
    }
}
