//! Whether exports are replicated to every other Region.

use std::collections::BTreeSet;

use aws::Cloud;
use aws::s3::ReplicationRule;
use recovery::ids::Region;

use super::KeyUse;
use super::buckets::reference;
use super::report::Notes;
use crate::settings::Settings;

/// The notes, and the keys that replicas are encrypted with.
pub(super) async fn examine(cloud: &Cloud, settings: &Settings) -> (Notes, Vec<KeyUse>) {
    let (mut notes, mut keys) = (Notes::default(), Vec::new());
    // Exports are written where recovery points are.
    let origins: BTreeSet<&Region> = settings.vaults.iter().map(|vault| &vault.region).collect();
    for origin in origins {
        let Some(bucket) = settings.buckets.get(origin) else {
            continue;
        };
        let from = reference(origin, bucket);
        let rules = match cloud.bucket_replication(&from).await {
            Ok(rules) => rules,
            Err(error) => {
                notes
                    .check("replication_rule", &from)
                    .unseen(&error, "s3:GetReplicationConfiguration");
                continue;
            }
        };
        for (region, replica) in settings.buckets.iter().filter(|(region, _)| *region != origin) {
            let subject = format!("{from} → s3://{} ({region})", replica.name);
            let prefix = match settings.prefix.as_str() {
                "" => String::new(),
                prefix => format!("{prefix}/"),
            };
            let ours: Vec<&ReplicationRule> =
                rules.iter().filter(|rule| rule.bucket == replica.name).collect();
            let Some(rule) = ours
                .iter()
                .find(|rule| rule.enabled && !rule.by_tag && prefix.starts_with(&rule.prefix))
            else {
                notes.check("replication_rule", &subject).error(
                    lacking(&ours, &prefix),
                    format!(
                        "Name {region} as a ReplicaRegion of the stack copies.yaml in {origin}, or add an enabled rule for the \
                         prefix {prefix:?} by hand. Exports of before need S3 Batch Replication."
                    ),
                );
                continue;
            };
            notes.check("replication_rule", &subject);
            let check = notes.check("replication_of_kms_objects", &subject);
            match (&rule.replica_key, rule.with_kms_objects) {
                (Some(key), true) => keys.push((region.clone(), replica.account.clone(), key.clone())),
                (None, true) => check.error(
                    format!("Rule {:?} names no key for replicas (ReplicaKmsKeyID)", rule.id),
                    format!("Name a KMS key of {region} in the rule."),
                ),
                (_, false) => check.error(
                    format!(
                        "Rule {:?} leaves out objects under a KMS key, as all exports are, and S3 does not tell",
                        rule.id
                    ),
                    "Enable SseKmsEncryptedObjects in the rule and name a key for replicas.",
                ),
            }
            if rule.deletes {
                notes.check("replication_of_deletions", &subject).warning(
                    format!(
                        "Rule {:?} replicates deletions: what is deleted here disappears there",
                        rule.id
                    ),
                    "Disable DeleteMarkerReplication in the rule.",
                );
            }
        }
    }
    (notes, keys)
}

fn lacking(rules: &[&ReplicationRule], prefix: &str) -> String {
    let Some(rule) = rules.first() else {
        return "No rule replicates to that bucket, so no copy will ever arrive there".to_owned();
    };
    let id = &rule.id;
    if !rule.enabled {
        format!("Rule {id:?} is switched off")
    } else if rule.by_tag {
        format!("Rule {id:?} replicates tagged objects alone, and exports have no tags")
    } else {
        format!(
            "Rule {id:?} replicates the prefix {:?}, and exports are below {prefix:?}",
            rule.prefix
        )
    }
}
