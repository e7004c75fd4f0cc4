//! What is promised of RDS: databases, snapshots, and exports up to their beginning.

use aws::ErrorKind;
use aws::rds::{ExportRequest, ExportStatus, ExportTask};
use local_aws::database::{BuiltIn, Database};
use local_aws::rds::{Cluster, Instance};

use crate::case::{Case, cases};
use crate::place::Place;

pub fn cases() -> Vec<Case> {
    cases![
        databases_are_described,
        clusters_are_described_and_their_instances_name_them,
        snapshots_of_others_than_aws_backup_are_left_out,
        an_export_is_told_as_it_was_asked_for,
        exports_are_told_by_their_identifier_and_their_snapshot,
        an_export_that_is_begun_is_under_way,
        an_identifier_is_used_once,
        an_export_of_nothing_is_not_found,
        an_export_that_is_not_known_is_none,
        an_export_is_cancelled,
        cancelling_what_is_not_known_is_not_found,
        a_snapshot_is_not_exported_twice_at_once,
        a_sixth_export_has_to_wait,
        an_identifier_that_is_none_is_refused,
    ]
}

/// The same place in another Region: only five exports go on in one.
fn within(region: &str, at: &Place) -> Place {
    let mut at = at.clone();
    at.home = region.parse().unwrap();
    at
}

async fn rds(at: &Place) -> aws_sdk_rds::Client {
    aws_sdk_rds::Client::new(&at.sdk(&at.home).await)
}

/// A database. AWS has somebody make it, and so have emulators; the embedded one has to be told what is in it.
async fn database(at: &Place, what: &str) -> String {
    let id = at.name(what);
    if let Some(embedded) = at.embedded() {
        let instance = Instance {
            id: id.clone(),
            engine: "mysql".into(),
            engine_version: "8.4.3".into(),
            class: "db.r6g.large".into(),
            database: Database::BuiltIn(BuiltIn::TvShows),
        };
        let (account, region) = (at.account.as_str(), at.home.as_str());
        embedded
            .control()
            .add_instance(account, region, instance)
            .await
            .unwrap();
    } else {
        rds(at)
            .await
            .create_db_instance()
            .db_instance_identifier(&id)
            .db_instance_class("db.r6g.large")
            .engine("mysql")
            .engine_version("8.4.3")
            .master_username("admin")
            .master_user_password("contract-1")
            .allocated_storage(20)
            .send()
            .await
            .unwrap();
    }
    id
}

/// A DB cluster of Aurora with one DB instance, likewise.
async fn cluster(at: &Place, what: &str) -> String {
    let id = at.name(what);
    let (engine, version, class) = ("aurora-mysql", "8.0.mysql_aurora.3.08.0", "db.r6g.large");
    if let Some(embedded) = at.embedded() {
        let cluster = Cluster {
            id: id.clone(),
            engine: engine.into(),
            engine_version: version.into(),
            class: class.into(),
            instances: 1,
        };
        let (account, region) = (at.account.as_str(), at.home.as_str());
        embedded
            .control()
            .add_cluster(account, region, cluster)
            .await
            .unwrap();
    } else {
        let rds = rds(at).await;
        rds.create_db_cluster()
            .db_cluster_identifier(&id)
            .engine(engine)
            .engine_version(version)
            .master_username("admin")
            .master_user_password("contract-1")
            .send()
            .await
            .unwrap();
        rds.create_db_instance()
            .db_instance_identifier(format!("{id}-instance-1"))
            .db_cluster_identifier(&id)
            .db_instance_class(class)
            .engine(engine)
            .send()
            .await
            .unwrap();
    }
    id
}

/// A snapshot's ARN.
async fn snapshot(at: &Place, instance: &str, what: &str) -> String {
    let made = rds(at)
        .await
        .create_db_snapshot()
        .db_instance_identifier(instance)
        .db_snapshot_identifier(at.name(what))
        .send()
        .await
        .unwrap();
    made.db_snapshot.unwrap().db_snapshot_arn.unwrap()
}

/// A request, with a bucket of its own.
async fn request(at: &Place, source: &str, what: &str) -> ExportRequest {
    ExportRequest {
        identifier: at.name(what),
        source: source.parse().unwrap(),
        bucket: at.bucket(&at.home, what).await.name,
        prefix: "exports/all".into(),
        role_arn: format!("arn:aws:iam::{}:role/export", at.account),
        kms_key_id: format!(
            "arn:aws:kms:{}:{}:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            at.home, at.account
        ),
        only: Vec::new(),
    }
}

