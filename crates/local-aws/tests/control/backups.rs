//! AWS Backup: plans that run by the clock, recovery points, copies, and the events that tell of them.

use std::time::Duration;

use aws_sdk_backup::types::{
    BackupPlanInput, BackupRuleInput, BackupSelection, CopyAction, RecoveryPointByBackupVault,
};
use aws_sdk_rds::types::DbSnapshot;
use aws_sdk_sqs::types::MessageSystemAttributeName;
use local_aws::LocalAws;
use serde_json::Value;

use crate::clients::{HOME, ROLE, WEST, account, back_up, backup, cloud, code, pass, rds, sqs};

const HOUR: Duration = Duration::from_hours(1);

/// Every event that waits in the home Region's queue.
async fn events(aws: &LocalAws) -> Vec<Value> {
    let client = sqs(aws);
    let url = client
        .get_queue_url()
        .queue_name("data-restore-events")
        .send()
        .await
        .unwrap();
    let url = url.queue_url().unwrap();
    let mut events = Vec::new();
    loop {
        let received = client
            .receive_message()
            .queue_url(url)
            .max_number_of_messages(10)
            .message_system_attribute_names(MessageSystemAttributeName::All)
            .send()
            .await
            .unwrap();
        if received.messages().is_empty() {
            return events;
        }
        for message in received.messages() {
            events.push(serde_json::from_str(message.body().unwrap()).unwrap());
            client
                .delete_message()
                .queue_url(url)
                .receipt_handle(message.receipt_handle().unwrap())
                .send()
                .await
                .unwrap();
        }
    }
}

/// The ARN of a vault in the other Region.
fn vault_for_copies(aws: &LocalAws) -> String {
    let account = account(aws);
    let backups = aws.control().backup();
    backups.ensure_vault(&account, WEST, "copies").unwrap();
    format!("arn:aws:backup:{WEST}:{account}:backup-vault:copies")
}

/// What a vault holds, newest first.
async fn in_vault(client: &aws_sdk_backup::Client, vault: &str) -> Vec<RecoveryPointByBackupVault> {
    let request = client
        .list_recovery_points_by_backup_vault()
        .backup_vault_name(vault);
    let answer = request.send().await.unwrap();
    answer.recovery_points.unwrap_or_default()
}

/// The snapshot behind a recovery point.
async fn snapshot(client: &aws_sdk_rds::Client, arn: &str) -> DbSnapshot {
    let request = client.describe_db_snapshots().db_snapshot_identifier(arn);
    let answer = request.send().await.unwrap();
    answer.db_snapshots.unwrap_or_default().remove(0)
}

#[tokio::test]
async fn an_hourly_plan_makes_a_recovery_point_an_hour_except_the_one_that_is_missed() {
    let aws = cloud().await;
    let copies = vault_for_copies(&aws);
    let client = backup(&aws, HOME);
    let copy = CopyAction::builder()
        .destination_backup_vault_arn(copies)
        .build()
        .unwrap();
    let rule = BackupRuleInput::builder()
        .rule_name("hourly")
        .target_backup_vault_name("hourly")
        .schedule_expression("cron(0 * * * ? *)")
        .copy_actions(copy)
        .build()
        .unwrap();
    let plan = BackupPlanInput::builder()
        .backup_plan_name("hourly")
        .rules(rule)
        .build()
        .unwrap();
    let plan = client
        .create_backup_plan()
        .backup_plan(plan)
        .send()
        .await
        .unwrap();
    let plan_id = plan.backup_plan_id().unwrap();
    let selection = BackupSelection::builder()
        .selection_name("shows")
        .iam_role_arn(ROLE)
        .resources("arn:aws:rds:*:*:db:tv*")
        .build()
        .unwrap();
    client
        .create_backup_selection()
        .backup_plan_id(plan_id)
        .backup_selection(selection)
        .send()
        .await
        .unwrap();
    for hour in 1..=4 {
        if hour == 3 {
            aws.control().faults().skip_next_backup("tvshows");
        }
        pass(&aws, HOUR).await;
        // Once an hour, however often it is asked.
        aws.control().run_due().await.unwrap();
    }
    let points = in_vault(&client, "hourly").await;
    let created: Vec<String> = points
        .iter()
        .map(|point| point.creation_date().unwrap().to_string())
        .collect();
    assert_eq!(
        created,
        [
            "2026-11-19T12:00:00Z", "2026-11-19T10:00:00Z", "2026-11-19T09:00:00Z"
        ]
    );
    let point = &points[0];
    let arn = point.recovery_point_arn().unwrap();
    assert!(
        arn.starts_with(&format!(
            "arn:aws:rds:{HOME}:{}:snapshot:awsbackup:job-",
            account(&aws)
        )),
        "{arn}"
    );
    assert_eq!(point.created_by().unwrap().backup_plan_id(), Some(plan_id));
    let snapshot = snapshot(&rds(&aws), arn).await;
    assert_eq!(snapshot.snapshot_type(), Some("awsbackup"));
    assert_eq!(snapshot.status(), Some("available"));

    let copies = in_vault(&backup(&aws, WEST), "copies").await;
    assert_eq!(copies.len(), 3);
    let copy = copies[0].recovery_point_arn().unwrap();
    assert!(copy.contains(":snapshot:awsbackup:copyjob-"), "{copy}");

    let events = events(&aws).await;
    let states = |kind: &str, field: &str| -> Vec<String> {
        let of_kind = events.iter().filter(|event| event["detail-type"] == kind);
        of_kind
            .map(|event| event["detail"][field].as_str().unwrap().to_owned())
            .take(3)
            .collect()
    };
    assert_eq!(
        states("Backup Job State Change", "state"),
        ["CREATED", "RUNNING", "COMPLETED"]
    );
    assert_eq!(
        states("Copy Job State Change", "state"),
        ["CREATED", "COMPLETED", "CREATED"]
    );
    assert_eq!(states("Recovery Point State Change", "status"), ["COMPLETED"; 3]);
    let completed = events
        .iter()
        .find(|event| event["detail"]["state"] == "COMPLETED")
        .unwrap();
    assert_eq!(completed["source"], "aws.backup");
    assert!(completed["detail"]["backupSizeInBytes"].is_string());
    assert!(
        completed["resources"][0]
            .as_str()
            .unwrap()
            .contains("awsbackup:job-")
    );
    aws.shutdown().await;
}

