//! Export tasks: what they write, what they refuse, how they go on.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_rds::types::Filter;
use jiff::Timestamp;
use local_aws::LocalAws;
use local_aws::database::{BuiltIn, State};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use serde_json::Value;

use crate::clients::{HOME, KEY, ROLE, START, WEST, account, back_up, cloud, code, pass, rds};

const MINUTE: Duration = Duration::from_mins(1);

pub async fn export(aws: &LocalAws, source_arn: &str, task: &str) {
    rds(aws)
        .start_export_task()
        .export_task_identifier(task)
        .source_arn(source_arn)
        .s3_bucket_name("exports-home")
        .s3_prefix("exports")
        .iam_role_arn(ROLE)
        .kms_key_id(KEY)
        .send()
        .await
        .unwrap();
}

pub async fn status(aws: &LocalAws, task: &str) -> String {
    let tasks = rds(aws)
        .describe_export_tasks()
        .export_task_identifier(task)
        .send()
        .await
        .unwrap();
    tasks.export_tasks()[0].status().unwrap().to_owned()
}

/// Every object of the bucket by key, with the writer's UUIDs left out.
pub async fn keys(aws: &LocalAws) -> Vec<String> {
    let objects = aws
        .s3()
        .list(&account(aws), HOME, "exports-home", "")
        .await
        .unwrap();
    objects
        .into_iter()
        .map(|object| without_uuid(&object.key))
        .collect()
}

fn without_uuid(key: &str) -> String {
    match key.split_once("/part-") {
        Some((before, part)) => format!("{before}/part-{}-UUID{}", &part[..5], &part[42..]),
        None => key.to_owned(),
    }
}

