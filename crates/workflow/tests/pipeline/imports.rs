//! Restores by DynamoDB's import from S3: taken over by another process, and cancelled.

use std::time::Duration;

use aws::dynamodb::TableRef;
use futures::StreamExt;
use recovery::plan::{Plan, Way};
use recovery::request::{Approval, PlanRequest, TableRequest};
use recovery::run::{Outcome, Phase, Run};
use tokio_util::sync::CancellationToken;
use workflow::Workflow;

use crate::scene::{IRELAND, Scene, WEST, bucket, operator, region};

/// A plan that imports the customers, with what is put into S3 for it below `work/`.
pub async fn planned(scene: &Scene, workflow: &Workflow) -> Plan {
    let point = scene.verified_point(workflow).await;
    let table = TableRequest {
        way: Way::Import {
            bucket: bucket(IRELAND),
            prefix: "work".to_owned(),
        },
        ..TableRequest::new(
            "securecart.customers".parse().unwrap(),
            "customers".parse().unwrap(),
            "id",
        )
    };
    let request = PlanRequest {
        recovery_point: point.id,
        region: region(WEST),
        target_region: region(IRELAND),
        tables: vec![table],
        preflight: recovery::preflight::Depth::Exact,
        show_values: false,
    };
    let planned = workflow.plan(&operator(), &request).await.unwrap();
    assert!(!planned.preflight.is_blocked(), "{:#?}", planned.preflight);
    planned.plan.unwrap()
}

pub fn work(workflow: &Workflow) -> (CancellationToken, tokio::task::JoinHandle<()>) {
    let (stop, workflow) = (CancellationToken::new(), workflow.clone());
    let token = stop.clone();
    (
        stop,
        tokio::spawn(async move { workflow.run_workers(token).await }),
    )
}

async fn objects(scene: &Scene) -> usize {
    let account = scene.account.as_str();
    let bucket = bucket(IRELAND);
    let objects = scene.aws.s3().list(account, IRELAND, &bucket, "work/");
    objects.await.unwrap().len()
}

/// Waits until DynamoDB imports.
async fn importing(scene: &Scene) {
    let table = TableRef::new(region(IRELAND), "customers".parse().unwrap());
    for _ in 0..600 {
        if scene.cloud().await.describe_table(&table).await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("no import has begun");
}

pub async fn ended(workflow: &Workflow, run: &Run) -> Run {
    let seen: Vec<Run> = workflow.watch(&run.run_id).map(Result::unwrap).collect().await;
    seen.last().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_whose_server_died_is_followed_to_its_proof_by_the_next() {
    let scene = Scene::importing_for(Duration::from_secs(3)).await;
    let workflow = scene.workflow().await;
    let plan = planned(&scene, &workflow).await;
    let run = workflow
        .start(&operator(), plan, Approval::default())
        .await
        .unwrap();
    let doomed = scene.workflow().await;
    let (_stop, workers) = work(&doomed);
    importing(&scene).await;
    workers.abort();
    let _ = workers.await;
    assert!(objects(&scene).await > 0);

    let (stop, workers) = work(&workflow);
    let run = tokio::time::timeout(Duration::from_mins(2), ended(&workflow, &run))
        .await
        .unwrap();
    assert_eq!(run.outcome, Some(Outcome::Proven), "{run:#?}");
    assert_eq!(run.resumed, 1);
    let table = &run.tables[0];
    assert_eq!(table.items_written, table.rows_total);
    assert!(table.is_proven() && table.bytes_written > 0, "{table:?}");
    assert_eq!(objects(&scene).await, 0);
    stop.cancel();
    workers.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_import_says_what_goes_on_without_it() {
    let scene = Scene::importing_for(Duration::from_mins(10)).await;
    let workflow = scene.workflow().await;
    let plan = planned(&scene, &workflow).await;
    let place = restore::work_prefixes(&plan).remove(0);
    let run = workflow
        .start(&operator(), plan, Approval::default())
        .await
        .unwrap();
    let (stop, workers) = work(&workflow);
    importing(&scene).await;
    workflow.cancel(&operator(), &run.run_id).await.unwrap();
    let run = ended(&workflow, &run).await;
    assert_eq!((run.phase, run.outcome), (Phase::Ended, Some(Outcome::Cancelled)));
    let said = run.failure.unwrap().message;
    assert!(said.contains("customers") && said.contains(&place), "{said}");
    assert!(objects(&scene).await > 0, "DynamoDB still reads them");
    stop.cancel();
    workers.await.unwrap();
}