#[tokio::test]
async fn recovery_points_come_in_pages_and_by_filter() {
    let aws = cloud().await;
    for _ in 0..3 {
        back_up(&aws, "tvshows").await;
        back_up(&aws, "securecart").await;
        pass(&aws, HOUR).await;
    }
    let client = backup(&aws, HOME);
    let list = || {
        client
            .list_recovery_points_by_backup_vault()
            .backup_vault_name("hourly")
    };
    let mut seen = Vec::new();
    let mut token = None;
    loop {
        let page = list().max_results(4).set_next_token(token).send().await.unwrap();
        seen.extend(
            page.recovery_points()
                .iter()
                .map(|point| point.recovery_point_arn().unwrap().to_owned()),
        );
        token = page.next_token().map(str::to_owned);
        if token.is_none() {
            break;
        }
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 6);
    let resource = format!("arn:aws:rds:{HOME}:{}:db:tvshows", account(&aws));
    let of_one = list().by_resource_arn(&resource).send().await.unwrap();
    assert_eq!(of_one.recovery_points().len(), 3);
    let after = aws_sdk_backup::primitives::DateTime::from_secs(1_795_075_200 + 3_599);
    let late = list()
        .by_resource_arn(&resource)
        .by_created_after(after)
        .send()
        .await
        .unwrap();
    assert_eq!(late.recovery_points().len(), 2);
    let by_resource = client
        .list_recovery_points_by_resource()
        .resource_arn(&resource)
        .send()
        .await
        .unwrap();
    assert_eq!(by_resource.recovery_points().len(), 3);
    let protected = client.list_protected_resources().send().await.unwrap();
    assert_eq!(protected.results().len(), 2);

    let arn = of_one.recovery_points()[0].recovery_point_arn().unwrap();
    let described = client
        .describe_recovery_point()
        .backup_vault_name("hourly")
        .recovery_point_arn(arn)
        .send()
        .await
        .unwrap();
    assert!(described.backup_size_in_bytes().unwrap() > 0);
    let metadata = client
        .get_recovery_point_restore_metadata()
        .backup_vault_name("hourly")
        .recovery_point_arn(arn)
        .send()
        .await
        .unwrap();
    assert_eq!(metadata.restore_metadata().unwrap()["Engine"], "mysql");
    client
        .delete_recovery_point()
        .backup_vault_name("hourly")
        .recovery_point_arn(arn)
        .send()
        .await
        .unwrap();
    assert_eq!(
        list()
            .by_resource_arn(&resource)
            .send()
            .await
            .unwrap()
            .recovery_points()
            .len(),
        2
    );
    let snapshot = rds(&aws)
        .describe_db_snapshots()
        .db_snapshot_identifier(arn)
        .send()
        .await;
    assert_eq!(code(snapshot), "DBSnapshotNotFound");
    assert_eq!(
        code(list().next_token("bogus").send().await),
        "InvalidParameterValueException"
    );
    aws.shutdown().await;
}

