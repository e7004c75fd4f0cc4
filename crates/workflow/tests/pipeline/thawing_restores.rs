//! A restore of a copy in Glacier asks for the thaw that was agreed to, waits for it over servers that come and go, and
//! ends proven.

use std::time::Duration;

use jiff::SignedDuration;
use recovery::actor::{Permission, Via};
use recovery::archive::Tier;
use recovery::audit::Phase as AuditPhase;
use recovery::awaited_thaw::ThawAgreement;
use recovery::ids::RunId;
use recovery::point::RecoveryPoint;
use recovery::preflight::Depth;
use recovery::request::{Approval, PlanRequest, TableRequest};
use recovery::run::{Outcome, Pause, Phase, Run};
use tokio::time::{sleep, timeout};
use workflow::{AuditQuery, Error, Workflow};

use crate::glacier::freeze;
use crate::restores::{ended, work};
use crate::scene::{Scene, WEST, operator, region, viewer};

fn request(point: &RecoveryPoint, partition: &str) -> PlanRequest {
    PlanRequest {
        recovery_point: point.id.clone(),
        region: region(WEST),
        target_region: region(WEST),
        tables: vec![TableRequest::new(
            "securecart.customers".parse().unwrap(),
            "customers-thawed".parse().unwrap(),
            partition,
        )],
        preflight: Depth::Exact,
        show_values: false,
    }
}

fn agreed(tier: Tier) -> Approval {
    Approval {
        thaw: Some(ThawAgreement { tier, days: 2 }),
        ..Approval::because("the replica is the last one")
    }
}

