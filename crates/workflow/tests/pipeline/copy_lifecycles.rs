//! Copies move to Glacier and end as their policy says, and never the one that matters.

use jiff::SignedDuration;
use local_aws::s3::TagRules;
use recovery::actor::Permission;
use recovery::audit::Phase;
use recovery::lifecycle::{Action, Go, TAG};
use recovery::point::{Copy, RecoveryPoint, State};
use recovery::policy::Lifecycle;
use recovery::preflight::Depth;
use recovery::request::{PlanRequest, TableRequest};
use recovery::verdict::Verdict;
use workflow::{AuditQuery, Settings, Workflow, verify_chain};

use crate::scene::{HOME, IRELAND, Scene, WEST, bucket, operator, region};

const ALL: [&str; 3] = [HOME, WEST, IRELAND];

/// Copies move after two days and end after five.
fn settings(scene: &Scene) -> Settings {
    let mut settings = scene.settings();
    settings.policy.lifecycle = Some(Lifecycle {
        glacier_after_days: Some(2),
        delete_after_days: Some(5),
    });
    settings
}

async fn rules(scene: &Scene) {
    for home in ALL {
        let rules = TagRules {
            tag: TAG.to_owned(),
            transition: (Action::Transition.tag_value(&region(home)), "GLACIER".to_owned()),
            expiration: Action::Expiration.tag_value(&region(home)),
        };
        let s3 = scene.aws.s3();
        s3.put_tag_rules(scene.account.as_str(), home, &bucket(home), &rules)
            .await
            .unwrap();
    }
}

/// Days go by, in which nobody makes a backup.
fn days(scene: &Scene, days: i64) {
    scene.aws.clock().advance(SignedDuration::from_hours(24 * days));
}

/// A recovery point as it is now.
async fn look(workflow: &Workflow, point: &RecoveryPoint) -> RecoveryPoint {
    workflow.recovery_point(&point.id).await.unwrap()
}

async fn go(workflow: &Workflow) -> Go {
    let mut went = workflow.follow_lifecycles().await.unwrap();
    went.remove(&"securecart".parse().unwrap()).unwrap()
}

/// Objects of a recovery point's copy.
async fn objects(scene: &Scene, point: &RecoveryPoint, home: &str) -> usize {
    let prefix = format!("exports/{}/", point.id);
    let listed = scene
        .aws
        .s3()
        .list(scene.account.as_str(), home, &bucket(home), &prefix)
        .await;
    listed.unwrap().len()
}