async fn json(aws: &LocalAws, key: &str) -> Value {
    let bytes = aws
        .s3()
        .get(&account(aws), HOME, "exports-home", key)
        .await
        .unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

/// The rows of a table's parts as a reader of Parquet shows them.
pub async fn rows(aws: &LocalAws, prefix: &str) -> Vec<Vec<Option<String>>> {
    let mut rows = Vec::new();
    for object in aws
        .s3()
        .list(&account(aws), HOME, "exports-home", prefix)
        .await
        .unwrap()
    {
        if !object.key.ends_with("-c000.gz.parquet") {
            continue;
        }
        let bytes = aws
            .s3()
            .get(&account(aws), HOME, "exports-home", &object.key)
            .await
            .unwrap();
        let reader = SerializedFileReader::new(bytes).unwrap();
        for row in reader.get_row_iter(None).unwrap() {
            rows.push(
                row.unwrap()
                    .get_column_iter()
                    .map(|(_, field)| show(field))
                    .collect(),
            );
        }
    }
    rows
}

fn show(field: &Field) -> Option<String> {
    match field {
        Field::Null => None,
        Field::Str(text) => Some(text.clone()),
        Field::Bytes(bytes) => Some(String::from_utf8_lossy(bytes.data()).into_owned()),
        // The reader shows a decimal without fraction as `7.`.
        Field::Decimal(_) => Some(field.to_string().trim_end_matches('.').to_owned()),
        field => Some(field.to_string()),
    }
}

fn expected_rows(state: &State, table: &str) -> Vec<Vec<Option<String>>> {
    let mut rows = Vec::new();
    let Ok(()) = state.read::<std::convert::Infallible>(table, &mut |row| {
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        rows.push(row.values().map(|value| value.map(text)).collect());
        Ok(())
    });
    rows
}

#[tokio::test]
async fn a_recovery_point_becomes_an_export_that_holds_the_rows_of_its_hour() {
    let aws = cloud().await;
    pass(&aws, 60 * MINUTE).await;
    let arn = back_up(&aws, "tvshows").await;
    // The export is of the backup's state, not of the state when it runs.
    pass(&aws, 30 * MINUTE).await;
    export(&aws, &arn, "tvshows-20261119t090000z-3f9a2c").await;
    assert_eq!(status(&aws, "tvshows-20261119t090000z-3f9a2c").await, "STARTING");
    pass(&aws, Duration::from_secs(10)).await;
    assert_eq!(
        status(&aws, "tvshows-20261119t090000z-3f9a2c").await,
        "IN_PROGRESS"
    );
    let root = "exports/tvshows-20261119t090000z-3f9a2c";
    assert!(
        !keys(&aws)
            .await
            .iter()
            .any(|key| key.ends_with("_SUCCESS") || key.contains("export_"))
    );
    pass(&aws, Duration::from_secs(10)).await;
    assert_eq!(status(&aws, "tvshows-20261119t090000z-3f9a2c").await, "COMPLETE");
    let expected: Vec<String> = [
        "export_info_tvshows-20261119t090000z-3f9a2c.json",
        "export_tables_info_tvshows-20261119t090000z-3f9a2c_from_1_to_1.json",
        "tvshows/tvshows.shows/1/_SUCCESS",
        "tvshows/tvshows.shows/1/part-00000-UUID-c000.gz.parquet",
        "tvshows/tvshows.shows/1/part-00001-UUID-c000.gz.parquet",
        "tvshows/tvshows.shows/1/part-00002-UUID-c000.gz.parquet",
        "tvshows/tvshows.shows/1/part-00003-UUID-c000.gz.parquet",
    ]
    .map(|key| format!("{root}/{key}"))
    .to_vec();
    assert_eq!(keys(&aws).await, expected);

    let origin: Timestamp = START.parse().unwrap();
    let state = State {
        database: BuiltIn::TvShows,
        origin,
        tick: 60,
    };
    let exported = rows(&aws, &format!("{root}/tvshows/")).await;
    assert_eq!(exported.len(), 100_871);
    assert!(
        exported == expected_rows(&state, "shows"),
        "the export is not the state of tick 60"
    );

    let info = json(
        &aws,
        &format!("{root}/export_info_tvshows-20261119t090000z-3f9a2c.json"),
    )
    .await;
    assert_eq!(info["status"], "COMPLETE");
    assert_eq!(info["sourceArn"], arn.as_str());
    assert_eq!(info["exportedFilesPath"], root);
    assert_eq!(info["snapshotTime"], "2026-11-19T09:00:00.000Z");
    let tables = json(
        &aws,
        &format!("{root}/export_tables_info_tvshows-20261119t090000z-3f9a2c_from_1_to_1.json"),
    )
    .await;
    let table = &tables["perTableStatus"][0];
    assert_eq!(
        (&table["target"], &table["status"]),
        (&"tvshows.shows".into(), &"COMPLETE".into())
    );
    let types: BTreeMap<String, String> = table["schemaMetadata"]["originalTypeMappings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|mapping| {
            let text = |name: &str| mapping[name].as_str().unwrap().to_owned();
            (
                text("columnName"),
                format!("{} as {}", text("originalType"), text("expectedExportedType")),
            )
        })
        .collect();
    assert_eq!(types["origin_country"], "char as binary");
    assert_eq!(types["vote_average"], "decimal as int32 (DECIMAL(5,3))");
    assert_eq!(types["air_date"], "date as binary (UTF8)");
    aws.shutdown().await;
}

#[tokio::test]
async fn a_part_of_a_snapshot_can_be_exported_and_its_types_come_back() {
    let aws = cloud().await;
    let arn = back_up(&aws, "securecart").await;
    rds(&aws)
        .start_export_task()
        .export_task_identifier("part")
        .source_arn(&arn)
        .s3_bucket_name("exports-home")
        .iam_role_arn(ROLE)
        .kms_key_id("alias/exports")
        .export_only("securecart.payments")
        .export_only("securecart.order_items")
        .send()
        .await
        .unwrap();
    pass(&aws, MINUTE).await;
    assert_eq!(status(&aws, "part").await, "COMPLETE");
    let tables: Vec<String> = keys(&aws)
        .await
        .into_iter()
        .filter(|key| key.ends_with("_SUCCESS"))
        .collect();
    assert_eq!(
        tables,
        [
            "part/securecart/securecart.order_items/1/_SUCCESS",
            "part/securecart/securecart.payments/1/_SUCCESS"
        ]
    );
    let origin: Timestamp = START.parse().unwrap();
    let state = State {
        database: BuiltIn::SecureCart,
        origin,
        tick: 0,
    };
    let expected = expected_rows(&state, "order_items");
    assert_eq!(
        rows(&aws, "part/securecart/securecart.order_items/").await,
        expected
    );
    let payments = rows(&aws, "part/securecart/securecart.payments/").await;
    let keys: Vec<_> = payments.iter().map(|row| row[0].clone().unwrap()).collect();
    let expected: Vec<_> = expected_rows(&state, "payments")
        .iter()
        .map(|row| row[0].clone().unwrap())
        .collect();
    assert_eq!(keys, expected);
    aws.shutdown().await;
}

