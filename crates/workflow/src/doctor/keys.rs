//! The KMS keys of exports, buckets and replicas.

use std::collections::BTreeSet;

use aws::Cloud;
use futures::future::join_all;

use super::KeyUse;
use super::report::Notes;

pub(super) async fn examine(cloud: &Cloud, keys: BTreeSet<KeyUse>) -> Notes {
    Notes::joined(join_all(keys.iter().map(|key| one(cloud, key))).await)
}

async fn one(cloud: &Cloud, (region, account, key): &KeyUse) -> Notes {
    let mut notes = Notes::default();
    let check = notes.check("key", format_args!("{key} ({region})"));
    let found = match cloud.describe_key(region, Some(account), key).await {
        Ok(found) => found,
        Err(error) => {
            check.call_failed(
                &error,
                "kms:DescribeKey",
                "Make it by the stack infra/cloudformation/copies.yaml in that Region, or correct kms_key_id in data-restore.toml.",
            );
            return notes;
        }
    };
    match found.state.as_str() {
        "Enabled" => {}
        "PendingDeletion" | "PendingReplicaDeletion" => {
            check.error(
                "It is going to be deleted, and then nobody will ever read what it encrypts",
                "Cancel the deletion now (kms:CancelKeyDeletion) and enable it again.",
            );
            return notes;
        }
        state => {
            check.error(
                format!("It is {state}: nothing under it can be written or read"),
                "Enable it (kms:EnableKey).",
            );
            return notes;
        }
    }
    if !found.encrypts {
        check.error(
            "It is no symmetric key for encryption, and S3 and RDS take no other",
            "Name another key.",
        );
    } else if found.is_aws_managed {
        check.warning(
            "AWS owns it: its policy cannot be changed, so no export can be granted it and no other account can use it",
            "Name a key of your own.",
        );
    }
    notes
}
