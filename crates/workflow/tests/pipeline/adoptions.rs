//! Recovery points that are known from the evidence beside their copies alone.

use jiff::SignedDuration;
use local_aws::s3::Content;
use recovery::evidence::manifests_of;
use recovery::ids::{AccountId, Region};
use recovery::point::{RecoveryPoint, State, StepStatus};
use recovery::verdict::Verdict;
use workflow::{Error, PointQuery, Settings, Vault, Workflow};

use crate::scene::{HOME, IRELAND, Scene, WEST, bucket, operator, region};

/// A server that has `regions` and their buckets alone, no vault, and a control table of its own.
async fn stranger(scene: &Scene, regions: &[&str]) -> Workflow {
    scene.workflow_with(alone(scene, regions)).await
}

fn alone(scene: &Scene, regions: &[&str]) -> Settings {
    let mut settings = scene.settings();
    settings.regions = regions.iter().map(|name| region(name)).collect();
    settings.home_region = settings.regions[0].clone();
    settings.control_region = settings.regions[0].clone();
    settings.control_table = format!("stranger-{}", regions.join("-"));
    settings
        .buckets
        .retain(|region, _| settings.regions.contains(region));
    settings.vaults.clear();
    settings.queues.clear();
    settings
}

/// A pass that learns what is known, a survey, and the pass that takes up what it found.
async fn take_up(workflow: &Workflow) -> workflow::Reconciled {
    workflow.reconcile().await.unwrap();
    workflow.survey_buckets().await.unwrap();
    workflow.reconcile().await.unwrap()
}

async fn object(scene: &Scene, home: &str, key: &str) -> Vec<u8> {
    let (s3, account) = (scene.aws.s3(), scene.account.as_str());
    s3.get(account, home, &bucket(home), key).await.unwrap().to_vec()
}

async fn put(scene: &Scene, home: &str, key: &str, content: Vec<u8>) {
    let content = Content::Bytes(content.into());
    let (s3, account) = (scene.aws.s3(), scene.account.as_str());
    s3.put_file(account, home, &bucket(home), key, content)
        .await
        .unwrap();
}