#[tokio::test]
async fn what_rds_refuses_is_refused_with_its_codes() {
    let aws = cloud().await;
    aws.s3()
        .create_bucket(&account(&aws), WEST, "exports-west")
        .await
        .unwrap();
    let arn = back_up(&aws, "securecart").await;
    let client = rds(&aws);
    let start = |task: &str, source: &str, bucket: &str, prefix: &str, role: &str, key: &str| {
        client
            .start_export_task()
            .export_task_identifier(task)
            .source_arn(source)
            .s3_bucket_name(bucket)
            .s3_prefix(prefix)
            .iam_role_arn(role)
            .kms_key_id(key)
    };
    let elsewhere = format!("arn:aws:rds:{WEST}:{}:snapshot:awsbackup:job-1", account(&aws));
    let long = "a".repeat(61);
    for (expected, request) in [
        (
            "InvalidParameterValue",
            start("1task", &arn, "exports-home", "", ROLE, KEY),
        ),
        (
            "InvalidParameterValue",
            start("a--b", &arn, "exports-home", "", ROLE, KEY),
        ),
        (
            "InvalidParameterValue",
            start(&long, &arn, "exports-home", "", ROLE, KEY),
        ),
        (
            "InvalidParameterValue",
            start("task", &arn, "exports-home", "at/08:00", ROLE, KEY),
        ),
        (
            "InvalidParameterValue",
            start("task", "snapshot", "exports-home", "", ROLE, KEY),
        ),
        (
            "DBSnapshotNotFound",
            start("task", &format!("{arn}x"), "exports-home", "", ROLE, KEY),
        ),
        (
            "DBSnapshotNotFound",
            start("task", &elsewhere, "exports-home", "", ROLE, KEY),
        ),
        (
            "InvalidS3BucketFault",
            start("task", &arn, "exports-west", "", ROLE, KEY),
        ),
        (
            "InvalidS3BucketFault",
            start("task", &arn, "nowhere", "", ROLE, KEY),
        ),
        (
            "IamRoleNotFound",
            start("task", &arn, "exports-home", "", "exports", KEY),
        ),
        (
            "KMSKeyNotAccessibleFault",
            start(
                "task", &arn, "exports-home", "", ROLE, "arn:aws:kms:eu-west-1:1:key/1234",
            ),
        ),
        (
            "InvalidExportOnly",
            start("task", &arn, "exports-home", "", ROLE, KEY).export_only("securecart.nothing"),
        ),
        (
            "MissingParameter",
            client.start_export_task().export_task_identifier("task"),
        ),
    ] {
        assert_eq!(code(request.clone().send().await), expected, "{request:?}");
    }
    assert_eq!(
        code(
            client
                .describe_export_tasks()
                .export_task_identifier("none")
                .send()
                .await
        ),
        "ExportTaskNotFound"
    );
    assert_eq!(
        code(
            client
                .cancel_export_task()
                .export_task_identifier("none")
                .send()
                .await
        ),
        "ExportTaskNotFound"
    );
    assert_eq!(
        code(
            client
                .describe_db_snapshots()
                .db_snapshot_identifier("none")
                .send()
                .await
        ),
        "DBSnapshotNotFound"
    );
    assert_eq!(
        code(
            client
                .describe_db_instances()
                .db_instance_identifier("none")
                .send()
                .await
        ),
        "DBInstanceNotFound"
    );
    assert!(keys(&aws).await.is_empty());
    aws.shutdown().await;
}