async fn start(at: &Place, request: &ExportRequest) -> ExportTask {
    at.cloud
        .start_export_task(&at.home, &at.account, request)
        .await
        .unwrap()
}

async fn databases_are_described(at: &Place) {
    let id = database(at, "described").await;
    let all = at
        .cloud
        .describe_db_instances(&at.home, &at.account)
        .await
        .unwrap();
    let found = all
        .into_iter()
        .find(|instance| instance.identifier == id)
        .unwrap();
    assert_eq!(
        found.arn,
        format!("arn:aws:rds:{}:{}:db:{id}", at.home, at.account)
    );
    assert_eq!(
        (found.engine.as_deref(), found.class.as_deref()),
        (Some("mysql 8.4.3"), Some("db.r6g.large"))
    );
    assert_eq!((found.status.as_str(), found.cluster), ("available", None));
    let elsewhere = at
        .cloud
        .describe_db_instances(&at.away, &at.account)
        .await
        .unwrap();
    assert!(elsewhere.iter().all(|instance| instance.identifier != id));
}

async fn clusters_are_described_and_their_instances_name_them(at: &Place) {
    let id = cluster(at, "cluster").await;
    let all = at
        .cloud
        .describe_db_clusters(&at.home, &at.account)
        .await
        .unwrap();
    let found = all.into_iter().find(|cluster| cluster.identifier == id).unwrap();
    assert_eq!(
        found.arn,
        format!("arn:aws:rds:{}:{}:cluster:{id}", at.home, at.account)
    );
    assert_eq!(
        found.engine.as_deref(),
        Some("aurora-mysql 8.0.mysql_aurora.3.08.0")
    );
    assert_eq!((found.status.as_str(), found.class), ("available", None));
    let instances = at
        .cloud
        .describe_db_instances(&at.home, &at.account)
        .await
        .unwrap();
    let of_it: Vec<_> = instances
        .into_iter()
        .filter(|instance| instance.cluster.as_ref() == Some(&id))
        .map(|instance| instance.class)
        .collect();
    assert_eq!(of_it, [Some("db.r6g.large".to_owned())]);
    let elsewhere = at
        .cloud
        .describe_db_clusters(&at.away, &at.account)
        .await
        .unwrap();
    assert!(elsewhere.iter().all(|cluster| cluster.identifier != id));
}

async fn snapshots_of_others_than_aws_backup_are_left_out(at: &Place) {
    let id = database(at, "manual").await;
    snapshot(at, &id, "manual").await;
    let found = at
        .cloud
        .describe_backup_snapshots(&at.home, &at.account, &id)
        .await
        .unwrap();
    assert_eq!(found, []);
}

async fn an_export_is_told_as_it_was_asked_for(at: &Place) {
    let id = database(at, "asked").await;
    let source = snapshot(at, &id, "asked").await;
    let request = request(at, &source, "asked").await;
    let task = start(at, &request).await;
    assert_eq!(
        (&task.identifier, &task.source_arn),
        (&request.identifier, &source)
    );
    assert_eq!((&task.bucket, &task.prefix), (&request.bucket, &request.prefix));
    assert_eq!((task.failure_cause, task.warning), (None, None));
}

async fn exports_are_told_by_their_identifier_and_their_snapshot(at: &Place) {
    let id = database(at, "told").await;
    let source = snapshot(at, &id, "told").await;
    let request = request(at, &source, "told").await;
    start(at, &request).await;
    let (region, account) = (&at.home, &at.account);
    let one = at
        .cloud
        .describe_export_task(region, account, &request.identifier)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (&one.identifier, &one.prefix),
        (&request.identifier, &request.prefix)
    );
    let of =
        |tasks: Vec<ExportTask>| -> Vec<String> { tasks.into_iter().map(|task| task.identifier).collect() };
    let source = source.parse().unwrap();
    let by_source = at
        .cloud
        .describe_export_tasks(region, account, Some(&source))
        .await
        .unwrap();
    assert_eq!(of(by_source), std::slice::from_ref(&request.identifier));
    let all = at
        .cloud
        .describe_export_tasks(region, account, None)
        .await
        .unwrap();
    assert!(of(all).contains(&request.identifier));
    let other = source.as_str().replace("told", "none").parse().unwrap();
    let by_other = at
        .cloud
        .describe_export_tasks(region, account, Some(&other))
        .await
        .unwrap();
    assert_eq!(of(by_other), [""; 0]);
}

