//! What is wrong with an installation before it bites: credentials, permissions, buckets, replication, keys, queues,
//! vaults, the control table, the clock, quotas.
//!
//! Nothing is changed. Permissions are tried by the calls themselves: those that the server makes as well, as far as
//! they only read.

mod access;
mod buckets;
mod control_table;
mod databases;
mod export_role;
mod keys;
mod queues;
mod replication;
mod report;
mod vaults;

use std::collections::BTreeSet;

use aws::Cloud;
use futures::future::{join, join_all};
use recovery::ids::{AccountId, Region};

use report::Notes;
pub use report::{Checked, Finding, Report, Severity};

use crate::settings::Settings;

/// A key that something is encrypted with, and where.
type KeyUse = (Region, AccountId, String);

/// Examines everything that `settings` names, as whoever `cloud` makes calls as.
pub async fn examine(cloud: &Cloud, settings: &Settings) -> Report {
    let (access, caller) = access::examine(cloud, settings).await;
    let Some(caller) = caller else {
        // Everything else would fail for the same reason.
        return Report::new(None, vec![access]);
    };
    let (buckets, rest) = join(
        buckets::examine(cloud, settings),
        join_all([
            boxed(control_table::examine(cloud, settings)),
            boxed(databases::examine(cloud, settings)),
            boxed(export_role::examine(cloud, settings)),
            boxed(queues::examine(cloud, settings)),
            boxed(vaults::examine(cloud, settings)),
        ]),
    )
    .await;
    let (replication, replica_keys) = replication::examine(cloud, settings).await;
    let exports = settings.vaults.iter().map(|vault| {
        let key = settings.kms_key(&vault.account, &vault.region);
        (vault.region.clone(), vault.account.clone(), key)
    });
    let keys: BTreeSet<KeyUse> = exports.chain(buckets.keys).chain(replica_keys).collect();
    let keys = keys::examine(cloud, keys).await;
    let notes = [vec![access, buckets.notes, replication, keys], rest].concat();
    Report::new(Some(caller), notes)
}

fn boxed<'a>(future: impl Future<Output = Notes> + Send + 'a) -> futures::future::BoxFuture<'a, Notes> {
    Box::pin(future)
}