/// What two servers agree on, whatever they call the source.
fn identity(point: &RecoveryPoint) -> (String, String, jiff::Timestamp, String, Region, AccountId) {
    (
        point.id.to_string(),
        point.arn.to_string(),
        point.created_at,
        point.vault.clone(),
        point.region.clone(),
        point.account.clone(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_has_only_the_copies_lists_them_and_holds_them_against_their_evidence() {
    let scene = Scene::new().await;
    scene.keep_versions().await;
    let owner = scene.workflow().await;
    let original = scene.verified_point(&owner).await;
    let stranger = stranger(&scene, &[WEST, IRELAND]).await;
    let done = take_up(&stranger).await;
    assert_eq!(
        (done.adopted, done.checked, done.verified, done.errors.len()),
        (1, 2, 2, 0),
        "{done:?}"
    );

    let found = stranger.recovery_point(&original.id).await.unwrap();
    assert_eq!(identity(&found), identity(&original));
    assert_eq!(found.adopted_at, Some(stranger.now()));
    assert_eq!(found.state, State::Verified, "{found:#?}");
    assert_eq!(found.rows(), original.rows());
    assert_eq!(found.tables.len(), original.tables.len());
    let regions: Vec<&str> = found.copies.iter().map(|copy| copy.region.as_str()).collect();
    assert_eq!(regions, [IRELAND, WEST], "the export's bucket is not among them");
    assert!(
        found
            .copies
            .iter()
            .all(|copy| !copy.is_export && copy.manifest.is_some())
    );
    assert!(
        found.steps.iter().all(|step| step.status == StepStatus::Done),
        "{:#?}",
        found.steps
    );
    assert!(found.steps[0].detail.contains("No vault"), "{:?}", found.steps[0]);
    let basis = &found.copies[0].evidence.as_ref().unwrap().basis;
    assert!(
        basis.contains("every Parquet footer read") && basis.contains("against the evidence of"),
        "{basis}"
    );

    // Whoever adopts holds nothing against a schedule that nobody here watches.
    scene.aws.clock().advance(SignedDuration::from_hours(6));
    stranger.reconcile().await.unwrap();

    // The source is told with its place, and nothing is expected of it that nobody here looks at.
    let sources = stranger.sources().await.unwrap();
    assert_eq!(sources.len(), 1);
    let source = &sources[0].source;
    assert_eq!(source.id.as_str(), format!("securecart.{HOME}.{}", scene.account));
    assert_eq!(
        (source.engine.as_deref(), source.expected.len()),
        (Some("mysql 8.4.3"), 0)
    );
    let lanes = &stranger
        .timelines(original.created_at, stranger.now())
        .await
        .unwrap()[0]
        .lanes;
    assert!(lanes.iter().all(|lane| lane.marks.len() == 1), "{lanes:#?}");

    // Doing so again finds nothing new, in this process or another; nor does the server that knows it already.
    let again = alone(&scene, &[WEST, IRELAND]);
    for workflow in [stranger, scene.workflow_with(again).await, owner] {
        let before = workflow.recovery_point(&original.id).await.unwrap();
        let idle = take_up(&workflow).await;
        assert_eq!(
            (idle.adopted, idle.checked, idle.errors.len()),
            (0, 0, 0),
            "{idle:?}"
        );
        assert_eq!(workflow.recovery_point(&original.id).await.unwrap(), before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_what_its_objects_are_and_not_what_its_evidence_says() {
    let scene = Scene::new().await;
    scene.keep_versions().await;
    let owner = scene.workflow().await;
    let original = scene.verified_point(&owner).await;
    let keys = scene.parquet(&original).await;
    scene.remove(WEST, &keys[0]).await;
    scene.alter(IRELAND, &keys[1]).await;
    let stranger = stranger(&scene, &[WEST, IRELAND]).await;
    take_up(&stranger).await;
    let found = stranger.recovery_point(&original.id).await.unwrap();
    assert_eq!(found.state, State::Incomplete);
    let below = |key: &String| {
        key.strip_prefix(&format!("exports/{}/", original.id))
            .unwrap()
            .to_owned()
    };
    let Verdict::Incomplete { missing, .. } = &found.copy_in(&region(WEST)).unwrap().verdict else {
        panic!("{found:#?}");
    };
    assert_eq!(missing, &[below(&keys[0])]);
    let Verdict::Incomplete { different, .. } = &found.copy_in(&region(IRELAND)).unwrap().verdict else {
        panic!("{found:#?}");
    };
    assert!(different.contains(&below(&keys[1])), "{different:?}");
    assert!(
        found.tables.is_empty(),
        "what lacks an object would be told with too few rows"
    );
    let refused = stranger.draft(&operator(), &original.id, &region(WEST)).await;
    assert!(matches!(refused, Err(Error::NotRestorable { .. })), "{refused:?}");

    // Repaired by hand from the other copy's bucket, each is what it was.
    let (missing, altered) = (
        object(&scene, HOME, &keys[0]).await,
        object(&scene, HOME, &keys[1]).await,
    );
    put(&scene, WEST, &keys[0], missing).await;
    put(&scene, IRELAND, &keys[1], altered).await;
    let healed = stranger.verify(&operator(), &original.id).await.unwrap();
    assert_eq!(healed.state, State::Verified, "{healed:#?}");
    assert_eq!(healed.rows(), original.rows());
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_that_does_not_hold_is_refused_and_an_older_one_is_taken() {
    let scene = Scene::new().await;
    let owner = scene.workflow().await;
    let original = scene.verified_point(&owner).await;
    scene.aws.clock().advance(SignedDuration::from_mins(1));
    let again = owner.verify(&operator(), &original.id).await.unwrap();
    // The newest manifest of every copy is bent in Ireland; the one before holds.
    for copy in &again.copies {
        let key = &copy.manifest.as_ref().unwrap().key;
        let text = String::from_utf8(object(&scene, IRELAND, key).await).unwrap();
        put(
            &scene,
            IRELAND,
            key,
            text.replacen("\"size\":", "\"size\":1", 1).into_bytes(),
        )
        .await;
    }
    let stranger = stranger(&scene, &[IRELAND]).await;
    let done = take_up(&stranger).await;
    assert_eq!((done.adopted, done.verified), (1, 1), "{done:?}");
    assert_eq!(done.errors.len(), 3, "{done:?}");
    assert!(
        done.errors.iter().all(|error| error.contains("was altered")),
        "{done:?}"
    );

    // Where none holds, nothing is listed, and it is not asked for again and again.
    let below = manifests_of(&original.copies[0].prefix);
    let listed = scene
        .aws
        .s3()
        .list(scene.account.as_str(), WEST, &bucket(WEST), &below)
        .await
        .unwrap();
    assert_eq!(listed.len(), 6, "two checks of three copies");
    for entry in &listed {
        let other = "another-20261119t090000z-3f9a2c";
        let text = String::from_utf8(object(&scene, WEST, &entry.key).await).unwrap();
        put(
            &scene,
            WEST,
            &entry.key,
            text.replace(original.id.as_str(), other).into_bytes(),
        )
        .await;
    }
    let stranger = self::stranger(&scene, &[WEST]).await;
    let done = take_up(&stranger).await;
    assert_eq!(done.adopted, 0);
    assert!(
        done.errors
            .last()
            .unwrap()
            .contains("no manifest beside it holds"),
        "{done:?}"
    );
    assert!(take_up(&stranger).await.errors.is_empty());
    assert!(stranger.sources().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_nobody_has_checked_is_held_against_the_evidence_of_the_export() {
    let scene = Scene::new().await;
    let owner = scene.workflow().await;
    let original = scene.verified_point(&owner).await;
    // S3 has replicated the export and its own evidence; the owner's server could never see this bucket.
    let below = manifests_of(&original.copies[0].prefix);
    let (s3, account) = (scene.aws.s3(), scene.account.as_str());
    for entry in s3.list(account, IRELAND, &bucket(IRELAND), &below).await.unwrap() {
        if !entry.key.starts_with(&format!("{below}{HOME}/")) {
            scene.remove(IRELAND, &entry.key).await;
        }
    }
    let stranger = stranger(&scene, &[IRELAND]).await;
    let done = take_up(&stranger).await;
    assert_eq!(
        (done.adopted, done.verified, done.errors.len()),
        (1, 1, 0),
        "{done:?}"
    );
    let found = stranger.recovery_point(&original.id).await.unwrap();
    let copy = &found.copies[0];
    assert!(copy.manifest.is_some(), "it has evidence of its own from now on");
    assert_eq!(copy.manifest, copy.verified_manifest);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_taken_up_like_the_other_copies_and_takes_none_with_it() {
    let scene = Scene::new().await;
    scene.keep_versions().await;
    let owner = scene.workflow().await;
    let original = scene.verified_point(&owner).await;
    let keys = scene.parquet(&original).await;
    scene.alter(HOME, &keys[0]).await;
    let stranger = stranger(&scene, &[WEST, HOME, IRELAND]).await;
    take_up(&stranger).await;
    let found = stranger.recovery_point(&original.id).await.unwrap();
    assert_eq!(found.copies.len(), 3);
    assert!(found.copies[0].is_export);
    for copy in &found.copies {
        assert_eq!(copy.verdict.is_restorable(), !copy.is_export, "{copy:#?}");
    }
    let repaired = stranger.repair(&operator(), &original.id, None).await.unwrap();
    assert_eq!(repaired.point.state, State::Verified, "{repaired:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_up_becomes_ordinary_when_its_vault_lists_it() {
    let scene = Scene::new().await;
    let owner = scene.workflow().await;
    let original = scene.verified_point(&owner).await;
    let alone = alone(&scene, &[WEST]);
    let stranger = scene.workflow_with(alone.clone()).await;
    take_up(&stranger).await;
    let adopted = stranger.recovery_point(&original.id).await.unwrap();
    assert_eq!((adopted.copies.len(), adopted.adopted_at.is_some()), (1, true));

    // The other account is back: its vault and its buckets are configured again, on the same control table.
    let mut settings = scene.settings();
    settings.control_region = alone.control_region;
    settings.control_table = alone.control_table;
    settings.home_region = region(WEST);
    settings.regions.sort_by_key(|region| region.as_str() != WEST);
    // Its own Region has a vault as well.
    let backup = scene.aws.control().backup();
    backup.ensure_vault(scene.account.as_str(), WEST, "west").unwrap();
    settings.vaults.push(Vault {
        region: region(WEST),
        account: scene.account.clone(),
        name: "west".to_owned(),
    });
    let back = scene.workflow_with(settings).await;
    let done = back.reconcile().await.unwrap();
    assert_eq!(
        (done.listed, done.discovered, done.started),
        (1, 0, 0),
        "{done:?}"
    );
    let found = back.recovery_point(&original.id).await.unwrap();
    assert_eq!(found.adopted_at, None);
    assert_eq!(found.state, State::Verified, "{found:#?}");
    assert_eq!(found.copies.len(), 3);
    assert!(found.copies[0].is_export && found.copies[0].region.as_str() == HOME);
    let page = back.recovery_points(&PointQuery::default()).await.unwrap();
    assert_eq!(page.items.len(), 1, "no second one");
    assert_eq!(back.sources().await.unwrap()[0].source.expected.len(), 1);
}
