//! Policies: brought into AWS Backup, and what of recovery points they make seen.

use jiff::SignedDuration;
use local_aws::database::{BuiltIn, Database};
use local_aws::rds::Instance;
use recovery::actor::Permission;
use recovery::audit::Phase;
use recovery::point::{RecoveryPoint, State};
use recovery::policy::{Change, PolicyRules, needed};
use recovery::resource::Restorable;
use recovery::timeline::MarkState;
use workflow::policies::{apply, check_policies};
use workflow::resources::list_resources;
use workflow::{AuditQuery, Error, PointQuery, Settings, Vault, Workflow};

use crate::scene::{HOME, Scene, WEST, operator, region, viewer};

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// Kept for a day, and copied into the west for a week.
pub fn settings(scene: &Scene) -> Settings {
    let mut settings = scene.settings();
    let rules = serde_json::json!({
        "retention_days": 1,
        "regions": {
            WEST: {"retention_days": 7, "recovery_points_in": [scene.account]},
            "eu-west-1": {"rpo_target": "4h"}
        }
    });
    settings.policy = serde_json::from_value::<PolicyRules>(rules).unwrap();
    settings.vaults.push(Vault {
        region: region(WEST),
        account: scene.account.clone(),
        name: "hourly".to_owned(),
    });
    settings
}

/// Makes what the policies need; what was needed.
pub async fn bring_in(scene: &Scene, settings: &Settings) -> Vec<Change> {
    let cloud = scene.cloud().await;
    let checks = check_policies(&cloud, settings, &[], None, scene.aws.clock().now())
        .await
        .unwrap();
    let made = needed(&checks);
    for change in &made {
        assert!(!apply(&cloud, change).await.unwrap().was_there);
    }
    made
}

