//! S3: objects, ranges, listings, checksums, replication status.
//!
//! Every call names a [`BucketRef`], which says whose client of which Region is used. Whoever reads Parquet takes
//! [`Cloud::get_range`](crate::Cloud::get_range); whoever compares copies takes
//! [`Cloud::object_fact`](crate::Cloud::object_fact) and, where that has no full-object checksum,
//! [`Cloud::get_object_stream`](crate::Cloud::get_object_stream).

mod abort_multipart_upload;
mod bucket_encryption;
mod bucket_region;
mod bucket_replication;
mod bucket_versioning;
mod checksums;
mod complete_multipart_upload;
mod copy_object;
mod copy_source;
mod create_bucket;
mod create_multipart_upload;
mod delete_object;
mod get_object;
mod get_range;
mod head_object;
mod lifecycle_rules;
mod list_folders;
mod list_objects;
mod list_pages;
mod object_fact;
mod object_lock;
mod object_tagging;
mod public_access_block;
mod put_object;
mod restore_object;
mod upload_part_copy;

use std::fmt;

use recovery::ids::{AccountId, Region};
use serde::{Deserialize, Serialize};

pub use bucket_encryption::BucketEncryption;
pub use bucket_replication::ReplicationRule;
pub use complete_multipart_upload::CopiedPart;
pub use copy_source::{CopySource, Onto};
pub use get_object::ObjectStream;
pub use head_object::ObjectHead;
pub use lifecycle_rules::LifecycleRule;
pub use list_objects::ObjectEntry;
pub use object_lock::ObjectLock;
pub use restore_object::Thawing;

/// A bucket, the Region it lies in, and the account that asks for it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct BucketRef {
    /// The Region whose endpoint is called.
    pub region: Region,
    /// Whose credentials are used; the home account's, or those of the SDK's chain, when `None`.
    pub account: Option<AccountId>,
    /// The bucket's name.
    pub name: String,
}

impl BucketRef {
    /// A bucket that the home account asks for.
    pub fn new(region: Region, name: impl Into<String>) -> Self {
        Self {
            region,
            account: None,
            name: name.into(),
        }
    }

    /// The same bucket, asked for by `account`.
    #[must_use]
    pub fn of_account(mut self, account: Option<AccountId>) -> Self {
        self.account = account;
        self
    }

    /// `s3://bucket/key`.
    pub fn uri(&self, key: &str) -> String {
        format!("s3://{}/{key}", self.name)
    }
}

impl fmt::Display for BucketRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{} ({})", self.name, self.region)
    }
}
