//! Replication into a bucket of another account: what that bucket's policy has to allow, and whose the replicas are.

use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    AccessControlTranslation, DeleteMarkerReplication, DeleteMarkerReplicationStatus, Destination,
    OwnerOverride, ReplicationConfiguration, ReplicationRule, ReplicationRuleFilter, ReplicationRuleStatus,
};
use jiff::SignedDuration;
use local_aws::{Clock, LocalAws, Options};

use crate::clients::{HOME, WEST, bucket, bucket_of, code, s3_of};

const ROLE: &str = "arn:aws:iam::111122223333:role/replication";
const OTHERS: &str = "444455556666";

fn configuration(account: Option<&str>, changes_owner: bool) -> ReplicationConfiguration {
    let translation = AccessControlTranslation::builder()
        .owner(OwnerOverride::Destination)
        .build()
        .unwrap();
    let destination = Destination::builder()
        .bucket("arn:aws:s3:::theirs")
        .set_account(account.map(str::to_owned))
        .set_access_control_translation(changes_owner.then_some(translation))
        .build()
        .unwrap();
    let rule = ReplicationRule::builder()
        .priority(1)
        .status(ReplicationRuleStatus::Enabled)
        .filter(ReplicationRuleFilter::builder().prefix("exports/").build())
        .delete_marker_replication(
            DeleteMarkerReplication::builder()
                .status(DeleteMarkerReplicationStatus::Enabled)
                .build(),
        )
        .destination(destination)
        .build()
        .unwrap();
    ReplicationConfiguration::builder()
        .role(ROLE)
        .rules(rule)
        .build()
        .unwrap()
}

async fn allow(theirs: &Client, principal: &str, actions: &[&str]) {
    let policy = serde_json::json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"AWS": principal}, "Action": actions,
        "Resource": "arn:aws:s3:::theirs/exports/*",
    }]});
    theirs
        .put_bucket_policy()
        .bucket("theirs")
        .policy(policy.to_string())
        .send()
        .await
        .unwrap();
}

/// Puts an object and lets the time of its replication come. What then becomes of it.
async fn replicated(aws: &LocalAws, ours: &Client, key: &str, tags: Option<&str>) -> String {
    ours.put_object()
        .bucket("ours")
        .key(key)
        .set_tagging(tags.map(str::to_owned))
        .body(ByteStream::from_static(b"rows"))
        .send()
        .await
        .unwrap();
    due(aws).await;
    let head = ours.head_object().bucket("ours").key(key).send().await.unwrap();
    head.replication_status().unwrap().as_str().to_owned()
}

async fn due(aws: &LocalAws) {
    aws.clock().advance(SignedDuration::from_secs(30));
    aws.s3().replicate_due().await.unwrap();
}

#[tokio::test]
async fn another_accounts_bucket_takes_replicas_that_its_policy_allows_and_owns_them() {
    let aws = LocalAws::start(Options {
        clock: Clock::held_at("2026-11-19T08:00:00Z".parse().unwrap()),
        replication_delay: Duration::from_secs(30),
        ..Options::default()
    })
    .await
    .unwrap();
    let ours = bucket(&aws, HOME, "ours").await;
    let theirs = bucket_of(s3_of(&aws, &aws.accounts()[1], WEST), WEST, "theirs").await;
    let configure = |configuration| {
        ours.put_bucket_replication()
            .bucket("ours")
            .replication_configuration(configuration)
            .send()
    };
    assert_eq!(code(configure(configuration(None, true)).await), "InvalidRequest");
    let wrong = configuration(Some("777788889999"), true);
    assert_eq!(code(configure(wrong).await), "InvalidArgument");
    configure(configuration(Some(OTHERS), true)).await.unwrap();

    let all = [
        "s3:ReplicateObject", "s3:ReplicateTags", "s3:ReplicateDelete", "s3:ObjectOwnerOverrideToBucketOwner",
    ];
    assert_eq!(replicated(&aws, &ours, "exports/no-policy", None).await, "FAILED");
    allow(&theirs, ROLE, &all[..3]).await;
    assert_eq!(
        replicated(&aws, &ours, "exports/no-change-of-owner", None).await,
        "FAILED"
    );
    allow(&theirs, "arn:aws:iam::111122223333:role/another", &all).await;
    assert_eq!(
        replicated(&aws, &ours, "exports/another-role", None).await,
        "FAILED"
    );
    allow(&theirs, ROLE, &[all[0], all[3]]).await;
    assert_eq!(
        replicated(&aws, &ours, "exports/tagged", Some("a=b")).await,
        "FAILED"
    );
    assert_eq!(
        replicated(&aws, &ours, "exports/untagged", None).await,
        "COMPLETED"
    );
    allow(&theirs, "arn:aws:iam::111122223333:root", &all).await;
    assert_eq!(
        replicated(&aws, &ours, "exports/a", Some("a=b")).await,
        "COMPLETED"
    );

    let listed = theirs
        .list_objects_v2()
        .bucket("theirs")
        .fetch_owner(true)
        .send()
        .await
        .unwrap();
    let keys: Vec<_> = listed
        .contents()
        .iter()
        .map(|object| object.key().unwrap())
        .collect();
    assert_eq!(keys, ["exports/a", "exports/untagged"]);
    for object in listed.contents() {
        assert_eq!(object.owner().unwrap().id(), Some(OTHERS), "{object:?}");
    }
    let read = theirs
        .get_object()
        .bucket("theirs")
        .key("exports/a")
        .send()
        .await
        .unwrap();
    assert_eq!(read.body.collect().await.unwrap().into_bytes(), "rows");
    let ours_in_west = s3_of(&aws, &aws.accounts()[0], WEST);
    let refused = ours_in_west
        .get_object()
        .bucket("theirs")
        .key("exports/a")
        .send()
        .await;
    assert_eq!(code(refused), "AccessDenied");

    // A delete marker needs an action of its own.
    allow(&theirs, ROLE, &[all[0], all[3]]).await;
    ours.delete_object()
        .bucket("ours")
        .key("exports/a")
        .send()
        .await
        .unwrap();
    due(&aws).await;
    theirs
        .head_object()
        .bucket("theirs")
        .key("exports/a")
        .send()
        .await
        .unwrap();
    aws.shutdown().await;
}