fn request(point: &RecoveryPoint, home: &str) -> PlanRequest {
    PlanRequest {
        recovery_point: point.id.clone(),
        region: region(home),
        target_region: region(home),
        tables: vec![TableRequest::new(
            "securecart.customers".parse().unwrap(),
            "customers-of-yesterday".parse().unwrap(),
            "id",
        )],
        preflight: Depth::Quick,
        show_values: false,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_move_and_end_as_their_policy_says_and_the_last_ones_stay() {
    let scene = Scene::new().await;
    scene.keep_versions().await;
    rules(&scene).await;
    let workflow = scene.workflow_with(settings(&scene)).await;
    let first = scene.verified_point(&workflow).await;
    let second = scene.verified_point(&workflow).await;
    assert_ne!(first.id, second.id);
    assert_eq!(
        go(&workflow).await.plan,
        recovery::lifecycle::Plan::default(),
        "all are young"
    );

    days(&scene, 2);
    let asked = workflow.lifecycle(&first.source).await.unwrap().now;
    assert_eq!((asked.due_count, asked.spared_count), (3, 3), "{asked:?}");
    let went = go(&workflow).await;
    assert_eq!((went.plan.due_count, went.plan.spared_count), (3, 3), "{went:?}");
    assert!(
        went.plan
            .due
            .iter()
            .all(|step| step.recovery_point == first.id && step.action == Action::Transition)
    );
    assert!(
        went.plan
            .spared
            .iter()
            .all(|step| step.recovery_point == second.id),
        "{went:?}"
    );
    assert_eq!(workflow.lifecycle(&first.source).await.unwrap().last, Some(went));
    assert_eq!(
        go(&workflow).await.plan.due_count,
        0,
        "nothing is asked for twice"
    );
    // It is verified and can be read until S3 has moved it, and found in Glacier afterwards.
    assert!(look(&workflow, &first).await.copies.iter().all(Copy::is_ready));
    days(&scene, 2);
    scene.aws.s3().run_lifecycles().await.unwrap();
    assert_eq!(go(&workflow).await.plan.due_count, 0);
    let moved = look(&workflow, &first).await;
    for copy in &moved.copies {
        assert_eq!(copy.verdict, Verdict::Verified, "{copy:?}");
        assert_eq!(copy.archived.as_ref().unwrap().class, "GLACIER");
        assert!(copy.needs_thaw());
    }

    days(&scene, 1);
    let went = go(&workflow).await;
    assert_eq!((went.plan.due_count, went.plan.spared_count), (3, 3), "{went:?}");
    assert!(went.plan.due.iter().all(|step| step.action == Action::Expiration));
    let ended = look(&workflow, &first).await;
    assert_eq!(ended.state, State::Expired);
    assert!(
        ended.copies.iter().all(|copy| copy.verdict.is_expired()),
        "{ended:?}"
    );
    let request = request(&first, WEST);
    let refused = workflow.plan(&operator(), &request).await.unwrap_err();
    assert!(refused.to_string().contains("Expired"), "{refused}");
    days(&scene, 2);
    scene.aws.s3().run_lifecycles().await.unwrap();
    for home in ALL {
        assert_eq!(objects(&scene, &first, home).await, 0);
        assert!(
            objects(&scene, &second, home).await > 0,
            "the last one stays, however old"
        );
    }

    // Nobody calls what its lifecycle has ended a loss, however it is looked at.
    workflow.reconcile().await.unwrap();
    workflow.verify(&operator(), &first.id).await.unwrap();
    assert_eq!(look(&workflow, &first).await.state, State::Expired);
    assert_eq!(workflow.lost_copies().await.unwrap(), []);
    assert!(look(&workflow, &second).await.copies.iter().all(Copy::is_ready));
    assert_eq!(go(&workflow).await.plan.due_count, 0);
    let manifest = ended.copy_in(&region(WEST)).unwrap().manifest.as_ref().unwrap();
    let evidence = scene
        .aws
        .s3()
        .get(scene.account.as_str(), WEST, &bucket(WEST), &manifest.key)
        .await;
    assert!(!evidence.unwrap().is_empty(), "its evidence stays");
    let log = workflow
        .audit(&AuditQuery {
            limit: Some(200),
            ..AuditQuery::default()
        })
        .await
        .unwrap()
        .items;
    verify_chain(&log).unwrap();
    let told = |phase| {
        log.iter()
            .filter(|entry| entry.permission == Permission::Lifecycle && entry.phase == phase)
            .count()
    };
    assert_eq!((told(Phase::Started), told(Phase::Succeeded)), (6, 6));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_export_may_end_before_its_replicas_which_are_then_held_against_its_evidence() {
    let scene = Scene::new().await;
    scene.keep_versions().await;
    rules(&scene).await;
    let mut settings = scene.settings();
    let home_only: recovery::policy::PolicyRules =
        serde_json::from_value(serde_json::json!({"regions": {HOME: {"lifecycle": {"delete_after_days": 1}}, WEST: {}, IRELAND: {}}}))
            .unwrap();
    settings.policy = home_only;
    let workflow = scene.workflow_with(settings).await;
    let first = scene.verified_point(&workflow).await;
    scene.verified_point(&workflow).await;
    days(&scene, 1);
    assert_eq!(go(&workflow).await.plan.due_count, 1);
    days(&scene, 1);
    scene.aws.s3().run_lifecycles().await.unwrap();
    assert_eq!(
        (
            objects(&scene, &first, HOME).await,
            objects(&scene, &first, WEST).await > 0
        ),
        (0, true)
    );
    let found = workflow.verify(&operator(), &first.id).await.unwrap();
    assert_eq!(found.state, State::Verified, "{found:?}");
    let west = found.copy_in(&region(WEST)).unwrap();
    assert!(west.is_ready());
    let basis = &west.evidence.as_ref().unwrap().basis;
    assert!(basis.contains("for the export itself has expired"), "{basis}");
    // What is lost of a replica now is found all the same.
    let prefix = format!("exports/{}/", first.id);
    let objects = scene
        .aws
        .s3()
        .list(scene.account.as_str(), WEST, &bucket(WEST), &prefix)
        .await
        .unwrap();
    let lost = objects
        .into_iter()
        .find(|object| object.key.ends_with(".parquet"))
        .unwrap();
    scene.remove(WEST, &lost.key).await;
    let found = workflow.verify(&operator(), &first.id).await.unwrap();
    let copy = found.copy_in(&region(WEST)).unwrap();
    assert!(
        matches!(&copy.verdict, Verdict::Incomplete { missing, .. } if missing.len() == 1),
        "{copy:?}"
    );
    assert!(found.copy_in(&region(IRELAND)).unwrap().is_ready());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_asked_for_where_no_rule_acts_or_what_would_stay_is_not_whole() {
    let scene = Scene::new().await;
    scene.keep_versions().await;
    let workflow = scene.workflow_with(settings(&scene)).await;
    let first = scene.verified_point(&workflow).await;
    let second = scene.verified_point(&workflow).await;
    days(&scene, 5);
    let went = go(&workflow).await;
    assert_eq!(went.plan.due_count, 0);
    let why = |went: &Go, home: &str| {
        let of = |step: &&recovery::lifecycle::Step| {
            step.recovery_point == first.id && step.region == region(home)
        };
        went.plan.spared.iter().find(of).unwrap().why.clone()
    };
    assert!(why(&went, WEST).contains("no lifecycle rule for data-restore-lifecycle=expiration-us-west-2"));

    // The one that would stay lost an object, and nobody knew.
    rules(&scene).await;
    let lost = scene.parquet(&second).await.remove(0);
    scene.remove(WEST, &lost).await;
    let went = go(&workflow).await;
    assert_eq!(went.plan.due_count, 2, "{went:?}");
    assert!(
        why(&went, WEST).contains("could not be found whole"),
        "{}",
        why(&went, WEST)
    );
    let now = look(&workflow, &first).await;
    assert_eq!(now.copy_in(&region(WEST)).unwrap().verdict, Verdict::Verified);
    assert!(now.copy_in(&region(HOME)).unwrap().verdict.is_expired());
    // Now it is the last one there.
    let went = go(&workflow).await;
    assert!(
        why(&went, WEST).contains("it is the last that securecart can be restored from"),
        "{}",
        why(&went, WEST)
    );
    let report = workflow.lifecycle(&first.source).await.unwrap();
    assert_eq!(report.last, Some(went));
}
