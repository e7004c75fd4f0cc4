//! Replication: new objects reach every destination after a while, and their status tells.

use std::time::Duration;

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    ChecksumMode, DeleteMarkerReplication, DeleteMarkerReplicationStatus, Destination,
    ReplicationConfiguration, ReplicationRule, ReplicationRuleFilter, ReplicationRuleStatus,
    ReplicationStatus,
};
use jiff::SignedDuration;
use local_aws::{Clock, LocalAws, Options};

use crate::clients::{HOME, IRELAND, WEST, bucket, cloud, code, s3};

fn rule(priority: i32, prefix: &str, destination: &str) -> ReplicationRule {
    ReplicationRule::builder()
        .priority(priority)
        .status(ReplicationRuleStatus::Enabled)
        .filter(ReplicationRuleFilter::builder().prefix(prefix).build())
        .delete_marker_replication(
            DeleteMarkerReplication::builder()
                .status(DeleteMarkerReplicationStatus::Enabled)
                .build(),
        )
        .destination(
            Destination::builder()
                .bucket(format!("arn:aws:s3:::{destination}"))
                .build()
                .unwrap(),
        )
        .build()
        .unwrap()
}

async fn configure(client: &aws_sdk_s3::Client, source: &str, rules: Vec<ReplicationRule>) {
    let configuration = ReplicationConfiguration::builder()
        .role("arn:aws:iam::111122223333:role/replication")
        .set_rules(Some(rules))
        .build()
        .unwrap();
    client
        .put_bucket_replication()
        .bucket(source)
        .replication_configuration(configuration)
        .send()
        .await
        .unwrap();
}

async fn status(client: &aws_sdk_s3::Client, bucket: &str, key: &str) -> Option<ReplicationStatus> {
    let head = client.head_object().bucket(bucket).key(key).send().await.unwrap();
    head.replication_status().cloned()
}

#[tokio::test]
async fn an_object_is_pending_then_completed_and_its_replicas_say_so() {
    let start = "2026-11-19T08:00:00Z".parse().unwrap();
    let aws = LocalAws::start(Options {
        clock: Clock::held_at(start),
        replication_delay: Duration::from_secs(30),
        ..Options::default()
    })
    .await
    .unwrap();
    let home = bucket(&aws, HOME, "source").await;
    let west = bucket(&aws, WEST, "replica-west").await;
    let ireland = bucket(&aws, IRELAND, "replica-ireland").await;
    let rules = vec![
        rule(1, "exports/", "replica-west"),
        rule(2, "exports/", "replica-ireland"),
    ];
    configure(&home, "source", rules).await;
    for key in ["exports/a", "other/b"] {
        home.put_object()
            .bucket("source")
            .key(key)
            .body(ByteStream::from_static(b"rows"))
            .send()
            .await
            .unwrap();
    }
    assert_eq!(
        status(&home, "source", "exports/a").await,
        Some(ReplicationStatus::Pending)
    );
    assert_eq!(status(&home, "source", "other/b").await, None);
    assert_eq!(
        code(
            west.head_object()
                .bucket("replica-west")
                .key("exports/a")
                .send()
                .await
        ),
        "NotFound"
    );
    assert_eq!(aws.s3().replicate_due().await.unwrap(), 0);

    // One Region is out of reach: COMPLETED means all destinations.
    aws.s3().set_replication_outage(IRELAND, true).await.unwrap();
    aws.clock().advance(SignedDuration::from_secs(30));
    aws.s3().replicate_due().await.unwrap();
    assert_eq!(
        status(&west, "replica-west", "exports/a").await,
        Some(ReplicationStatus::Replica)
    );
    assert_eq!(
        status(&home, "source", "exports/a").await,
        Some(ReplicationStatus::Pending)
    );
    aws.s3().set_replication_outage(IRELAND, false).await.unwrap();
    aws.s3().replicate_due().await.unwrap();
    assert_eq!(
        status(&ireland, "replica-ireland", "exports/a").await,
        Some(ReplicationStatus::Replica)
    );
    assert!(matches!(
        status(&home, "source", "exports/a").await.unwrap().as_str(),
        "COMPLETED" | "COMPLETE"
    ));

    let head = |client: aws_sdk_s3::Client, bucket: &'static str| async move {
        let head = client
            .head_object()
            .bucket(bucket)
            .key("exports/a")
            .checksum_mode(ChecksumMode::Enabled)
            .send()
            .await
            .unwrap();
        (
            head.version_id().map(str::to_owned),
            head.checksum_crc32().map(str::to_owned),
            head.last_modified().copied(),
        )
    };
    assert_eq!(
        head(home.clone(), "source").await,
        head(west.clone(), "replica-west").await
    );
    assert_eq!(
        head(home.clone(), "source").await.2.unwrap().secs(),
        start.as_second()
    );

    home.delete_object()
        .bucket("source")
        .key("exports/a")
        .send()
        .await
        .unwrap();
    aws.clock().advance(SignedDuration::from_secs(30));
    aws.s3().replicate_due().await.unwrap();
    assert_eq!(
        code(
            west.get_object()
                .bucket("replica-west")
                .key("exports/a")
                .send()
                .await
        ),
        "NoSuchKey"
    );
    aws.shutdown().await;
}

#[tokio::test]
async fn replication_to_a_bucket_that_is_gone_fails_and_replicas_are_not_replicated() {
    let aws = cloud().await;
    let home = bucket(&aws, HOME, "first").await;
    let west = bucket(&aws, WEST, "second").await;
    let ireland = bucket(&aws, IRELAND, "third").await;
    let gone = bucket(&aws, WEST, "gone").await;
    configure(&home, "first", vec![rule(1, "", "second")]).await;
    configure(&west, "second", vec![rule(1, "", "third")]).await;
    home.put_object()
        .bucket("first")
        .key("k")
        .body(ByteStream::from_static(b"x"))
        .send()
        .await
        .unwrap();
    let deadline = tokio::time::Instant::now() + Duration::from_secs(5);
    while west.head_object().bucket("second").key("k").send().await.is_err() {
        assert!(
            tokio::time::Instant::now() < deadline,
            "the worker copies by itself"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(
        code(ireland.head_object().bucket("third").key("k").send().await),
        "NotFound"
    );

    configure(&home, "first", vec![rule(1, "", "gone")]).await;
    gone.delete_bucket().bucket("gone").send().await.unwrap();
    home.put_object()
        .bucket("first")
        .key("lost")
        .body(ByteStream::from_static(b"x"))
        .send()
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(
        status(&home, "first", "lost").await,
        Some(ReplicationStatus::Failed)
    );
    aws.shutdown().await;
}

#[tokio::test]
async fn a_configuration_needs_versioned_buckets() {
    let aws = cloud().await;
    let client = s3(&aws, HOME);
    client.create_bucket().bucket("plain").send().await.unwrap();
    let configuration = ReplicationConfiguration::builder()
        .role("arn:aws:iam::111122223333:role/replication")
        .rules(rule(1, "", "nowhere"))
        .build()
        .unwrap();
    let refused = client
        .put_bucket_replication()
        .bucket("plain")
        .replication_configuration(configuration.clone())
        .send()
        .await;
    assert_eq!(code(refused), "InvalidRequest");
    assert_eq!(
        code(client.get_bucket_replication().bucket("plain").send().await),
        "ReplicationConfigurationNotFoundError"
    );
    aws.shutdown().await;
}
