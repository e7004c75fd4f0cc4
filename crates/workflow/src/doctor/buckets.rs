//! The bucket of each Region.

use aws::s3::{BucketEncryption, BucketRef, ObjectLock};
use aws::{Cloud, ErrorKind};
use futures::future::join_all;
use recovery::ids::Region;
use recovery::lifecycle::{Action, TAG};
use recovery::policy::Lifecycle;

use super::KeyUse;
use super::report::Notes;
use crate::replication::tag::has_rule;
use crate::settings::{Bucket, Settings};

const STACK: &str = "Make it by the stack infra/cloudformation/copies.yaml in that Region";

/// What was found of all buckets.
pub(super) struct Buckets {
    pub(super) notes: Notes,
    /// The keys that they encrypt with by default.
    pub(super) keys: Vec<KeyUse>,
}

/// What was found of one.
#[derive(Default)]
struct Found {
    notes: Notes,
    key: Option<KeyUse>,
    /// How it locks, in words; `None` where it could not be looked at.
    lock: Option<String>,
}

/// The bucket as calls name it.
pub(super) fn reference(region: &Region, bucket: &Bucket) -> BucketRef {
    BucketRef::new(region.clone(), &bucket.name).of_account(Some(bucket.account.clone()))
}

pub(super) async fn examine(cloud: &Cloud, settings: &Settings) -> Buckets {
    let all = settings.buckets.iter();
    let found = join_all(all.clone().map(|(region, bucket)| {
        let wanted = wanted_of(settings, region);
        async move { one(cloud, region, bucket, &settings.prefix, &wanted).await }
    }))
    .await;
    let locks: Vec<(&Region, &str)> = all
        .zip(&found)
        .filter_map(|((region, _), found)| Some((region, found.lock.as_deref()?)))
        .collect();
    let differ = locks
        .iter()
        .any(|(_, lock)| Some(lock) != locks.first().map(|(_, first)| first));
    let locks: Vec<String> = locks
        .iter()
        .map(|(region, lock)| format!("{region} {lock}"))
        .collect();
    let (mut parts, mut keys) = (Vec::new(), Vec::new());
    for bucket in found {
        parts.push(bucket.notes);
        keys.extend(bucket.key);
    }
    let mut notes = Notes::joined(parts);
    let check = notes.check("object_lock", "object lock of all buckets");
    if differ {
        check.warning(
            format!(
                "The buckets lock their objects differently ({}), so a copy that is locked in one Region can be deleted in another",
                locks.join(", ")
            ),
            "Choose the same ObjectLockMode and ObjectLockDays for the stack of every Region.",
        );
    }
    Buckets { notes, keys }
}

/// What policies want S3 to do with copies in a Region.
fn wanted_of(settings: &Settings, region: &Region) -> Vec<Action> {
    let own = settings.policies.keys().map(|source| {
        let (home, account) = settings.place_of(source);
        settings.policy_of(source, &home, &account)
    });
    let lifecycles: Vec<Lifecycle> = own
        .chain([settings.general_policy(&settings.home_region, settings.home_account())])
        .filter_map(|policy| Some(policy.region(region)?.lifecycle.clone()))
        .collect();
    let moves = lifecycles
        .iter()
        .any(|wanted| wanted.glacier_after_days.is_some());
    let ends = lifecycles.iter().any(|wanted| wanted.delete_after_days.is_some());
    [(moves, Action::Transition), (ends, Action::Expiration)]
        .into_iter()
        .filter_map(|(is_wanted, action)| is_wanted.then_some(action))
        .collect()
}

