//! Restores: what is refused, what is proven, and what a dead server leaves to the next one.

use std::sync::atomic::Ordering;
use std::time::Duration;

use futures::StreamExt;
use recovery::audit::Phase as AuditPhase;
use recovery::plan::Plan;
use recovery::point::RecoveryPoint;
use recovery::preflight::Depth;
use recovery::request::{Approval, PlanRequest, TableRequest};
use recovery::run::{Outcome, Phase, Run};
use tokio_util::sync::CancellationToken;
use workflow::{AuditQuery, Ctx, Error, RunQuery, RunState, Workflow, verify_chain};

use crate::proxy::{Cut, Proxy};
use crate::scene::{IRELAND, Scene, WEST, bucket, operator, region, viewer};

fn request(point: &RecoveryPoint, suffix: &str) -> PlanRequest {
    let table = |name: &str, partition: &str, sort: Option<&str>| TableRequest {
        sort: sort.map(str::to_owned),
        ..TableRequest::new(
            format!("securecart.{name}").parse().unwrap(),
            format!("{name}-{suffix}").parse().unwrap(),
            partition,
        )
    };
    PlanRequest {
        recovery_point: point.id.clone(),
        region: region(WEST),
        target_region: region(IRELAND),
        tables: vec![
            table("customers", "id", None),
            table("order_items", "order_id", Some("line_no")),
        ],
        preflight: Depth::Exact,
        show_values: false,
    }
}