#[tokio::test]
async fn five_exports_run_at_once_never_two_of_a_snapshot_and_a_name_is_used_once() {
    let aws = cloud().await;
    let client = rds(&aws);
    let mut arns = Vec::new();
    for number in 0..6 {
        let id = format!("manual-{number}");
        let snapshot = client
            .create_db_snapshot()
            .db_instance_identifier("securecart")
            .db_snapshot_identifier(&id)
            .send()
            .await
            .unwrap();
        arns.push(
            snapshot
                .db_snapshot()
                .unwrap()
                .db_snapshot_arn()
                .unwrap()
                .to_owned(),
        );
    }
    let start = |task: String, arn: &str| {
        client
            .start_export_task()
            .export_task_identifier(task)
            .source_arn(arn)
            .s3_bucket_name("exports-home")
            .iam_role_arn(ROLE)
            .kms_key_id(KEY)
            .send()
    };
    for (number, arn) in arns.iter().take(5).enumerate() {
        start(format!("task-{number}"), arn).await.unwrap();
    }
    assert_eq!(
        code(start("task-0".into(), &arns[5]).await),
        "ExportTaskAlreadyExists"
    );
    assert_eq!(
        code(start("again".into(), &arns[0]).await),
        "InvalidExportSourceState"
    );
    assert_eq!(
        code(start("sixth".into(), &arns[5]).await),
        "ExportTaskLimitReachedFault"
    );

    let cancelled = client
        .cancel_export_task()
        .export_task_identifier("task-0")
        .send()
        .await
        .unwrap();
    assert_eq!(cancelled.status(), Some("CANCELING"));
    pass(&aws, Duration::from_secs(1)).await;
    assert_eq!(status(&aws, "task-0").await, "CANCELED");
    start("sixth".into(), &arns[5]).await.unwrap();
    pass(&aws, MINUTE).await;
    assert_eq!(
        code(
            client
                .cancel_export_task()
                .export_task_identifier("sixth")
                .send()
                .await
        ),
        "InvalidExportTaskStateFault"
    );
    assert_eq!(
        code(start("task-0".into(), &arns[0]).await),
        "ExportTaskAlreadyExists"
    );

    let complete = Filter::builder().name("status").values("complete").build();
    let listed = client
        .describe_export_tasks()
        .filters(complete)
        .send()
        .await
        .unwrap();
    assert_eq!(listed.export_tasks().len(), 5);
    let of_one = client
        .describe_export_tasks()
        .source_arn(&arns[5])
        .send()
        .await
        .unwrap();
    assert_eq!(of_one.export_tasks()[0].percent_progress(), Some(100));
    aws.shutdown().await;
}

#[tokio::test]
async fn an_export_that_is_held_stays_in_progress_without_its_last_files() {
    let aws = cloud().await;
    aws.control()
        .faults()
        .hold_next_export("securecart", jiff::SignedDuration::from_hours(2));
    let arn = back_up(&aws, "securecart").await;
    export(&aws, &arn, "slow").await;
    pass(&aws, 90 * MINUTE).await;
    let described = rds(&aws)
        .describe_export_tasks()
        .export_task_identifier("slow")
        .send()
        .await
        .unwrap();
    let task = &described.export_tasks()[0];
    assert_eq!(
        (task.status(), task.percent_progress()),
        (Some("IN_PROGRESS"), Some(75))
    );
    assert!(
        !keys(&aws)
            .await
            .iter()
            .any(|key| key.contains("export_info") || key.contains("_SUCCESS"))
    );
    pass(&aws, 31 * MINUTE).await;
    assert_eq!(status(&aws, "slow").await, "COMPLETE");
    aws.shutdown().await;
}

#[tokio::test]
async fn an_hour_of_tvshows_is_exported_in_a_moment() {
    let aws = cloud().await;
    let arn = back_up(&aws, "tvshows").await;
    export(&aws, &arn, "first").await;
    pass(&aws, MINUTE).await;
    let arn = back_up(&aws, "tvshows").await;
    export(&aws, &arn, "second").await;
    let begun = std::time::Instant::now();
    pass(&aws, MINUTE).await;
    let took = begun.elapsed();
    eprintln!("an export of 100,871 rows took {took:?}");
    // Generous, for machines that do other things too; alone it takes a few tenths of a second.
    assert!(took < Duration::from_secs(8), "{took:?}");
    assert_eq!(status(&aws, "second").await, "COMPLETE");
    aws.shutdown().await;
}
