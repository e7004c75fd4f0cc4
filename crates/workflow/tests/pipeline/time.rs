//! Events that never come, and clocks that jump.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use recovery::point::State;
use recovery::request::Approval;
use recovery::run::Outcome;
use recovery::timeline::{Mark, MarkState};
use workflow::{AuditQuery, PointQuery, Workflow, verify_chain};

use crate::restores::{ended, planned, work};
use crate::scene::{HOME, Scene, operator, region};

const DAY: SignedDuration = SignedDuration::from_hours(24);

async fn marks(workflow: &Workflow, from: Timestamp) -> Vec<Mark> {
    let timelines = workflow.timelines(from, workflow.now()).await.unwrap();
    timelines[0].lanes[0].marks.clone()
}

fn count(marks: &[Mark], state: MarkState) -> usize {
    marks.iter().filter(|mark| mark.state == state).count()
}

/// Takes every event out of the queue before the product sees it; how many there were.
async fn lose_events(scene: &Scene) -> usize {
    let cloud = scene.cloud().await;
    let queue = cloud
        .queue(&region(HOME), &scene.account, local_aws::events::QUEUE)
        .await
        .unwrap();
    let mut lost = 0;
    loop {
        let messages = cloud.receive_messages(&queue, Duration::ZERO).await.unwrap();
        if messages.is_empty() {
            return lost;
        }
        cloud.delete_messages(&queue, &messages).await.unwrap();
        lost += messages.len();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_of_an_hour_is_lost_and_the_next_pass_catches_up() {
    let scene = Scene::new().await;
    let workflow = scene.workflow().await;
    let began = scene.aws.clock().now();
    scene.verified_point(&workflow).await;
    workflow.consume_events().await.unwrap();
    // An hour without events: a backup, one that is missed, one that is late; a deletion; an export that ends.
    let (backup, account) = (scene.aws.control().backup(), scene.account.as_str());
    scene.hour().await;
    workflow.reconcile().await.unwrap();
    let deleted = scene.newest(&workflow).await;
    scene.export().await;
    scene.replicate().await;
    scene.aws.control().faults().skip_next_backup("securecart");
    scene.hour().await;
    scene.pass(SignedDuration::from_mins(20)).await;
    backup.back_up_now(account, HOME, "securecart", "hourly").unwrap();
    scene.pass(SignedDuration::from_secs(1)).await;
    backup.delete_point(account, HOME, deleted.arn.as_str()).unwrap();
    assert!(lose_events(&scene).await >= 4);
    assert_eq!(workflow.consume_events().await.unwrap().received, 0);

    let caught_up = workflow.reconcile().await.unwrap();
    assert_eq!(
        (
            caught_up.discovered, caught_up.completed, caught_up.verified, caught_up.deleted
        ),
        (1, 1, 3, 1),
        "{caught_up:?}"
    );
    assert_eq!(caught_up.errors, [""; 0]);
    let late = scene.newest(&workflow).await;
    assert_eq!(late.state, State::Exporting);
    assert!(
        late.late_by_seconds.is_some_and(|seconds| seconds >= 600),
        "{late:?}"
    );
    scene.export().await;
    scene.replicate().await;
    workflow.reconcile().await.unwrap();
    let seen = marks(&workflow, began).await;
    assert_eq!(
        (
            count(&seen, MarkState::Verified),
            count(&seen, MarkState::Late),
            count(&seen, MarkState::Missed)
        ),
        (2, 1, 0),
        "the late one answers its due time: {seen:?}"
    );
    let ended = workflow.recovery_point(&deleted.id).await.unwrap();
    assert_eq!(ended.state, State::Deleted);
    assert!(
        ended.copies.iter().all(|copy| copy.verdict.is_restorable()),
        "its copies live on"
    );
}

/// The product with a clock of its own, so many seconds before or after AWS's.
async fn workflow_off_by(scene: &Scene, seconds: &Arc<AtomicI64>) -> Workflow {
    let (clock, off) = (scene.aws.clock().clone(), Arc::clone(seconds));
    let now = move || clock.now() + SignedDuration::from_secs(off.load(Ordering::SeqCst));
    Workflow::open(scene.cloud().await, scene.settings(), Arc::new(now))
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_jumps_a_day_ahead_and_back_loses_nothing() {
    let scene = Scene::new().await;
    let began = scene.aws.clock().now();
    let off = Arc::new(AtomicI64::new(0));
    let workflow = workflow_off_by(&scene, &off).await;
    scene.verified_point(&workflow).await;
    let point = scene.verified_point(&workflow).await;

    // Ahead, with an export under way and a restore that is executed: both end as they would have.
    scene.hour().await;
    workflow.reconcile().await.unwrap();
    let plan = planned(&workflow, &point, "ahead").await;
    let run = workflow
        .start(&operator(), plan, Approval::default())
        .await
        .unwrap();
    let (stop, workers) = work(&workflow);
    off.store(DAY.as_secs(), Ordering::SeqCst);
    let run = ended(&workflow, &run).await;
    assert_eq!(run.outcome, Some(Outcome::Proven), "{run:#?}");
    stop.cancel();
    workers.await.unwrap();
    scene.export().await;
    scene.replicate().await;
    let ahead = workflow.reconcile().await.unwrap();
    assert_eq!(
        (ahead.deleted, ahead.expired, ahead.errors.len()),
        (0, 0, 0),
        "{ahead:?}"
    );
    assert_eq!(scene.newest(&workflow).await.state, State::Verified);
    // Seen from a day ahead, a day of backups is missing; that is a view and no record.
    assert!(count(&marks(&workflow, began).await, MarkState::Missed) > 20);

    // Back: the view is right again, new recovery points are found, nothing waits for the time that was.
    off.store(0, Ordering::SeqCst);
    let point = scene.verified_point(&workflow).await;
    assert_eq!(point.state, State::Verified, "{point:#?}");
    let back = workflow.reconcile().await.unwrap();
    assert_eq!((back.waiting, back.errors.len()), (0, 0), "{back:?}");
    let seen = marks(&workflow, began).await;
    assert_eq!(
        (count(&seen, MarkState::Verified), count(&seen, MarkState::Missed)),
        (4, 0),
        "{seen:?}"
    );
    let plan = planned(&workflow, &point, "back").await;
    let run = workflow
        .start(&operator(), plan, Approval::default())
        .await
        .unwrap();
    let (stop, workers) = work(&workflow);
    assert_eq!(ended(&workflow, &run).await.outcome, Some(Outcome::Proven));
    stop.cancel();
    workers.await.unwrap();

    // A day behind as well: nothing that AWS has already made is taken for missing or new.
    off.store(-DAY.as_secs(), Ordering::SeqCst);
    let behind = workflow.reconcile().await.unwrap();
    assert_eq!(
        (behind.discovered, behind.deleted, behind.errors.len()),
        (0, 0, 0),
        "{behind:?}"
    );
    off.store(0, Ordering::SeqCst);
    workflow.reconcile().await.unwrap();
    let all = workflow
        .recovery_points(&PointQuery::default())
        .await
        .unwrap()
        .items;
    assert!(all.iter().all(|point| point.state == State::Verified), "{all:#?}");

    // The audit log's order is its sequence, whatever the clock said.
    let log = workflow.audit(&AuditQuery::default()).await.unwrap().items;
    let last = verify_chain(&log).unwrap().last;
    assert_eq!(usize::try_from(last).unwrap(), log.len());
}
