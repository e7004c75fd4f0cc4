//! Repair: what is missing or different is copied from a verified copy, and nothing is lost by it.

use recovery::actor::Permission;
use recovery::audit::Phase;
use recovery::point::State;
use recovery::verdict::Verdict;
use workflow::replication::{Location, check, repair};
use workflow::{AuditQuery, Error, verify_chain};

use crate::scene::{HOME, IRELAND, Scene, WEST, bucket, operator, region, viewer};

#[tokio::test(flavor = "multi_thread")]
async fn incomplete_copies_are_repaired_and_every_old_version_stays() {
    let scene = Scene::new().await;
    scene.keep_versions().await;
    let workflow = scene.workflow().await;
    let point = scene.verified_point(&workflow).await;
    let keys = scene.parquet(&point).await;
    scene.remove(WEST, &keys[0]).await;
    scene.alter(WEST, &keys[1]).await;
    scene.alter(IRELAND, &keys[2]).await;

    let refused = workflow.repair(&viewer(), &point.id, None).await;
    assert!(matches!(refused, Err(Error::NotPermitted { .. })), "{refused:?}");
    let one = workflow
        .repair(&operator(), &point.id, Some(&region(WEST)))
        .await
        .unwrap();
    assert_eq!(one.copies.len(), 1, "{:?}", one.copies);
    assert_eq!((one.copies[0].copied, one.copies[0].from.as_str()), (2, HOME));
    assert_eq!(
        one.point.copy_in(&region(WEST)).unwrap().verdict,
        Verdict::Verified
    );
    assert_eq!(one.point.state, State::Incomplete, "Ireland was not asked for");
    let all = workflow.repair(&operator(), &point.id, None).await.unwrap();
    assert_eq!(all.copies.len(), 1);
    assert_eq!(all.point.state, State::Verified, "{:#?}", all.point.copies);
    assert!(all.point.copies.iter().all(|copy| copy.lost_at.is_none()));
    let none = workflow.repair(&operator(), &point.id, None).await.unwrap();
    assert!(none.copies.is_empty());

    let log = workflow.audit(&AuditQuery::default()).await.unwrap().items;
    verify_chain(&log).unwrap();
    let phases: Vec<Phase> = log
        .iter()
        .rev()
        .filter(|entry| entry.permission == Permission::Repair)
        .map(|entry| entry.phase)
        .collect();
    let pair = [Phase::Started, Phase::Succeeded];
    assert_eq!(phases[0], Phase::Refused);
    assert_eq!(phases[1..], [pair, pair, pair].concat());
    // What was lost before it was repaired was told.
    let alerts = log
        .iter()
        .filter(|entry| entry.permission == Permission::Verify && entry.phase == Phase::Failed);
    assert_eq!(alerts.count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_was_damaged_is_repaired_from_a_replica() {
    let scene = Scene::new().await;
    scene.keep_versions().await;
    let workflow = scene.workflow().await;
    let point = scene.verified_point(&workflow).await;
    let keys = scene.parquet(&point).await;
    // Its footer is as it was, so that only what was recorded tells it.
    scene.alter(HOME, &keys[0]).await;
    scene.remove(HOME, &keys[1]).await;
    let found = workflow.verify(&operator(), &point.id).await.unwrap();
    assert!(
        matches!(
            &found.copy_in(&region(HOME)).unwrap().verdict,
            Verdict::Incomplete { missing, different } if missing.len() == 1 && different.len() == 1
        ),
        "{:#?}",
        found.copy_in(&region(HOME))
    );
    for replica in [WEST, IRELAND] {
        let copy = found.copy_in(&region(replica)).unwrap();
        assert_eq!(copy.verdict, Verdict::Verified, "{copy:#?}");
        let basis = &copy.evidence.as_ref().unwrap().basis;
        assert!(basis.contains("held against the evidence of"), "{basis}");
    }
    let repaired = workflow.repair(&operator(), &point.id, None).await.unwrap();
    assert_eq!(repaired.copies[0].copied, 2, "{:?}", repaired.copies);
    assert_ne!(repaired.copies[0].from.as_str(), HOME);
    assert_eq!(
        repaired.point.state,
        State::Verified,
        "{:#?}",
        repaired.point.copies
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_be_lost_is_left_as_it_is_and_said() {
    let scene = Scene::new().await;
    let workflow = scene.workflow().await;
    let point = scene.verified_point(&workflow).await;
    let keys = scene.parquet(&point).await;
    scene.alter(WEST, &keys[0]).await;
    scene.remove(WEST, &keys[1]).await;
    let repaired = workflow.repair(&operator(), &point.id, None).await.unwrap();
    let done = &repaired.copies[0];
    assert_eq!((done.copied, done.refused.len()), (1, 1), "{done:?}");
    assert!(done.refused[0].why.contains("keeps no version"), "{done:?}");
    let west = repaired.point.copy_in(&region(WEST)).unwrap();
    assert!(
        matches!(&west.verdict, Verdict::Incomplete { missing, different } if missing.is_empty() && different.len() == 1),
        "{west:?}"
    );
    assert!(west.lost_at.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn large_objects_are_copied_in_parts() {
    const BYTES: usize = 12 << 20;
    let scene = Scene::new().await;
    scene.keep_versions().await;
    let cloud = scene.cloud().await;
    let (s3, account) = (scene.aws.s3(), scene.account.as_str());
    let content: Vec<u8> = (0..BYTES).map(|at| u8::try_from(at % 251).unwrap()).collect();
    let content = local_aws::s3::Content::Bytes(content.into());
    s3.put_file(
        account,
        HOME,
        &bucket(HOME),
        "exports/large/a b/ü.parquet",
        content,
    )
    .await
    .unwrap();
    let at = |name: &str| Location {
        region: region(name),
        account: None,
        bucket: bucket(name),
        prefix: "exports/large".to_owned(),
    };
    let (from, to) = (at(HOME), at(WEST));
    let planned = repair::plan_repair(&cloud, &from, &to).await.unwrap();
    assert_eq!(planned.plan.steps.len(), 1);
    let done = repair::execute(&cloud, &from, &to, planned.plan, 5 << 20).await;
    assert_eq!((done.copied, done.bytes), (1, BYTES as u64), "{done:?}");
    assert_eq!(
        check(&cloud, &from, &to).await.unwrap().verdict,
        Verdict::Verified
    );
    let copied = s3
        .head(account, WEST, &bucket(WEST), "exports/large/a b/ü.parquet")
        .await
        .unwrap();
    assert!(copied.etag.ends_with("-3"), "three parts: {}", copied.etag);
}
