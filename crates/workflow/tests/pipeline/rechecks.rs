//! Copies rot: verified ones are checked again, the oldest first, within a budget, and what is lost is told everywhere.

use jiff::SignedDuration;
use recovery::audit::Phase;
use recovery::verdict::Verdict;
use workflow::{AuditQuery, Workflow};

use crate::scene::{HOME, Scene, WEST, operator, region};

const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

async fn passed(scene: &Scene, time: SignedDuration) -> Workflow {
    scene.aws.clock().advance(time);
    let workflow = scene.workflow().await;
    workflow.reconcile().await.unwrap();
    workflow
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verified_copy_that_rots_is_found_and_told() {
    let scene = Scene::new().await;
    scene.keep_versions().await;
    let workflow = scene.workflow().await;
    let point = scene.verified_point(&workflow).await;
    let keys = scene.parquet(&point).await;
    scene.remove(WEST, &keys[0]).await;
    let idle = workflow.recheck().await.unwrap();
    assert_eq!(idle.checked, 0, "nothing is due yet");
    assert!(workflow.lost_copies().await.unwrap().is_empty());

    let workflow = passed(&scene, WEEK).await;
    let done = workflow.recheck().await.unwrap();
    assert_eq!((done.checked, done.errors.len()), (3, 0), "{done:?}");
    let found = workflow.recovery_point(&point.id).await.unwrap();
    let west = found.copy_in(&region(WEST)).unwrap();
    assert!(
        matches!(&west.verdict, Verdict::Incomplete { missing, .. } if missing.len() == 1),
        "{west:?}"
    );
    assert!(west.lost_at.is_some() && west.verified_at.is_none());
    let lost = workflow.lost_copies().await.unwrap();
    assert_eq!(
        (lost.len(), lost[0].region.as_str(), &lost[0].recovery_point),
        (1, WEST, &point.id)
    );
    assert_eq!(workflow.metrics().copies_lost.get(WEST), Some(&1));
    let log = workflow.audit(&AuditQuery::default()).await.unwrap().items;
    assert_eq!(
        (log[0].phase, log[0].actor.name.as_str()),
        (Phase::Failed, "data-restore")
    );
    assert!(
        log[0].detail.contains("was verified and is no longer"),
        "{:?}",
        log[0]
    );

    // It is told once, however often it is looked at, until it is repaired.
    scene.aws.clock().advance(SignedDuration::from_mins(11));
    workflow.reconcile().await.unwrap();
    let again = workflow.audit(&AuditQuery::default()).await.unwrap().items;
    assert_eq!(again.len(), log.len());
    workflow.repair(&operator(), &point.id, None).await.unwrap();
    assert!(workflow.lost_copies().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_rots_takes_no_replica_with_it() {
    let scene = Scene::new().await;
    let workflow = scene.workflow().await;
    let point = scene.verified_point(&workflow).await;
    let keys = scene.parquet(&point).await;
    scene.alter(HOME, &keys[0]).await;
    let workflow = passed(&scene, WEEK).await;
    workflow.recheck().await.unwrap();
    let found = workflow.recovery_point(&point.id).await.unwrap();
    for copy in &found.copies {
        assert_eq!(copy.verdict.is_restorable(), !copy.is_export, "{copy:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_oldest_come_first_and_no_more_than_the_day_allows() {
    let scene = Scene::new().await;
    let workflow = scene.workflow().await;
    let first = scene.verified_point(&workflow).await;
    let second = scene.verified_point(&workflow).await;
    let bytes: u64 = first
        .copies
        .iter()
        .map(|copy| copy.evidence.as_ref().unwrap().bytes)
        .sum();
    let mut settings = scene.settings();
    settings.copies.recheck_bytes_per_day = bytes + bytes / 2;
    scene.aws.clock().advance(WEEK);
    let workflow = scene.workflow_with(settings).await;
    workflow.reconcile().await.unwrap();
    let due = workflow.now();
    for day in 0..2 {
        workflow.recheck().await.unwrap();
        assert_eq!(
            workflow.recheck().await.unwrap().checked,
            0,
            "the day's budget is spent"
        );
        let mut checked = Vec::new();
        for id in [&first.id, &second.id] {
            let point = workflow.recovery_point(id).await.unwrap();
            checked.push(point.copies.iter().all(|copy| copy.checked_at >= Some(due)));
        }
        assert_eq!(checked, [true, day == 1], "day {day}");
        scene.aws.clock().advance(SignedDuration::from_hours(24));
    }
}
