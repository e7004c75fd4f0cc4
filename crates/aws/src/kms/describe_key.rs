//! DescribeKey.

use aws_sdk_kms::types::KeyState;
use recovery::ids::{AccountId, Region};

use crate::{Cloud, Error, ErrorKind};

/// A KMS key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyDescription {
    /// Its ARN.
    pub arn: String,
    /// For example `Enabled`, `Disabled`, `PendingDeletion`.
    pub state: String,
    /// Whether S3 and RDS can encrypt with it: symmetric, and made for encryption.
    pub encrypts: bool,
    /// Whether AWS owns it (`aws/s3`, `aws/rds`): such a key cannot be shared with an export or another account.
    pub is_aws_managed: bool,
}

impl Cloud {
    /// The key of an id, an ARN or an alias.
    pub async fn describe_key(
        &self,
        region: &Region,
        account: Option<&AccountId>,
        key: &str,
    ) -> Result<KeyDescription, Error> {
        const OPERATION: &str = "DescribeKey";
        let answer = self
            .clients(region, account)
            .kms
            .describe_key()
            .key_id(key)
            .send()
            .await
            .map_err(|error| Error::from_sdk(OPERATION, format!("{key} ({region})"), &error))?;
        let found = answer
            .key_metadata
            .ok_or_else(|| Error::new(OPERATION, key, ErrorKind::Other, "the answer has no key"))?;
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        Ok(KeyDescription {
            arn: text(found.arn()),
            state: text(found.key_state().map(KeyState::as_str)),
            encrypts: found
                .key_spec()
                .is_none_or(|spec| spec.as_str() == "SYMMETRIC_DEFAULT")
                && found
                    .key_usage()
                    .is_none_or(|usage| usage.as_str() == "ENCRYPT_DECRYPT"),
            is_aws_managed: found.key_manager().is_some_and(|keeper| keeper.as_str() == "AWS"),
        })
    }
}