async fn one(cloud: &Cloud, region: &Region, bucket: &Bucket, prefix: &str, wanted: &[Action]) -> Found {
    let mut found = Found::default();
    let notes = &mut found.notes;
    let bucket_ref = reference(region, bucket);
    let subject = bucket_ref.to_string();
    let check = notes.check("bucket", &subject);
    match cloud.bucket_region(&bucket_ref).await {
        Ok(lies_in) if lies_in == *region => {}
        Ok(lies_in) => {
            check.error(
                format!("It lies in {lies_in}"),
                format!("Correct workflow.buckets in data-restore.toml, or name a bucket of {region} there."),
            );
            return found;
        }
        Err(error) => {
            // HeadBucket's refusals have no body, and a redirect is told by its status alone.
            let elsewhere = error.kind == ErrorKind::WrongRegion || error.code.as_deref() == Some("HTTP 301");
            if elsewhere {
                check.error(
                    error.to_string(),
                    format!("It lies in another Region than {region}: correct workflow.buckets in data-restore.toml."),
                );
            } else {
                check.call_failed(
                    &error,
                    "s3:ListBucket",
                    &format!("{STACK}, or correct its name in data-restore.toml."),
                );
            }
            return found;
        }
    }
    let check = notes.check("bucket_versioning", &subject);
    match cloud.is_bucket_versioned(&bucket_ref).await {
        Ok(true) => {}
        Ok(false) => check.error(
            "It keeps no old versions: nothing is replicated from it or to it, and what is overwritten or deleted is gone",
            "Switch versioning on; then upload again, or replicate by S3 Batch Replication, what was written before.",
        ),
        Err(error) => check.unseen(&error, "s3:GetBucketVersioning"),
    }
    let check = notes.check("public_access", &subject);
    match cloud.public_access_left_open(&bucket_ref).await {
        Ok(open) if open.is_empty() => {}
        Ok(open) => check.error(
            format!(
                "Block Public Access lacks {}: one wrong policy or ACL shows backups to everybody",
                open.join(", ")
            ),
            "Switch all four settings of Block Public Access on.",
        ),
        Err(error) => check.unseen(&error, "s3:GetBucketPublicAccessBlock"),
    }
    let check = notes.check("bucket_encryption", &subject);
    match cloud.bucket_encryption(&bucket_ref).await {
        Ok(BucketEncryption::Kms(Some(key))) => {
            found.key = Some((region.clone(), bucket.account.clone(), key));
        }
        Ok(BucketEncryption::Kms(None)) => check.warning(
            "What it encrypts by default is under AWS's key aws/s3, which no other account can ever read",
            "Name a KMS key of your own as the bucket's default.",
        ),
        Ok(BucketEncryption::S3) => check.warning(
            "What it encrypts by default is under S3's own keys, so reading it needs no key of yours",
            "Name a KMS key of your own as the bucket's default, with a bucket key.",
        ),
        Err(error) => check.unseen(&error, "s3:GetEncryptionConfiguration"),
    }
    if !wanted.is_empty() {
        let check = notes.check("lifecycle_rule", &subject);
        match cloud.lifecycle_rules(&bucket_ref).await {
            Ok(rules) => {
                let lacking: Vec<String> = wanted
                    .iter()
                    .filter(|action| !has_rule(&rules, region, prefix, **action))
                    .map(|action| format!("{TAG}={}", action.tag_value(region)))
                    .collect();
                if !lacking.is_empty() {
                    check.error(
                        format!(
                            "A policy lets copies move to Glacier or end here, and no lifecycle rule acts on the tag {}: \
                             they would stay as they are, and cost as before",
                            lacking.join(" nor on ")
                        ),
                        "Update the stack infra/cloudformation/copies.yaml of that Region.",
                    );
                }
            }
            Err(error) => check.unseen(&error, "s3:GetLifecycleConfiguration"),
        }
    }
    match cloud.object_lock(&bucket_ref).await {
        Ok(lock) => found.lock = Some(lock_name(lock.as_ref())),
        Err(error) => notes
            .check("object_lock", &subject)
            .unseen(&error, "s3:GetBucketObjectLockConfiguration"),
    }
    found
}

fn lock_name(lock: Option<&ObjectLock>) -> String {
    match lock {
        None => "not at all".to_owned(),
        Some(ObjectLock { mode: None, .. }) => "none by default".to_owned(),
        Some(ObjectLock {
            mode: Some(mode),
            days,
        }) => format!("{mode} for {} days", days.unwrap_or_default()),
    }
}
