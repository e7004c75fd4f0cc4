//! Exports that are cancelled, asked for again, and measured.

use jiff::SignedDuration;
use recovery::actor::Permission;
use recovery::audit::Phase;
use recovery::point::{State, StepName, StepStatus};
use workflow::{AuditQuery, Error};

use crate::scene::{HOME, Scene, WEST, operator, region, viewer};

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_cancelled_and_another_server_takes_up_the_next_one() {
    let scene = Scene::new().await;
    let (leader, other) = (scene.workflow().await, scene.workflow().await);
    scene.hour().await;
    leader.reconcile().await.unwrap();
    let point = scene.newest(&leader).await;
    assert_eq!(point.state, State::Exporting);
    let export = |point: &recovery::point::RecoveryPoint| {
        let found = point.steps.iter().find(|step| step.step == StepName::Exported);
        found.unwrap().clone()
    };

    let refused = other.cancel_export(&viewer(), &point.id).await.unwrap_err();
    assert!(matches!(refused, Error::NotPermitted { .. }), "{refused}");
    let refused = other.export_again(&operator(), &point.id).await.unwrap_err();
    assert!(
        refused.to_string().contains("its export is under way"),
        "{refused}"
    );
    let cancelled = other.cancel_export(&operator(), &point.id).await.unwrap();
    assert_eq!(
        export(&cancelled).status,
        StepStatus::InProgress,
        "RDS takes a while"
    );
    scene.pass(SignedDuration::from_secs(30)).await;
    leader.reconcile().await.unwrap();
    let point = scene.newest(&leader).await;
    assert_eq!(point.state, State::ExportFailed);
    assert!(
        export(&point).detail.contains("cancelled"),
        "{}",
        export(&point).detail
    );
    let refused = other.cancel_export(&operator(), &point.id).await.unwrap_err();
    assert!(refused.to_string().contains("nothing to cancel"), "{refused}");

    // The leader takes it for done, and would not look at it for an hour.
    let waits = other.export_again(&operator(), &point.id).await.unwrap();
    assert_eq!(waits.state, State::AwaitingExport);
    let pass = leader.reconcile().await.unwrap();
    assert_eq!((pass.started, pass.errors.len()), (1, 0), "{pass:?}");
    let point = scene.newest(&leader).await;
    assert!(
        point.copies[0].prefix.ends_with("-2"),
        "{}",
        point.copies[0].prefix
    );
    scene.export().await;
    scene.replicate().await;
    leader.reconcile().await.unwrap();
    assert_eq!(scene.newest(&leader).await.state, State::Verified);
    let refused = leader.export_again(&operator(), &point.id).await.unwrap_err();
    assert!(
        refused.to_string().contains("its export is complete"),
        "{refused}"
    );

    let entries = leader.audit(&AuditQuery::default()).await.unwrap().items;
    let told: Vec<(String, Phase)> = entries
        .iter()
        .rev()
        .filter(|entry| entry.subject == point.id.as_str() && entry.permission == Permission::Export)
        .map(|entry| (entry.detail.clone(), entry.phase))
        .collect();
    assert!(
        told.contains(&("cancel the export".to_owned(), Phase::Succeeded))
            && told.contains(&("export again".to_owned(), Phase::Succeeded))
            && told.iter().any(|(_, phase)| *phase == Phase::Refused),
        "{told:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_recovery_point_took_is_told_as_percentiles_and_an_expectation() {
    let scene = Scene::new().await;
    let workflow = scene.workflow().await;
    scene.verified_point(&workflow).await;
    scene.verified_point(&workflow).await;
    scene.hour().await;
    workflow.reconcile().await.unwrap();
    let source = "securecart".parse().unwrap();
    let timings = workflow.timings(&source).await.unwrap();
    assert_eq!(timings.recovery_points, 3);
    let exporting = timings.exporting.unwrap();
    assert_eq!(exporting.count, 2);
    assert!((20..=21).contains(&exporting.p50_seconds), "{exporting:?}");
    assert!(timings.exported.unwrap().p50_seconds >= exporting.p50_seconds);
    let regions: Vec<&str> = timings
        .regions
        .iter()
        .map(|timed| timed.region.as_str())
        .collect();
    assert!(regions.contains(&HOME) && regions.contains(&WEST), "{regions:?}");
    assert!(
        timings
            .trend
            .iter()
            .all(|figure| figure.bytes.is_some_and(|bytes| bytes > 10_000))
    );
    let running = &timings.running[0];
    let left = running.expected_at.unwrap().duration_since(running.started_at);
    assert_eq!(left.as_secs(), exporting.p50_seconds);
    assert!(scene.newest(&workflow).await.copy_in(&region(WEST)).is_some());
    let missing = workflow.timings(&"nobody".parse().unwrap()).await.unwrap_err();
    assert!(matches!(missing, Error::NotFound { .. }), "{missing}");
}
