//! S3: buckets in Regions, versioned objects on disk, replication between Regions.

mod blobs;
mod buckets;
mod checksum;
mod database;
mod failure;
mod host;
mod listing;
mod multipart;
mod objects;
mod policy;
mod protocol;
mod put;
mod read;
mod replicate_to;
mod replication;
mod store;
mod versions;

use std::sync::Arc;

use s3s::service::{S3Service, S3ServiceBuilder};

use crate::Account;
use crate::front::Calls;

pub use failure::S3Failure;
pub use objects::{Content, ObjectHead};
pub(crate) use protocol::SignedRegion;
pub use store::S3Store;

/// S3's wire protocol over `store`.
pub(crate) fn service(store: &S3Store, accounts: &[Account], calls: Option<Arc<Calls>>) -> S3Service {
    let mut builder = S3ServiceBuilder::new(protocol::Protocol::new(store.clone()));
    builder.set_auth(protocol::Keys::new(accounts));
    builder.set_access(protocol::Access::new(store.clone(), accounts, calls));
    builder.set_host(host::LocalHost);
    builder.build()
}
