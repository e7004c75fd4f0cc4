//! From a backup to verified copies, and what may go wrong with copies.

use jiff::SignedDuration;
use local_aws::s3::Content;
use recovery::audit::Phase;
use recovery::point::{State, StepStatus};
use recovery::verdict::Verdict;
use workflow::{AuditQuery, Error, PointQuery, Reconciled, verify_chain};

use crate::scene::{HOME, IRELAND, Scene, WEST, bucket, operator, region, viewer};

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_becomes_verified_copies_in_every_region() {
    let scene = Scene::new().await;
    let workflow = scene.workflow().await;
    assert_eq!(
        workflow.reconcile().await.unwrap(),
        Reconciled::default(),
        "nothing is there yet"
    );

    scene.hour().await;
    let events = workflow.consume_events().await.unwrap();
    assert!(events.received > 0 && events.news > 0, "{events:?}");
    let first = workflow.reconcile().await.unwrap();
    assert_eq!(
        (first.discovered, first.started, first.errors.len()),
        (1, 1, 0),
        "{first:?}"
    );
    let point = scene.newest(&workflow).await;
    assert_eq!(point.state, State::Exporting);
    assert_eq!(point.copies.len(), 3);
    let sources = workflow.sources().await.unwrap();
    assert_eq!(sources[0].source.engine.as_deref(), Some("mysql 8.4.3"));
    assert!(sources[0].regions.iter().all(|region| !region.rpo.within_target));

    // The export is whole; nothing replicates it, so the replicas lack everything.
    scene.export().await;
    let second = workflow.reconcile().await.unwrap();
    assert_eq!(
        (second.completed, second.checked, second.verified),
        (1, 3, 1),
        "{second:?}"
    );
    let point = scene.newest(&workflow).await;
    assert_eq!(point.state, State::Incomplete, "{point:#?}");
    assert_eq!(point.copy_in(&region(HOME)).unwrap().verdict, Verdict::Verified);
    assert!(
        point.rows() > 10_000 && point.tables.len() >= 4,
        "{:?}",
        point.tables
    );
    let lost = point.copy_in(&region(WEST)).unwrap();
    assert!(
        matches!(&lost.verdict, Verdict::Incomplete { missing, .. } if !missing.is_empty()),
        "{lost:?}"
    );

    // Somebody replicates it by hand; a while later that is seen.
    scene.replicate().await;
    scene.pass(SignedDuration::from_mins(11)).await;
    let third = workflow.reconcile().await.unwrap();
    assert_eq!(
        (third.checked, third.verified, third.waiting),
        (2, 2, 0),
        "{third:?}"
    );
    let point = scene.newest(&workflow).await;
    assert_eq!(point.state, State::Verified);
    assert!(
        point.steps.iter().all(|step| step.status == StepStatus::Done),
        "{:#?}",
        point.steps
    );
    let evidence = point.copy_in(&region(IRELAND)).unwrap().evidence.clone().unwrap();
    assert!(
        evidence.basis.starts_with("CRC64NVME equal for"),
        "{}",
        evidence.basis
    );
    let sources = workflow.sources().await.unwrap();
    assert!(
        sources[0].regions.iter().all(|region| region.rpo.within_target),
        "{sources:#?}"
    );
    let lanes = &workflow
        .timelines(point.created_at, workflow.now())
        .await
        .unwrap()[0]
        .lanes;
    assert!(lanes.iter().all(|lane| lane.bands.len() == 1), "{lanes:?}");

    // A pass over what is done does nothing, in this process or another.
    for workflow in [workflow, scene.workflow().await] {
        let idle = workflow.reconcile().await.unwrap();
        assert_eq!(
            idle,
            Reconciled {
                listed: 1,
                ..Reconciled::default()
            }
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_names_what_is_lost_and_what_differs_and_who_asked() {
    let scene = Scene::new().await;
    let workflow = scene.workflow().await;
    let point = scene.verified_point(&workflow).await;
    assert_eq!(point.state, State::Verified, "{point:#?}");

    let (s3, account) = (scene.aws.s3(), scene.account.as_str());
    let prefix = format!("exports/{}/", point.id);
    let keys: Vec<String> = s3
        .list(account, HOME, &bucket(HOME), &prefix)
        .await
        .unwrap()
        .into_iter()
        .map(|object| object.key)
        .filter(|key| key.ends_with(".parquet"))
        .collect();
    s3.delete(account, WEST, &bucket(WEST), &keys[0]).await.unwrap();
    let mut content = s3
        .get(account, HOME, &bucket(HOME), &keys[1])
        .await
        .unwrap()
        .to_vec();
    let middle = content.len() / 2;
    content[middle] ^= 1;
    s3.put_file(
        account,
        IRELAND,
        &bucket(IRELAND),
        &keys[1],
        Content::Bytes(content.into()),
    )
    .await
    .unwrap();

    let refused = workflow.verify(&viewer(), &point.id).await;
    assert!(matches!(refused, Err(Error::NotPermitted { .. })), "{refused:?}");
    let found = workflow.verify(&operator(), &point.id).await.unwrap();
    assert_eq!(found.state, State::Incomplete);
    let below = |key: &String| key.strip_prefix(&prefix).unwrap().to_owned();
    assert_eq!(
        found.copy_in(&region(WEST)).unwrap().verdict,
        Verdict::Incomplete {
            missing: vec![below(&keys[0])],
            different: vec![]
        }
    );
    assert_eq!(
        found.copy_in(&region(IRELAND)).unwrap().verdict,
        Verdict::Incomplete {
            missing: vec![],
            different: vec![below(&keys[1])]
        }
    );
    assert_eq!(found.copy_in(&region(HOME)).unwrap().verdict, Verdict::Verified);

    let log = workflow.audit(&AuditQuery::default()).await.unwrap().items;
    let phases: Vec<Phase> = log.iter().rev().map(|entry| entry.phase).collect();
    // Both were verified before, so each is an alert of its own.
    let alerts = [Phase::Failed, Phase::Failed];
    assert_eq!(phases[..2], [Phase::Refused, Phase::Started]);
    assert_eq!(phases[2..4], alerts);
    assert_eq!(phases[4..], [Phase::Succeeded]);
    assert_eq!(verify_chain(&log).unwrap().last, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_exports_run_than_rds_takes_and_pages_reach_every_recovery_point() {
    let scene = Scene::new().await;
    let workflow = scene.workflow().await;
    for _ in 0..7 {
        scene.hour().await;
    }
    let first = workflow.reconcile().await.unwrap();
    assert_eq!((first.discovered, first.started), (7, 5), "{first:?}");
    let again = workflow.reconcile().await.unwrap();
    assert_eq!((again.started, again.followed), (0, 5), "{again:?}");

    let mut query = PointQuery {
        limit: Some(3),
        ..PointQuery::default()
    };
    let mut points = Vec::new();
    loop {
        let page = workflow.recovery_points(&query).await.unwrap();
        points.extend(page.items);
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            break;
        }
    }
    assert_eq!(points.len(), 7);
    assert!(
        points
            .windows(2)
            .all(|pair| pair[0].created_at > pair[1].created_at)
    );
    let states: Vec<State> = points.iter().map(|point| point.state).collect();
    assert_eq!(
        states[..5],
        [State::Exporting; 5],
        "the newest are exported first"
    );
    assert_eq!(states[5..], [State::AwaitingExport; 2]);
    let waiting = PointQuery {
        state: Some(State::AwaitingExport),
        ..PointQuery::default()
    };
    assert_eq!(workflow.recovery_points(&waiting).await.unwrap().items.len(), 2);
    assert!(
        points[6].steps[1].detail.contains("5 exports at a time"),
        "{}",
        points[6].steps[1].detail
    );
}