pub async fn planned(workflow: &Workflow, point: &RecoveryPoint, suffix: &str) -> Plan {
    let planned = workflow.plan(&operator(), &request(point, suffix)).await.unwrap();
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

pub async fn ended(workflow: &Workflow, run: &Run) -> Run {
    let seen: Vec<Run> = workflow.watch(&run.run_id).map(Result::unwrap).collect().await;
    let last = seen.last().unwrap().clone();
    assert_eq!(last.phase, Phase::Ended);
    last
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_is_proven_and_everything_about_it_is_recorded() {
    let scene = Scene::new().await;
    let workflow = scene.workflow().await;
    let point = scene.verified_point(&workflow).await;

    let draft = workflow
        .draft(&operator(), &point.id, &region(WEST))
        .await
        .unwrap();
    assert_eq!(draft.target_regions[0], region(WEST));
    let customers = draft
        .tables
        .iter()
        .find(|table| table.summary.name.table() == "customers")
        .unwrap();
    assert!(
        customers.candidates[0].proven && customers.candidates[0].partition == "id",
        "{customers:?}"
    );

    let plan = planned(&workflow, &point, "a").await;
    let refused = workflow.start(&viewer(), plan.clone(), Approval::default()).await;
    assert!(matches!(refused, Err(Error::NotPermitted { .. })), "{refused:?}");
    let mut altered = plan.clone();
    altered.tables[0].rows -= 1;
    let refused = workflow.start(&operator(), altered, Approval::default()).await;
    assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");

    let run = workflow
        .start(&operator(), plan.clone(), Approval::because("a drill"))
        .await
        .unwrap();
    assert_eq!(run.phase, Phase::Queued);
    let twice = workflow
        .start(&operator(), plan.clone(), Approval::default())
        .await;
    assert!(matches!(twice, Err(Error::Conflict(_))), "{twice:?}");
    let (stop, workers) = work(&workflow);
    // Another process sees it, too.
    let other = scene.workflow().await;
    let (here, there) = tokio::join!(ended(&workflow, &run), ended(&other, &run));
    assert_eq!(here.outcome, Some(Outcome::Proven), "{here:#?}");
    assert_eq!((here.outcome, here.resumed), (there.outcome, 0));
    assert!(
        here.tables
            .iter()
            .all(|table| table.is_proven() && table.items_written == table.rows_total)
    );
    assert_eq!(workflow.plan_of(&run.run_id).await.unwrap(), plan);
    let proven = RunQuery {
        state: Some(RunState::Proven),
        ..RunQuery::default()
    };
    assert_eq!(
        workflow.runs(&proven).await.unwrap().items,
        [other.run(&run.run_id).await.unwrap()]
    );

    // Its targets are full now.
    let blocked = workflow.start(&operator(), plan, Approval::default()).await;
    assert!(matches!(blocked, Err(Error::Blocked(_))), "{blocked:?}");
    stop.cancel();
    workers.await.unwrap();

    let log = workflow.audit(&AuditQuery::default()).await.unwrap().items;
    verify_chain(&log).unwrap();
    let of_run: Vec<AuditPhase> = log
        .iter()
        .filter(|entry| entry.subject == run.run_id.as_str())
        .map(|entry| entry.phase)
        .collect();
    assert_eq!(of_run, [AuditPhase::Succeeded, AuditPhase::Started]);
    let refusals = log
        .iter()
        .filter(|entry| entry.phase == AuditPhase::Refused)
        .count();
    assert_eq!(refusals, 4, "{log:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_verified_or_not_configured_is_refused_with_nothing_written() {
    let scene = Scene::new().await;
    let workflow = scene.workflow().await;
    let point = scene.verified_point(&workflow).await;
    let plan = planned(&workflow, &point, "b").await;

    let mut elsewhere = request(&point, "b");
    elsewhere.target_region = region("ap-south-1");
    let refused = workflow.plan(&operator(), &elsewhere).await;
    assert!(
        matches!(refused, Err(Error::RegionNotConfigured { .. })),
        "{refused:?}"
    );
    let refused = workflow.plan(&viewer(), &request(&point, "b")).await;
    assert!(matches!(refused, Err(Error::NotPermitted { .. })), "{refused:?}");

    let object = scene
        .aws
        .s3()
        .list(
            scene.account.as_str(),
            WEST,
            &bucket(WEST),
            &format!("exports/{}/", point.id),
        )
        .await
        .unwrap()
        .remove(0);
    scene
        .aws
        .s3()
        .delete(scene.account.as_str(), WEST, &bucket(WEST), &object.key)
        .await
        .unwrap();
    workflow.verify(&operator(), &point.id).await.unwrap();
    let refused = workflow.start(&operator(), plan, Approval::default()).await;
    assert!(
        matches!(
            &refused,
            Err(Error::NotRestorable {
                verdict: "Incomplete",
                ..
            })
        ),
        "{refused:?}"
    );
    assert!(
        workflow
            .runs(&RunQuery::default())
            .await
            .unwrap()
            .items
            .is_empty()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_restore_stops_wherever_it_is_executed() {
    let scene = Scene::new().await;
    let workflow = scene.workflow().await;
    let point = scene.verified_point(&workflow).await;
    let run = workflow
        .start(
            &operator(),
            planned(&workflow, &point, "c").await,
            Approval::default(),
        )
        .await
        .unwrap();
    // Cancelled through one process before the other takes it up.
    let asked: Ctx = operator();
    assert!(
        workflow
            .cancel(&asked, &run.run_id)
            .await
            .unwrap()
            .cancel_requested
    );
    let other = scene.workflow().await;
    let (stop, workers) = work(&other);
    let run = ended(&workflow, &run).await;
    assert_eq!(run.outcome, Some(Outcome::Cancelled));
    let late = workflow.cancel(&asked, &run.run_id).await;
    assert!(matches!(late, Err(Error::Conflict(_))), "{late:?}");
    stop.cancel();
    workers.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_whose_server_died_is_finished_by_the_next() {
    let scene = Scene::new().await;
    let workflow = scene.workflow().await;
    let point = scene.verified_point(&workflow).await;
    let plan = planned(&workflow, &point, "d").await;

    // It dies in the middle of writing: a restore of these tables makes some hundreds of requests.
    let proxy = Proxy::new(scene.aws.address(), 250, Cut::Answer).await;
    let run = workflow
        .start(&operator(), plan, Approval::default())
        .await
        .unwrap();
    let doomed = scene.workflow_at(&proxy.endpoint()).await;
    let (_stop, workers) = work(&doomed);
    tokio::time::timeout(Duration::from_mins(1), proxy.shut.cancelled())
        .await
        .unwrap();
    workers.abort();
    let _ = workers.await;
    let left = workflow.run(&run.run_id).await.unwrap();
    assert!(
        left.outcome.is_none(),
        "{left:#?} after {} requests",
        proxy.seen.load(Ordering::SeqCst)
    );

    let (stop, workers) = work(&workflow);
    let run = tokio::time::timeout(Duration::from_mins(1), ended(&workflow, &run))
        .await
        .unwrap();
    assert_eq!(run.outcome, Some(Outcome::Proven), "{run:#?}");
    assert_eq!(run.resumed, 1);
    stop.cancel();
    workers.await.unwrap();
}
