//! Killed at any moment, the cloud goes on where it was.

use std::time::Duration;

use local_aws::{Clock, LocalAws, Options};

use crate::clients::{HOME, account, back_up, backup, furnish, pass};
use crate::exports::{export, keys, status};

fn options(folder: &std::path::Path, clock: Clock) -> Options {
    Options {
        data_dir: Some(folder.to_owned()),
        clock,
        export_duration: Duration::from_millis(700),
        ..Options::default()
    }
}

#[tokio::test]
async fn an_export_that_was_interrupted_ends_complete_once_with_all_its_objects() {
    let folder = tempfile::tempdir().unwrap();
    let start = || LocalAws::start(options(folder.path(), Clock::running()));
    let aws = start().await.unwrap();
    furnish(&aws).await;
    let arn = {
        let started = backup(&aws, HOME)
            .start_backup_job()
            .backup_vault_name("hourly")
            .resource_arn(format!("arn:aws:rds:{HOME}:{}:db:securecart", account(&aws)))
            .iam_role_arn(crate::clients::ROLE)
            .send()
            .await
            .unwrap();
        started.recovery_point_arn().unwrap().to_owned()
    };
    // The background work takes the snapshot.
    for _ in 0..100 {
        if !aws
            .control()
            .backup()
            .recovery_points(&account(&aws), HOME)
            .unwrap()
            .is_empty()
        {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    export(&aws, &arn, "interrupted").await;
    // Ended at several moments, as often as it takes.
    drop(aws);
    let mut restarts = 0;
    let aws = loop {
        let aws = start().await.unwrap();
        furnish(&aws).await;
        restarts += 1;
        tokio::time::sleep(Duration::from_millis(60 * restarts)).await;
        if status(&aws, "interrupted").await == "COMPLETE" {
            break aws;
        }
        assert!(restarts < 60, "the export never ends");
        drop(aws);
    };
    assert!(restarts > 1);
    let objects = keys(&aws).await;
    for table in ["customers", "orders", "order_items", "payments"] {
        let folder = format!("exports/interrupted/securecart/securecart.{table}/1");
        let of_table: Vec<_> = objects
            .iter()
            .filter(|key| key.starts_with(&format!("{folder}/")))
            .collect();
        assert_eq!(
            of_table,
            [
                &format!("{folder}/_SUCCESS"),
                &format!("{folder}/part-00000-UUID-c000.gz.parquet")
            ]
        );
    }
    assert_eq!(objects.len(), 10, "{objects:#?}");
    let work = folder.path().join("control/exports");
    assert_eq!(
        std::fs::read_dir(work).map_or(0, Iterator::count),
        0,
        "nothing is left behind"
    );
    aws.shutdown().await;
}

#[tokio::test]
async fn recovery_points_snapshots_and_tasks_outlive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let clock = || Clock::held_at(crate::clients::START.parse().unwrap());
    let aws = LocalAws::start(options(folder.path(), clock())).await.unwrap();
    furnish(&aws).await;
    let arn = back_up(&aws, "securecart").await;
    drop(aws);
    let aws = LocalAws::start(options(folder.path(), clock())).await.unwrap();
    furnish(&aws).await;
    let points = aws
        .control()
        .backup()
        .recovery_points(&account(&aws), HOME)
        .unwrap();
    assert_eq!(
        points.iter().map(|point| point.arn.as_str()).collect::<Vec<_>>(),
        [arn.as_str()]
    );
    export(&aws, &arn, "after").await;
    pass(&aws, Duration::from_mins(1)).await;
    assert_eq!(status(&aws, "after").await, "COMPLETE");
    aws.shutdown().await;
}
