//! GetPublicAccessBlock.

use aws_sdk_s3::types::PublicAccessBlockConfiguration as Block;

use super::BucketRef;
use crate::{Cloud, Error};

impl Cloud {
    /// Which of the four settings of Block Public Access the bucket lacks; empty when it has them all.
    ///
    /// A bucket whose configuration was removed has none of them.
    pub async fn public_access_left_open(&self, bucket: &BucketRef) -> Result<Vec<&'static str>, Error> {
        let answer = self
            .clients(&bucket.region, bucket.account.as_ref())
            .s3
            .get_public_access_block()
            .bucket(&bucket.name)
            .send()
            .await
            .map_err(|error| Error::from_sdk("GetPublicAccessBlock", bucket.to_string(), &error));
        let set = match answer {
            Ok(answer) => answer.public_access_block_configuration,
            Err(error) if error.code.as_deref() == Some("NoSuchPublicAccessBlockConfiguration") => None,
            Err(error) => return Err(error),
        };
        let set = set.as_ref();
        Ok([
            ("BlockPublicAcls", set.and_then(Block::block_public_acls)),
            ("IgnorePublicAcls", set.and_then(Block::ignore_public_acls)),
            ("BlockPublicPolicy", set.and_then(Block::block_public_policy)),
            (
                "RestrictPublicBuckets",
                set.and_then(Block::restrict_public_buckets),
            ),
        ]
        .into_iter()
        .filter(|(_, on)| *on != Some(true))
        .map(|(name, _)| name)
        .collect())
    }
}