#[tokio::test]
async fn vaults_jobs_and_plans_refuse_with_awss_codes() {
    let aws = cloud().await;
    let client = backup(&aws, HOME);
    client
        .create_backup_vault()
        .backup_vault_name("second")
        .send()
        .await
        .unwrap();
    assert_eq!(
        code(
            client
                .create_backup_vault()
                .backup_vault_name("second")
                .send()
                .await
        ),
        "AlreadyExistsException"
    );
    assert_eq!(
        code(
            client
                .describe_backup_vault()
                .backup_vault_name("third")
                .send()
                .await
        ),
        "ResourceNotFoundException"
    );
    back_up(&aws, "securecart").await;
    assert_eq!(
        code(
            client
                .delete_backup_vault()
                .backup_vault_name("hourly")
                .send()
                .await
        ),
        "InvalidRequestException"
    );
    client
        .delete_backup_vault()
        .backup_vault_name("second")
        .send()
        .await
        .unwrap();
    assert_eq!(
        client
            .list_backup_vaults()
            .send()
            .await
            .unwrap()
            .backup_vault_list()
            .len(),
        1
    );

    let job = |vault: &str, instance: &str, role: &str| {
        client
            .start_backup_job()
            .backup_vault_name(vault)
            .resource_arn(format!("arn:aws:rds:{HOME}:{}:db:{instance}", account(&aws)))
            .iam_role_arn(role)
    };
    assert_eq!(
        code(job("none", "tvshows", ROLE).send().await),
        "ResourceNotFoundException"
    );
    assert_eq!(
        code(job("hourly", "none", ROLE).send().await),
        "ResourceNotFoundException"
    );
    assert_eq!(
        code(job("hourly", "tvshows", "me").send().await),
        "InvalidParameterValueException"
    );
    assert_eq!(
        code(client.describe_backup_job().backup_job_id("none").send().await),
        "ResourceNotFoundException"
    );
    // The same request twice is one job.
    let first = job("hourly", "tvshows", ROLE)
        .idempotency_token("token")
        .send()
        .await
        .unwrap();
    let second = job("hourly", "tvshows", ROLE)
        .idempotency_token("token")
        .send()
        .await
        .unwrap();
    assert_eq!(first.backup_job_id(), second.backup_job_id());
    let id = first.backup_job_id().unwrap();
    let described = async || {
        let request = client.describe_backup_job().backup_job_id(id);
        request.send().await.unwrap()
    };
    let created = described().await;
    assert_eq!(created.state().unwrap().as_str(), "CREATED");
    pass(&aws, Duration::from_secs(1)).await;
    let done = described().await;
    assert_eq!(done.state().unwrap().as_str(), "COMPLETED");
    assert_eq!(done.percent_done(), Some("100.0"));

    let rule = |schedule: &str| {
        BackupRuleInput::builder()
            .rule_name("r")
            .target_backup_vault_name("hourly")
            .schedule_expression(schedule)
            .build()
            .unwrap()
    };
    let plan = |schedule: &str| {
        BackupPlanInput::builder()
            .backup_plan_name("p")
            .rules(rule(schedule))
            .build()
            .unwrap()
    };
    let bad = client
        .create_backup_plan()
        .backup_plan(plan("cron(0 * * * * *)"))
        .send()
        .await;
    assert_eq!(code(bad), "InvalidParameterValueException");
    client
        .create_backup_plan()
        .backup_plan(plan("rate(1 hour)"))
        .send()
        .await
        .unwrap();
    let again = client
        .create_backup_plan()
        .backup_plan(plan("rate(1 hour)"))
        .send()
        .await;
    assert_eq!(code(again), "AlreadyExistsException");
    aws.shutdown().await;
}

#[tokio::test]
async fn a_copy_in_another_region_can_be_exported_there() {
    let aws = cloud().await;
    let copies = vault_for_copies(&aws);
    let arn = back_up(&aws, "securecart").await;
    let client = backup(&aws, HOME);
    let job = client
        .start_copy_job()
        .recovery_point_arn(&arn)
        .source_backup_vault_name("hourly")
        .destination_backup_vault_arn(copies)
        .iam_role_arn(ROLE)
        .send()
        .await
        .unwrap();
    pass(&aws, Duration::from_secs(1)).await;
    let done = client
        .describe_copy_job()
        .copy_job_id(job.copy_job_id().unwrap())
        .send()
        .await
        .unwrap();
    let done = done.copy_job().unwrap();
    assert_eq!(done.state().unwrap().as_str(), "COMPLETED");
    let copy = done.destination_recovery_point_arn().unwrap();
    let west = aws_sdk_rds::Client::new(&crate::clients::config(&aws, WEST));
    let snapshot = snapshot(&west, copy).await;
    assert_eq!(snapshot.source_db_snapshot_identifier(), Some(arn.as_str()));
    aws.shutdown().await;
}

#[tokio::test]
async fn an_interval_backs_up_besides_the_plans() {
    let aws = cloud().await;
    let account = account(&aws);
    let backups = aws.control().backup();
    let set = |every| backups.back_up_every(&account, HOME, "tvshows", "hourly", every);
    let made = || backups.recovery_points(&account, HOME).unwrap().len();
    set(Some(Duration::from_mins(5)));
    for _ in 0..6 {
        pass(&aws, Duration::from_secs(150)).await;
    }
    assert_eq!(made(), 3);
    set(None);
    pass(&aws, HOUR).await;
    assert_eq!(made(), 3);
    aws.shutdown().await;
}
