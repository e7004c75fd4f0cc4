//! A copy in Glacier is restorable once it is thawed: what that takes, asking for it, and waiting over a restart.

use jiff::SignedDuration;
use recovery::archive::Tier;
use recovery::audit::Phase;
use recovery::point::RecoveryPoint;
use recovery::preflight::{Choice, Depth};
use recovery::request::{PlanRequest, TableRequest};
use recovery::verdict::Verdict;
use workflow::{AuditQuery, Error};

use crate::scene::{HOME, Scene, WEST, bucket, operator, region, viewer};

pub async fn freeze(scene: &Scene, point: &RecoveryPoint, home: &str, class: &str) {
    let (s3, account) = (scene.aws.s3(), scene.account.as_str());
    let prefix = format!("exports/{}/", point.id);
    for object in s3.list(account, home, &bucket(home), &prefix).await.unwrap() {
        s3.transition(account, home, &bucket(home), &object.key, class)
            .await
            .unwrap();
    }
}

fn request(point: &RecoveryPoint) -> PlanRequest {
    PlanRequest {
        recovery_point: point.id.clone(),
        region: region(WEST),
        target_region: region(WEST),
        tables: vec![TableRequest::new(
            "securecart.customers".parse().unwrap(),
            "customers-thawed".parse().unwrap(),
            "id",
        )],
        preflight: Depth::Quick,
        show_values: false,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_in_glacier_is_verified_there_and_restored_once_thawed() {
    let scene = Scene::new().await;
    let workflow = scene.workflow().await;
    let point = scene.verified_point(&workflow).await;
    freeze(&scene, &point, WEST, "DEEP_ARCHIVE").await;
    let found = workflow.verify(&operator(), &point.id).await.unwrap();
    let copy = found.copy_in(&region(WEST)).unwrap();
    assert_eq!(
        copy.verdict,
        Verdict::Verified,
        "S3's checksums decide without reading"
    );
    let archived = copy.archived.as_ref().unwrap();
    assert_eq!((archived.class.as_str(), archived.readable), ("DEEP_ARCHIVE", 0));
    assert!(found.copy_in(&region(HOME)).unwrap().archived.is_none());
    let options = workflow.thaw_options(copy);
    assert_eq!(
        options.iter().map(|option| option.tier).collect::<Vec<_>>(),
        [Tier::Standard, Tier::Bulk]
    );
    assert!(options.iter().all(|option| option.cost.is_some()), "{options:?}");

    let planned = workflow.plan(&operator(), &request(&point)).await.unwrap();
    assert!(planned.plan.is_none());
    let finding = planned.preflight.blocking().next().unwrap();
    assert_eq!(finding.code, "needs_thaw");
    let choices: Vec<String> = finding.choices.iter().map(Choice::sentence).collect();
    assert!(choices[0].contains("copy in us-east-1"), "{choices:?}");
    assert!(
        choices[2].starts_with("Thaw it (standard) and let the restore wait: takes 12 hours"),
        "{choices:?}"
    );
    let west = region(WEST);
    let refused = workflow
        .thaw(&viewer(), &point.id, &west, Tier::Standard, 2)
        .await;
    assert!(matches!(refused, Err(Error::NotPermitted { .. })), "{refused:?}");
    let refused = workflow
        .thaw(&operator(), &point.id, &west, Tier::Expedited, 2)
        .await;
    assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    let asked = workflow
        .thaw(&operator(), &point.id, &west, Tier::Standard, 2)
        .await
        .unwrap();
    let archived = asked.copy_in(&west).unwrap().archived.clone().unwrap();
    assert_eq!((archived.thawing, archived.readable), (archived.objects, 0));
    // Asking twice is asking once.
    workflow
        .thaw(&operator(), &point.id, &west, Tier::Standard, 2)
        .await
        .unwrap();

    // Another process sees it through.
    scene.aws.clock().advance(SignedDuration::from_mins(2));
    let workflow = scene.workflow().await;
    workflow.reconcile().await.unwrap();
    let thawed = workflow.recovery_point(&point.id).await.unwrap();
    let archived = thawed.copy_in(&west).unwrap().archived.clone().unwrap();
    assert!(!archived.needs_thaw(), "{archived:?}");
    assert!(archived.readable_until.is_some());
    let planned = workflow.plan(&operator(), &request(&point)).await.unwrap();
    assert!(planned.plan.is_some());

    // It freezes again, and that is seen.
    scene.aws.clock().advance(SignedDuration::from_hours(4 * 24));
    workflow.reconcile().await.unwrap();
    let frozen = workflow.recovery_point(&point.id).await.unwrap();
    assert!(frozen.copy_in(&west).unwrap().needs_thaw(), "{frozen:#?}");
    let log = workflow.audit(&AuditQuery::default()).await.unwrap().items;
    let thaws = log
        .iter()
        .filter(|entry| entry.permission == recovery::actor::Permission::Thaw);
    let phases: Vec<Phase> = thaws.map(|entry| entry.phase).collect();
    assert_eq!(
        phases,
        [
            Phase::Succeeded,
            Phase::Started,
            Phase::Succeeded,
            Phase::Started,
            Phase::Refused
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_in_glacier_stays_what_was_recorded_of_it() {
    let scene = Scene::new().await;
    let workflow = scene.workflow().await;
    let point = scene.verified_point(&workflow).await;
    freeze(&scene, &point, HOME, "GLACIER").await;
    let found = workflow.verify(&operator(), &point.id).await.unwrap();
    for copy in &found.copies {
        assert_eq!(copy.verdict, Verdict::Verified, "{copy:#?}");
        assert_eq!(copy.needs_thaw(), copy.is_export);
    }
    assert!(!found.tables.is_empty(), "its tables are known still");
}
