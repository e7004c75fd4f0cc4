//! A data folder keeps everything: keys, objects, tables, and what was still to be replicated.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, BillingMode};
use local_aws::s3::Content;
use local_aws::{Clock, LocalAws, Options};

use crate::clients::{HOME, WEST, dynamodb, s3, table_by_id};

#[tokio::test]
async fn a_restart_keeps_everything_and_goes_on_replicating() {
    let folder = tempfile::tempdir().unwrap();
    let start = "2026-11-19T08:00:00Z".parse().unwrap();
    let options = || Options {
        data_dir: Some(folder.path().to_owned()),
        clock: Clock::held_at(start),
        replication_delay: Duration::from_mins(1),
        ..Options::default()
    };
    let aws = LocalAws::start(options()).await.unwrap();
    let keys = aws.accounts().to_vec();
    let account = keys[0].id.clone();
    for (region, name) in [(HOME, "source"), (WEST, "replica")] {
        aws.s3().create_bucket(&account, region, name).await.unwrap();
        aws.s3().create_bucket(&account, region, name).await.unwrap();
        aws.s3().enable_versioning(&account, region, name).await.unwrap();
    }
    let rule = aws_sdk_s3::types::ReplicationRule::builder()
        .priority(1)
        .status(aws_sdk_s3::types::ReplicationRuleStatus::Enabled)
        .filter(
            aws_sdk_s3::types::ReplicationRuleFilter::builder()
                .prefix("")
                .build(),
        )
        .destination(
            aws_sdk_s3::types::Destination::builder()
                .bucket("arn:aws:s3:::replica")
                .build()
                .unwrap(),
        )
        .build()
        .unwrap();
    s3(&aws, HOME)
        .put_bucket_replication()
        .bucket("source")
        .replication_configuration(
            aws_sdk_s3::types::ReplicationConfiguration::builder()
                .role("r")
                .rules(rule)
                .build()
                .unwrap(),
        )
        .send()
        .await
        .unwrap();
    let file = folder.path().join("rows.parquet");
    std::fs::write(&file, vec![7; 3_000_000]).unwrap();
    let put = aws
        .s3()
        .put_file(&account, HOME, "source", "rows.parquet", Content::File(file))
        .await
        .unwrap();
    assert_eq!(put.replication_status.as_deref(), Some("PENDING"));
    let tables = dynamodb(&aws, HOME);
    table_by_id(&tables, "shows")
        .billing_mode(BillingMode::PayPerRequest)
        .send()
        .await
        .unwrap();
    tables
        .put_item()
        .table_name("shows")
        .item("id", AttributeValue::N("1".into()))
        .send()
        .await
        .unwrap();
    let published = folder.path().join("local-aws.json");
    assert_eq!(
        std::fs::metadata(&published).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let json: serde_json::Value = serde_json::from_slice(&std::fs::read(&published).unwrap()).unwrap();
    assert_eq!(json["endpoint"], aws.endpoint());
    assert_eq!(json["regions"][0], HOME);
    assert_eq!(json["accounts"][0]["id"], "111122223333");
    // What a crash may leave behind.
    aws.shutdown().await;
    std::fs::write(folder.path().join("s3/incoming/half"), b"x").unwrap();

    let aws = LocalAws::start(options()).await.unwrap();
    assert_eq!(aws.accounts(), keys);
    assert!(!folder.path().join("s3/incoming/half").exists());
    let head = aws
        .s3()
        .head(&account, HOME, "source", "rows.parquet")
        .await
        .unwrap();
    assert_eq!(head, put);
    aws.clock().advance_to("2026-11-19T08:02:00Z".parse().unwrap());
    aws.s3().replicate_due().await.unwrap();
    let replica = aws
        .s3()
        .head(&account, WEST, "replica", "rows.parquet")
        .await
        .unwrap();
    assert_eq!(
        (replica.crc64nvme, replica.version_id),
        (put.crc64nvme, put.version_id)
    );
    assert_eq!(
        aws.s3()
            .get(&account, WEST, "replica", "rows.parquet")
            .await
            .unwrap()
            .len(),
        3_000_000
    );
    let scanned = dynamodb(&aws, HOME)
        .scan()
        .table_name("shows")
        .send()
        .await
        .unwrap();
    assert_eq!(scanned.count(), 1);
    let other_region = dynamodb(&aws, WEST).list_tables().send().await.unwrap();
    assert!(other_region.table_names().is_empty());
    aws.shutdown().await;
}