async fn an_export_that_is_begun_is_under_way(at: &Place) {
    let id = database(at, "begun").await;
    let source = snapshot(at, &id, "begun").await;
    let request = request(at, &source, "begun").await;
    let task = start(at, &request).await;
    assert!(task.status.is_under_way(), "{task:?}");
    let under_way = at.cloud.exports_under_way(&at.home, &at.account).await.unwrap();
    assert!(under_way.iter().any(|task| task.identifier == request.identifier));
}

async fn an_identifier_is_used_once(at: &Place) {
    let at = &within("us-west-2", at);
    let id = database(at, "once").await;
    let source = snapshot(at, &id, "once").await;
    let request = request(at, &source, "once").await;
    start(at, &request).await;
    let again = at
        .cloud
        .start_export_task(&at.home, &at.account, &request)
        .await
        .unwrap_err();
    assert_eq!(again.kind, ErrorKind::AlreadyExists, "{again}");
}

async fn an_export_of_nothing_is_not_found(at: &Place) {
    let none = format!(
        "arn:aws:rds:{}:{}:snapshot:awsbackup:job-none",
        at.home, at.account
    );
    let request = request(at, &none, "nothing").await;
    let error = at
        .cloud
        .start_export_task(&at.home, &at.account, &request)
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound, "{error}");
}

async fn an_export_that_is_not_known_is_none(at: &Place) {
    let found = at
        .cloud
        .describe_export_task(&at.home, &at.account, &at.name("none"))
        .await
        .unwrap();
    assert_eq!(found, None);
}

async fn an_export_is_cancelled(at: &Place) {
    let at = &within("us-west-2", at);
    let id = database(at, "cancelled").await;
    let source = snapshot(at, &id, "cancelled").await;
    let request = request(at, &source, "cancelled").await;
    start(at, &request).await;
    at.cloud
        .cancel_export_task(&at.home, &at.account, &request.identifier)
        .await
        .unwrap();
    let task = at
        .cloud
        .describe_export_task(&at.home, &at.account, &request.identifier)
        .await
        .unwrap()
        .unwrap();
    assert!(
        matches!(task.status, ExportStatus::Canceling | ExportStatus::Canceled),
        "{task:?}"
    );
}

async fn cancelling_what_is_not_known_is_not_found(at: &Place) {
    let error = at
        .cloud
        .cancel_export_task(&at.home, &at.account, &at.name("none"))
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound, "{error}");
}

async fn a_snapshot_is_not_exported_twice_at_once(at: &Place) {
    let at = &within("us-west-2", at);
    let id = database(at, "twice").await;
    let source = snapshot(at, &id, "twice").await;
    start(at, &request(at, &source, "twice").await).await;
    let second = request(at, &source, "second").await;
    let error = at
        .cloud
        .start_export_task(&at.home, &at.account, &second)
        .await
        .unwrap_err();
    assert_eq!(error.code.as_deref(), Some("InvalidExportSourceState"), "{error}");
    assert_eq!(error.kind, ErrorKind::Invalid);
}

async fn a_sixth_export_has_to_wait(at: &Place) {
    let at = &within("eu-west-1", at);
    let id = database(at, "limit").await;
    for number in 1..=6 {
        let source = snapshot(at, &id, &format!("limit-{number}")).await;
        let request = request(at, &source, &format!("limit-{number}")).await;
        let answer = at.cloud.start_export_task(&at.home, &at.account, &request).await;
        if number <= 5 {
            answer.unwrap();
        } else {
            let error = answer.unwrap_err();
            assert_eq!(error.kind, ErrorKind::Limit, "{error}");
        }
    }
}

async fn an_identifier_that_is_none_is_refused(at: &Place) {
    let id = database(at, "identifier").await;
    let source = snapshot(at, &id, "identifier").await;
    let good = request(at, &source, "identifier").await;
    for bad in ["a--b", "a-", "1a", &"a".repeat(61)] {
        let request = ExportRequest {
            identifier: bad.into(),
            ..good.clone()
        };
        let error = at
            .cloud
            .start_export_task(&at.home, &at.account, &request)
            .await
            .expect_err(bad);
        assert_eq!(error.kind, ErrorKind::Invalid, "{bad}: {error}");
    }
}
