//! A process that dies at any call: the next one finishes what it began, and nothing is done twice.

use recovery::point::State;
use workflow::{PointQuery, Workflow};

use crate::proxy::{Cut, Proxy};
use crate::scene::{HOME, Scene};

/// A pass that is killed at request `at`. Whether it was.
async fn killed_pass(scene: &Scene, at: usize, cut: Cut) -> bool {
    let proxy = Proxy::new(scene.aws.address(), at, cut).await;
    let endpoint = proxy.endpoint();
    let work = async { scene.workflow_at(&endpoint).await.reconcile().await.unwrap() };
    tokio::select! {
        _ = work => false,
        () = proxy.shut.cancelled() => true,
    }
}

async fn check(scene: &Scene, workflow: &Workflow, made: usize) {
    let points = workflow
        .recovery_points(&PointQuery {
            limit: Some(200),
            ..PointQuery::default()
        })
        .await
        .unwrap();
    assert_eq!(points.items.len(), made);
    for point in &points.items {
        assert_eq!(point.state, State::Verified, "{point:#?}");
        assert!(!point.tables.is_empty());
    }
    let tasks = scene
        .aws
        .control()
        .rds()
        .export_tasks(scene.account.as_str(), HOME)
        .unwrap();
    assert_eq!(tasks.len(), made, "no snapshot is exported twice");
}

/// Where the two passes of a recovery point die: while it is discovered and its export started, and while the export
/// is followed, inspected, compared and recorded. Each kind of step is hit before it is done and after.
const DEATHS: [(usize, usize, Cut); 7] = [
    (4, 3, Cut::Request),
    (4, 7, Cut::Answer),
    (5, 12, Cut::Request),
    (5, 20, Cut::Answer),
    (6, 35, Cut::Request),
    (6, 60, Cut::Answer),
    (3, 50, Cut::Answer),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_pass_that_dies_at_any_call_is_finished_by_the_next_process() {
    let scene = Scene::new().await;
    // The first process of all also dies while it makes the control table.
    for at in 1..=3 {
        killed_pass(&scene, at, Cut::Answer).await;
    }
    let (mut starting, mut checking) = (0, 0);
    for (made, (at_start, at_check, cut)) in (1..).zip(DEATHS) {
        scene.hour().await;
        starting += usize::from(killed_pass(&scene, at_start, cut).await);
        let workflow = scene.workflow().await;
        let pass = workflow.reconcile().await.unwrap();
        assert_eq!(pass.errors, [""; 0], "request {at_start}, {cut:?}");
        scene.export().await;
        scene.replicate().await;
        checking += usize::from(killed_pass(&scene, at_check, cut).await);
        let workflow = scene.workflow().await;
        workflow.reconcile().await.unwrap();
        let idle = workflow.reconcile().await.unwrap();
        assert_eq!(
            (idle.started, idle.checked, idle.errors.len()),
            (0, 0, 0),
            "request {at_check}, {cut:?}: {idle:?}"
        );
        check(&scene, &workflow, made).await;
    }
    assert!(
        starting >= 5 && checking >= 5,
        "too few deaths to tell: {starting} and {checking}"
    );
}
