//! Restores that rest: through any process, past the end of every server, and until somebody resumes or cancels them.

use std::time::Duration;

use recovery::actor::Permission;
use recovery::audit::Phase as AuditPhase;
use recovery::request::Approval;
use recovery::run::{Outcome, Pause, Phase, Run};
use workflow::{AuditQuery, Error};

use crate::imports::{ended, planned, work};
use crate::scene::{Scene, operator, viewer};

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_restore_outlives_its_server_and_goes_on_when_it_is_resumed() {
    // While DynamoDB imports, a run has time to be paused.
    let scene = Scene::importing_for(Duration::from_secs(5)).await;
    let workflow = scene.workflow().await;
    let plan = planned(&scene, &workflow).await;
    let run = workflow
        .start(&operator(), plan, Approval::default())
        .await
        .unwrap();
    let not_yet = workflow.resume(&operator(), &run.run_id).await;
    assert!(matches!(not_yet, Err(Error::Conflict(_))), "{not_yet:?}");
    let refused = workflow.pause(&viewer(), &run.run_id).await;
    assert!(matches!(refused, Err(Error::NotPermitted { .. })), "{refused:?}");

    let first = scene.workflow().await;
    let (stop, workers) = work(&first);
    let until = async |what: &str, is_so: &dyn Fn(&Run) -> bool| {
        for _ in 0..3_000 {
            let run = workflow.run(&run.run_id).await.unwrap();
            assert_eq!(run.outcome, None, "it ended before: {what}");
            if is_so(&run) {
                return run;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("never: {what}");
    };
    until("it writes", &|run| run.phase == Phase::Writing).await;
    // Through another process than the one that executes it.
    let asked = workflow.pause(&operator(), &run.run_id).await.unwrap();
    assert_eq!(asked.pause, Pause::Asked);
    let paused = until("it rests", &|run| run.pause == Pause::Paused).await;
    assert_eq!(
        workflow.pause(&operator(), &run.run_id).await.unwrap().pause,
        Pause::Paused,
        "asking twice changes nothing"
    );
    stop.cancel();
    workers.await.unwrap();

    let (stop, workers) = work(&workflow);
    tokio::time::sleep(Duration::from_secs(3)).await;
    let resting = workflow.run(&run.run_id).await.unwrap();
    assert_eq!(resting, paused, "nobody works on it");
    workflow.resume(&operator(), &run.run_id).await.unwrap();
    let run = tokio::time::timeout(Duration::from_mins(1), ended(&workflow, &run))
        .await
        .unwrap();
    assert_eq!(run.outcome, Some(Outcome::Proven), "{run:#?}");
    assert_eq!(run.pause, Pause::None);
    stop.cancel();
    workers.await.unwrap();
    let log = workflow.audit(&AuditQuery::default()).await.unwrap().items;
    let of_pauses = log.iter().filter(|entry| entry.permission == Permission::Pause);
    let phases: Vec<AuditPhase> = of_pauses.map(|entry| entry.phase).collect();
    assert_eq!(
        phases,
        [
            AuditPhase::Succeeded,
            AuditPhase::Started,
            AuditPhase::Succeeded,
            AuditPhase::Started,
            AuditPhase::Refused
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_restore_can_be_cancelled() {
    let scene = Scene::new().await;
    let workflow = scene.workflow().await;
    let plan = planned(&scene, &workflow).await;
    let run = workflow
        .start(&operator(), plan, Approval::default())
        .await
        .unwrap();
    // Paused before anybody takes it up.
    workflow.pause(&operator(), &run.run_id).await.unwrap();
    let (stop, workers) = work(&workflow);
    for _ in 0..300 {
        if workflow.run(&run.run_id).await.unwrap().pause == Pause::Paused {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(workflow.run(&run.run_id).await.unwrap().phase, Phase::Queued);
    workflow.cancel(&operator(), &run.run_id).await.unwrap();
    let late = workflow.pause(&operator(), &run.run_id).await;
    assert!(matches!(late, Err(Error::Conflict(_))), "{late:?}");
    let run = ended(&workflow, &run).await;
    assert_eq!(run.outcome, Some(Outcome::Cancelled));
    stop.cancel();
    workers.await.unwrap();
}