async fn points(workflow: &Workflow) -> Vec<RecoveryPoint> {
    workflow
        .recovery_points(&PointQuery::default())
        .await
        .unwrap()
        .items
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_of_ours_makes_recovery_points_whose_every_end_is_told() {
    let scene = Scene::new().await;
    let (backup, account) = (scene.aws.control().backup(), scene.account.as_str());
    backup.back_up_every(account, HOME, "securecart", "hourly", None);
    let settings = settings(&scene);
    assert_eq!(
        bring_in(&scene, &settings).await.len(),
        3,
        "a vault, the plan, its selection"
    );
    assert_eq!(bring_in(&scene, &settings).await, []);
    let workflow = scene.workflow_with(settings).await;
    assert!(workflow.policies().await.unwrap()[0].holds);

    // On time, with a copy that AWS Backup makes in the west.
    scene.hour().await;
    workflow.reconcile().await.unwrap();
    let found = points(&workflow).await;
    let made = found
        .iter()
        .find(|point| point.copied_from.is_none())
        .unwrap()
        .clone();
    let copied = found.iter().find(|point| point.copied_from.is_some()).unwrap();
    assert_eq!((made.state, made.late_by_seconds), (State::Exporting, None));
    assert_eq!(made.expires_at, Some(made.created_at + 24 * HOUR));
    assert_eq!((copied.state, copied.region.as_str()), (State::Copied, WEST));
    assert_eq!(copied.expires_at, Some(copied.created_at + 7 * 24 * HOUR));
    let source = &workflow.sources().await.unwrap()[0];
    assert_eq!(source.newest_recovery_point.as_ref(), Some(&made.id));
    let targets: Vec<i64> = source
        .regions
        .iter()
        .map(|region| region.rpo.target_seconds)
        .collect();
    assert_eq!(targets, [7_200, 7_200, 14_400]);
    scene.export().await;
    workflow.reconcile().await.unwrap();

    // Silence, then one that comes late: the schedule tells both.
    for _ in 0..3 {
        scene.aws.control().faults().skip_next_backup("securecart");
        scene.hour().await;
    }
    scene.pass(SignedDuration::from_mins(25)).await;
    backup.back_up_now(account, HOME, "securecart", "hourly").unwrap();
    scene.pass(SignedDuration::from_secs(1)).await;
    workflow.reconcile().await.unwrap();
    let late = scene.newest(&workflow).await;
    assert!(
        late.late_by_seconds
            .is_some_and(|seconds| (1_500..1_600).contains(&seconds)),
        "{late:?}"
    );
    let timeline = &workflow.timelines(made.created_at, workflow.now()).await.unwrap()[0];
    let missed = |lane: &recovery::timeline::Lane| {
        lane.marks
            .iter()
            .filter(|mark| mark.state == MarkState::Missed)
            .count()
    };
    assert!(
        timeline.lanes.iter().all(|lane| missed(lane) == 2),
        "{:#?}",
        timeline.lanes
    );
    let later = workflow
        .timelines(workflow.now() + 10 * HOUR, workflow.now() + 12 * HOUR)
        .await
        .unwrap();
    assert_eq!(missed(&later[0].lanes[0]), 0, "nothing of the future is missed");

    // Its day is over: it is gone from AWS Backup and stays in the history.
    scene.export().await;
    workflow.reconcile().await.unwrap();
    scene.pass(25 * HOUR).await;
    let pass = workflow.reconcile().await.unwrap();
    assert_eq!((pass.expired, pass.deleted), (1, 0), "{pass:?}");
    let ended = workflow.recovery_point(&made.id).await.unwrap();
    assert_eq!((ended.state, ended.ended_at), (State::Expired, made.expires_at));
    assert_eq!(ended.copies.len(), 3);
    let again = scene.workflow().await.recovery_point(&made.id).await.unwrap();
    assert_eq!(again.ended_at, made.expires_at);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_changes_does_not_change_the_past() {
    let scene = Scene::new().await;
    let workflow = scene.workflow().await;
    for _ in 0..3 {
        scene.hour().await;
    }
    workflow.reconcile().await.unwrap();
    let began = scene.aws.clock().now();
    let mut settings = scene.settings();
    settings.policy.interval = Some(SignedDuration::from_mins(30));
    let workflow = scene.workflow_with(settings).await;
    workflow.reconcile().await.unwrap();
    let source = workflow.sources().await.unwrap().remove(0).source;
    let intervals: Vec<i64> = source
        .expected
        .iter()
        .map(|expected| expected.schedule.interval_seconds)
        .collect();
    assert_eq!((intervals, source.interval_seconds), (vec![3_600, 1_800], 1_800));
    scene.hour().await;
    workflow.reconcile().await.unwrap();
    let timeline = workflow
        .timelines(began - 4 * HOUR, workflow.now())
        .await
        .unwrap()
        .remove(0);
    let missed: Vec<_> = timeline.lanes[0]
        .marks
        .iter()
        .filter(|mark| mark.state == MarkState::Missed)
        .map(|mark| mark.at)
        .collect();
    assert_eq!(
        missed,
        [began + SignedDuration::from_mins(30)],
        "hourly was enough until then"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_no_recovery_point_is_listed_as_unprotected() {
    let scene = Scene::new().await;
    let instance = Instance {
        id: "ledger".to_owned(),
        engine: "postgres".to_owned(),
        engine_version: "16.4".to_owned(),
        class: "db.t4g.small".to_owned(),
        database: Database::BuiltIn(BuiltIn::SecureCart),
    };
    let control = scene.aws.control();
    control
        .add_instance(scene.account.as_str(), HOME, instance)
        .await
        .unwrap();
    scene.hour().await;
    let cloud = scene.cloud().await;
    let mut settings = scene.settings();
    let inventories = list_resources(&cloud, &settings, scene.aws.clock().now()).await;
    assert_eq!(inventories.len(), 3, "one for each Region");
    let home = &inventories[0];
    assert_eq!(home.unseen, Vec::<String>::new());
    assert_eq!(home.protected.len(), 1);
    assert_eq!(home.protected[0].restorable, Restorable::Yes);
    assert_eq!(home.protected[0].recovery_points[0].count, 1);
    let [ledger] = &home.unprotected[..] else {
        panic!("{home:?}");
    };
    assert_eq!(
        (ledger.name.as_str(), ledger.restorable),
        ("ledger", Restorable::OtherEngine)
    );
    assert!(inventories[1].protected.is_empty() && inventories[1].unprotected.is_empty());

    // Tables of a policy are those that RDS exports, and a source that nobody knows has no policy.
    settings.policy =
        serde_json::from_value(serde_json::json!({"export": {"tables": ["securecart.payments"]}})).unwrap();
    let workflow = scene.workflow_with(settings).await;
    workflow.reconcile().await.unwrap();
    scene.export().await;
    workflow.reconcile().await.unwrap();
    let tables: Vec<String> = scene
        .newest(&workflow)
        .await
        .tables
        .iter()
        .map(|table| table.name.to_string())
        .collect();
    assert_eq!(tables, ["securecart.payments"]);
    let unknown = workflow.policy(&"nobody".parse().unwrap()).await;
    assert!(matches!(unknown, Err(Error::NotFound { .. })), "{unknown:?}");
    assert_eq!(
        workflow
            .policy(&"securecart".parse().unwrap())
            .await
            .unwrap()
            .name,
        "default"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_makes_the_changes_that_were_seen_and_no_others() {
    let scene = Scene::new().await;
    let workflow = scene.workflow_with(settings(&scene)).await;
    let needed = workflow.policy_changes(None).await.unwrap();
    assert_eq!(needed.changes.len(), 3, "{:#?}", needed.diff);
    assert!(
        needed.diff[0].starts_with("+ vault hourly in us-west-2"),
        "{:#?}",
        needed.diff
    );
    let again = workflow.policy_changes(None).await.unwrap();
    assert_eq!(
        needed.digest, again.digest,
        "the same changes have the same digest"
    );

    let refused = workflow.apply_policies(&viewer(), None, &needed.digest).await;
    assert!(matches!(refused, Err(Error::NotPermitted { .. })), "{refused:?}");
    // Somebody makes a part of it meanwhile: what was seen is not what is needed.
    let cloud = scene.cloud().await;
    apply(&cloud, &needed.changes[0]).await.unwrap();
    let refused = workflow.apply_policies(&operator(), None, &needed.digest).await;
    assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
    assert_eq!(workflow.policy_changes(None).await.unwrap().changes.len(), 2);

    let left = workflow.policy_changes(None).await.unwrap();
    let done = workflow
        .apply_policies(&operator(), None, &left.digest)
        .await
        .unwrap();
    assert_eq!(
        (done.applied.len(), done.holds),
        (2, true),
        "{:#?}",
        done.policies
    );
    assert!(
        workflow.policies().await.unwrap()[0].holds,
        "what a moment ago was seen is not shown any more"
    );
    let nothing = workflow.policy_changes(None).await.unwrap();
    let done = workflow
        .apply_policies(&operator(), None, &nothing.digest)
        .await
        .unwrap();
    assert_eq!(done.applied, []);

    let log = workflow.audit(&AuditQuery::default()).await.unwrap().items;
    let phases: Vec<Phase> = log
        .iter()
        .filter(|entry| entry.permission == Permission::ApplyPolicies)
        .map(|entry| entry.phase)
        .collect();
    let (begun, made) = (Phase::Started, Phase::Succeeded);
    assert_eq!(phases, [made, begun, made, begun, Phase::Refused, Phase::Refused]);
}
