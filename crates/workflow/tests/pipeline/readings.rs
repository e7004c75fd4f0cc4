//! Copies without comparable checksums are read, and a check that was killed goes on where it was.

use recovery::evidence::Outcome;
use recovery::point::RecoveryPoint;
use recovery::verdict::Verdict;
use workflow::replication::manifest;

use crate::proxy::{Cut, Proxy};
use crate::scene::{HOME, Scene, WEST, bucket, operator, region};

/// Requests that read a Parquet object of `bucket`.
fn reads(proxy: &Proxy, bucket: &str) -> usize {
    let lines = proxy.lines.lock().unwrap();
    let begin = format!("GET /{bucket}/");
    lines
        .iter()
        .filter(|line| line.starts_with(&begin) && line.contains(".parquet") && !line.contains("attributes"))
        .count()
}

/// Lets the export's objects be such as have no checksum.
async fn without_checksums(scene: &Scene, point: &RecoveryPoint) -> Vec<String> {
    let keys = scene.parquet(point).await;
    for key in &keys {
        scene
            .aws
            .s3()
            .forget_checksum(scene.account.as_str(), HOME, &bucket(HOME), key)
            .await
            .unwrap();
    }
    keys
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_checksum_decides_is_read_on_both_sides() {
    let scene = Scene::new().await;
    let workflow = scene.workflow().await;
    let point = scene.verified_point(&workflow).await;
    let keys = without_checksums(&scene, &point).await;
    scene.alter(WEST, &keys[1]).await;

    let found = workflow.verify(&operator(), &point.id).await.unwrap();
    let west = found.copy_in(&region(WEST)).unwrap();
    let prefix = format!("{}/", west.prefix);
    assert_eq!(
        west.verdict,
        Verdict::Incomplete {
            missing: vec![],
            different: vec![keys[1].strip_prefix(&prefix).unwrap().to_owned()]
        },
        "{west:?}"
    );
    let basis = &west.evidence.as_ref().unwrap().basis;
    let read = format!("SHA256 (read) equal for {} of", keys.len() - 1);
    assert!(basis.contains(&read), "{basis}");
    let json = workflow.manifest(&point.id, &region(WEST)).await.unwrap();
    let objects = manifest::read(&json).unwrap().objects;
    let by_reading = objects
        .iter()
        .filter(|object| object.decided_by.as_deref() == Some("SHA256 (read)"));
    assert_eq!(by_reading.count(), keys.len());
    let different = objects
        .iter()
        .filter(|object| object.outcome == Outcome::Different);
    assert_eq!(different.count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_that_is_killed_goes_on_with_what_is_not_read_yet() {
    let scene = Scene::new().await;
    let workflow = scene.workflow().await;
    let point = scene.verified_point(&workflow).await;
    let keys = without_checksums(&scene, &point).await;
    let target = scene.aws.address();

    let whole = Proxy::new(target, usize::MAX, Cut::Request).await;
    let other = scene.workflow_at(&whole.endpoint()).await;
    other.verify(&operator(), &point.id).await.unwrap();
    let reads_of_all = reads(&whole, &bucket(WEST));
    assert_eq!(reads_of_all, keys.len(), "every replica object is read once");
    // The first request after everything is read: nothing is recorded yet.
    let at = {
        let lines = whole.lines.lock().unwrap();
        let is_evidence = |line: &String| line.starts_with("PUT ") && line.contains(".evidence/");
        lines.iter().position(is_evidence).unwrap() + 1
    };

    let killed = Proxy::new(target, at, Cut::Request).await;
    let other = scene.workflow_at(&killed.endpoint()).await;
    let ctx = operator();
    tokio::select! {
        _ = other.verify(&ctx, &point.id) => panic!("it was to be killed at request {at}"),
        () = killed.shut.cancelled() => {}
    }

    let next = Proxy::new(target, usize::MAX, Cut::Request).await;
    let other = scene.workflow_at(&next.endpoint()).await;
    let found = other.verify(&operator(), &point.id).await.unwrap();
    let basis = &found
        .copy_in(&region(WEST))
        .unwrap()
        .evidence
        .as_ref()
        .unwrap()
        .basis;
    assert!(
        basis.contains(&format!("SHA256 (read) equal for {} of", keys.len())),
        "{basis}"
    );
    let reads_of_next = reads(&next, &bucket(WEST));
    assert_eq!(
        reads_of_next, 0,
        "what the killed check has read is not read again"
    );

    // Once a check is recorded, the next one reads anew: it is there to find what rots.
    let anew = Proxy::new(target, usize::MAX, Cut::Request).await;
    let other = scene.workflow_at(&anew.endpoint()).await;
    other.verify(&operator(), &point.id).await.unwrap();
    assert_eq!(reads(&anew, &bucket(WEST)), reads_of_all);
}
