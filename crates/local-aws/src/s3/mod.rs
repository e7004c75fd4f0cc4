//! S3: buckets in Regions, versioned objects on disk, replication between Regions.

mod archive;
mod blobs;
mod buckets;
mod checksum;
mod database;
mod failure;
mod host;
mod lifecycle;
mod listing;
mod lock;
mod multipart;
mod objects;
mod policy;
mod protocol;
mod put;
mod read;
mod replica_grants;
mod replicate_to;
mod replication;
mod store;
mod tags;
mod versions;

use std::sync::Arc;

use s3s::service::{S3Service, S3ServiceBuilder};

use crate::front::Calls;
use crate::keyring::Keyring;

pub use failure::S3Failure;
pub use lifecycle::TagRules;
pub use objects::{Content, ObjectHead};
pub(crate) use protocol::{ChosenStatus, SignedRegion};
pub use store::S3Store;

/// S3's wire protocol over `store`.
pub(crate) fn service(store: &S3Store, keyring: &Arc<Keyring>, calls: Option<Arc<Calls>>) -> S3Service {
    let mut builder = S3ServiceBuilder::new(protocol::Protocol::new(store.clone()));
    builder.set_auth(protocol::Keys(Arc::clone(keyring)));
    builder.set_access(protocol::Access {
        store: store.clone(),
        keyring: Arc::clone(keyring),
        calls,
    });
    builder.set_host(host::LocalHost);
    builder.build()
}