/// Until the run is as `is_so` says; a run that ends otherwise is shown.
async fn until(workflow: &Workflow, id: &RunId, is_so: impl Fn(&Run) -> bool) -> Run {
    let seen = async {
        loop {
            let run = workflow.run(id).await.unwrap();
            if is_so(&run) {
                return run;
            }
            assert_eq!(run.outcome, None, "{run:#?}");
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(Duration::from_mins(1), seen).await.unwrap()
}

fn is_asked(run: &Run) -> bool {
    run.phase == Phase::Thawing && run.thaw.as_ref().is_some_and(|thaw| thaw.asked_at.is_some())
}

/// A point whose copy in the west lies in DEEP_ARCHIVE, and that is known.
async fn frozen(scene: &Scene, workflow: &Workflow) -> RecoveryPoint {
    let point = scene.verified_point(workflow).await;
    freeze(scene, &point, WEST, "DEEP_ARCHIVE").await;
    workflow.verify(&operator(), &point.id).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_waits_for_the_thaw_over_two_servers_and_is_proven() {
    let scene = Scene::new().await;
    let workflow = scene.workflow().await;
    let point = frozen(&scene, &workflow).await;
    let draft = workflow
        .draft(&operator(), &point.id, &region(WEST))
        .await
        .unwrap();
    let tiers: Vec<Tier> = draft.thaws.iter().map(|option| option.tier).collect();
    assert_eq!(tiers, [Tier::Standard, Tier::Bulk]);
    let customers = draft
        .tables
        .iter()
        .find(|table| table.summary.name.table() == "customers")
        .unwrap();
    assert_eq!(customers.candidates[0].partition, "id");
    assert!(!customers.candidates[0].proven, "nobody has read a row");

    let refused = workflow
        .start_request(&operator(), request(&point, "id"), Approval::default())
        .await;
    assert!(matches!(refused, Err(Error::Blocked(_))), "{refused:?}");
    let refused = workflow
        .start_request(&operator(), request(&point, "id"), agreed(Tier::Expedited))
        .await;
    assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    let refused = workflow
        .start_request(&viewer(), request(&point, "id"), agreed(Tier::Standard))
        .await;
    assert!(matches!(refused, Err(Error::NotPermitted { .. })), "{refused:?}");

    let run = workflow
        .start_request(&operator(), request(&point, "id"), agreed(Tier::Standard))
        .await
        .unwrap();
    assert_eq!((run.phase, run.plan_digest.as_ref()), (Phase::Queued, None));
    assert!(run.rows_total() > 0, "what the last check saw of it");
    let plan = workflow.plan_of(&run.run_id).await;
    assert!(matches!(plan, Err(Error::NotFound { .. })), "{plan:?}");
    // The target is taken from now on, though nothing is written yet.
    let twice = workflow
        .start_request(&operator(), request(&point, "id"), agreed(Tier::Standard))
        .await;
    assert!(matches!(twice, Err(Error::Conflict(_))), "{twice:?}");

    let (stop, workers) = work(&workflow);
    let waiting = until(&workflow, &run.run_id, is_asked).await;
    let thaw = waiting.thaw.unwrap();
    assert_eq!((thaw.readable, thaw.over_at), (0, None));
    assert_eq!(
        thaw.expected_by,
        Some(thaw.asked_at.unwrap() + SignedDuration::from_hours(12)),
        "as AWS states it"
    );
    stop.cancel();
    workers.await.unwrap();

    // Another server sees it through.
    let other = scene.workflow().await;
    scene.aws.clock().advance(SignedDuration::from_mins(2));
    let (stop, workers) = work(&other);
    let over = ended(&other, &run).await;
    assert_eq!(over.outcome, Some(Outcome::Proven), "{over:#?}");
    assert!(over.thaw.as_ref().unwrap().over_at.is_some());
    assert_eq!(
        over.plan_digest,
        Some(other.plan_of(&run.run_id).await.unwrap().digest())
    );
    let phases: Vec<Phase> = over.phases.iter().map(|start| start.phase).collect();
    assert_eq!(phases[..3], [Phase::Queued, Phase::Thawing, Phase::Checking]);
    assert_eq!(over.resumed, 0, "waiting is no interruption");
    stop.cancel();
    workers.await.unwrap();

    let log = other.audit(&AuditQuery::default()).await.unwrap().items;
    let thaws: Vec<_> = log
        .iter()
        .filter(|entry| entry.permission == Permission::Thaw && entry.actor.via == Via::Worker)
        .collect();
    let phases: Vec<AuditPhase> = thaws.iter().map(|entry| entry.phase).collect();
    assert_eq!(phases, [AuditPhase::Succeeded, AuditPhase::Started]);
    assert!(
        thaws[1]
            .detail
            .contains("standard, readable for 2 days; takes 12 hours"),
        "{thaws:#?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_that_waits_can_rest_and_be_cancelled() {
    let scene = Scene::new().await;
    let workflow = scene.workflow().await;
    let point = frozen(&scene, &workflow).await;
    let run = workflow
        .start_request(&operator(), request(&point, "id"), agreed(Tier::Bulk))
        .await
        .unwrap();
    let (stop, workers) = work(&workflow);
    until(&workflow, &run.run_id, is_asked).await;
    workflow.pause(&operator(), &run.run_id).await.unwrap();
    until(&workflow, &run.run_id, |run| run.pause == Pause::Paused).await;
    scene.aws.clock().advance(SignedDuration::from_mins(2));
    sleep(Duration::from_secs(2)).await;
    let resting = workflow.run(&run.run_id).await.unwrap();
    assert_eq!((resting.phase, resting.plan_digest), (Phase::Thawing, None));
    workflow.cancel(&operator(), &run.run_id).await.unwrap();
    let over = ended(&workflow, &run).await;
    assert_eq!(over.outcome, Some(Outcome::Cancelled), "{over:#?}");
    stop.cancel();
    workers.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_froze_again_is_not_thawed_a_second_time() {
    let scene = Scene::new().await;
    let workflow = scene.workflow().await;
    let point = frozen(&scene, &workflow).await;
    let run = workflow
        .start_request(&operator(), request(&point, "id"), agreed(Tier::Standard))
        .await
        .unwrap();
    let (stop, workers) = work(&workflow);
    until(&workflow, &run.run_id, is_asked).await;
    workflow.pause(&operator(), &run.run_id).await.unwrap();
    until(&workflow, &run.run_id, |run| run.pause == Pause::Paused).await;
    scene.aws.clock().advance(SignedDuration::from_mins(2));
    workflow.reconcile().await.unwrap();
    scene.aws.clock().advance(SignedDuration::from_hours(3 * 24));
    workflow.reconcile().await.unwrap();
    workflow.resume(&operator(), &run.run_id).await.unwrap();
    let over = ended(&workflow, &run).await;
    assert_eq!(over.outcome, Some(Outcome::Failed), "{over:#?}");
    let message = over.failure.unwrap().message;
    assert!(message.contains("froze again"), "{message}");
    stop.cancel();
    workers.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_its_preflight_blocks_ends_the_restore_before_anything_is_written() {
    let scene = Scene::new().await;
    let workflow = scene.workflow().await;
    let point = frozen(&scene, &workflow).await;
    let refused = workflow
        .start_request(&operator(), request(&point, "country"), agreed(Tier::Standard))
        .await;
    assert!(
        matches!(refused, Err(Error::Invalid(_))),
        "no thaw is paid for a column that is not there: {refused:?}"
    );
    let run = workflow
        .start_request(&operator(), request(&point, "tier"), agreed(Tier::Standard))
        .await
        .unwrap();
    let (stop, workers) = work(&workflow);
    until(&workflow, &run.run_id, is_asked).await;
    scene.aws.clock().advance(SignedDuration::from_mins(2));
    let over = ended(&workflow, &run).await;
    assert_eq!((over.outcome, over.plan_digest), (Some(Outcome::Failed), None));
    let failure = over.failure.unwrap();
    assert!(failure.message.contains("the plan is blocked"), "{failure:?}");
    let cloud = scene.cloud().await;
    let target = aws::dynamodb::TableRef::new(region(WEST), "customers-thawed".parse().unwrap());
    assert!(cloud.describe_table(&target).await.unwrap_err().is_not_found());
    stop.cancel();
    workers.await.unwrap();
}
