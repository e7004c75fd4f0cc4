//! A Region that is lost: everything else goes on, since when is told, and it heals without help.

use std::time::Duration;

use jiff::SignedDuration;
use local_aws::database::{BuiltIn, Database};
use local_aws::rds::Instance;
use recovery::ids::SourceId;
use recovery::point::{RecoveryPoint, State};
use recovery::request::Approval;
use recovery::run::{Outcome, Run};
use recovery::situation::Standing;
use recovery::source::SourceTimeline;
use recovery::timeline::MarkState;
use recovery::verdict::Verdict;
use workflow::{PointQuery, Settings, Vault, Workflow};

use crate::restores::{ended, planned, work};
use crate::scene::{HOME, IRELAND, Scene, WEST, bucket, operator, region};

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// A second source, at home in the west: what happens to the one must not happen to the other.
const LEDGER: &str = "ledger";

async fn add_ledger(scene: &Scene) {
    let (control, account) = (scene.aws.control(), scene.account.as_str());
    let instance = Instance {
        id: LEDGER.to_owned(),
        engine: "mysql".to_owned(),
        engine_version: "8.4.3".to_owned(),
        class: "db.t4g.small".to_owned(),
        database: Database::BuiltIn(BuiltIn::SecureCart),
    };
    control.add_instance(account, WEST, instance).await.unwrap();
    control.backup().ensure_vault(account, WEST, "hourly").unwrap();
    let hourly = Some(Duration::from_hours(1));
    control
        .backup()
        .back_up_every(account, WEST, LEDGER, "hourly", hourly);
}

fn settings(scene: &Scene) -> Settings {
    let mut settings = scene.settings();
    settings.vaults.push(Vault {
        region: region(WEST),
        account: scene.account.clone(),
        name: "hourly".to_owned(),
    });
    settings
}

async fn newest_of(workflow: &Workflow, source: &str) -> RecoveryPoint {
    let query = PointQuery {
        source: Some(source.parse().unwrap()),
        limit: Some(1),
        ..PointQuery::default()
    };
    workflow.recovery_points(&query).await.unwrap().items.remove(0)
}

async fn timeline_of(workflow: &Workflow, source: &str) -> SourceTimeline {
    let now = workflow.now();
    let all = workflow.timelines(now - 6 * HOUR, now).await.unwrap();
    let id: SourceId = source.parse().unwrap();
    all.into_iter()
        .find(|timeline| timeline.source.source.id == id)
        .unwrap()
}

fn since(timeline: &SourceTimeline, name: &str) -> Option<jiff::Timestamp> {
    let lane = timeline.lanes.iter().find(|lane| lane.region == region(name));
    lane.unwrap().unreachable_since
}

/// Everything that lies in one bucket, brought into the others: what S3's replication does where it can.
async fn replicate(scene: &Scene, from: &str, to: &[&str]) {
    let (s3, account) = (scene.aws.s3(), scene.account.as_str());
    for object in s3.list(account, from, &bucket(from), "").await.unwrap() {
        for other in to {
            let content = s3.get(account, from, &bucket(from), &object.key).await.unwrap();
            let there = s3
                .list(account, other, &bucket(other), &object.key)
                .await
                .unwrap();
            if there.is_empty() {
                let content = local_aws::s3::Content::Bytes(content);
                s3.put_file(account, other, &bucket(other), &object.key, content)
                    .await
                    .unwrap();
            }
        }
    }
}

async fn replicate_all(scene: &Scene) {
    replicate(scene, HOME, &[WEST, IRELAND]).await;
    replicate(scene, WEST, &[HOME, IRELAND]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_lost_amid_exports_checks_and_a_restore_stops_nothing_else_and_heals_alone() {
    let scene = Scene::new().await;
    add_ledger(&scene).await;
    let workflow = scene.workflow_with(settings(&scene)).await;
    // One recovery point of each is verified everywhere; of the next, the exports are under way.
    scene.hour().await;
    workflow.reconcile().await.unwrap();
    scene.export().await;
    replicate_all(&scene).await;
    workflow.reconcile().await.unwrap();
    let verified = newest_of(&workflow, "securecart").await;
    assert_eq!(verified.state, State::Verified);
    scene.hour().await;
    let begun = workflow.reconcile().await.unwrap();
    assert_eq!((begun.started, begun.errors.len()), (2, 0), "{begun:?}");

    // A restore of the west's copy into Ireland has begun when the west is lost.
    let plan = planned(&workflow, &verified, "amid").await;
    assert!(!plan.fallbacks.is_empty());
    let run: Run = workflow
        .start(&operator(), plan, Approval::default())
        .await
        .unwrap();
    scene.aws.cut_off(WEST).await.unwrap();
    let lost_at = workflow.now();
    let (stop, workers) = work(&workflow);
    let run = ended(&workflow, &run).await;
    assert_eq!(run.outcome, Some(Outcome::Proven), "{run:#?}");
    assert_eq!(
        run.went_on_from.len(),
        1,
        "it went on from another copy: {run:#?}"
    );
    stop.cancel();
    workers.await.unwrap();

    // Its exports end; the copies that can be seen are verified, that of the west is unknown, not lost.
    scene.export().await;
    replicate(&scene, HOME, &[IRELAND]).await;
    let during = workflow.reconcile().await.unwrap();
    assert!(!during.errors.is_empty(), "{during:?}");
    let found = newest_of(&workflow, "securecart").await;
    assert_eq!(found.state, State::Unreachable, "{found:#?}");
    for name in [HOME, IRELAND] {
        assert_eq!(
            found.copy_in(&region(name)).unwrap().verdict,
            Verdict::Verified,
            "{name}"
        );
    }
    let unseen = found.copy_in(&region(WEST)).unwrap();
    let Verdict::Unknown { since: seen_at, .. } = unseen.verdict else {
        panic!("{unseen:?}");
    };
    assert!(seen_at >= lost_at);
    let ledger = format!("{LEDGER}.{WEST}.{}", scene.account);
    let waiting = newest_of(&workflow, &ledger).await;
    assert_eq!(
        waiting.state,
        State::Exporting,
        "nobody can ask how its export is"
    );

    // Hours go by. What can be backed up is, exported and checked as ever; since when stays what it was.
    for _ in 0..2 {
        scene.hour().await;
        workflow.reconcile().await.unwrap();
        scene.export().await;
        replicate(&scene, HOME, &[IRELAND]).await;
        workflow.reconcile().await.unwrap();
    }
    let shop = timeline_of(&workflow, "securecart").await;
    assert_eq!(since(&shop, WEST), Some(seen_at));
    assert_eq!((since(&shop, HOME), since(&shop, IRELAND)), (None, None));
    let west = shop
        .lanes
        .iter()
        .find(|lane| lane.region == region(WEST))
        .unwrap();
    let unreachable = west
        .marks
        .iter()
        .filter(|mark| mark.state == MarkState::Unreachable);
    assert_eq!(unreachable.count(), 3, "{west:#?}");
    for summary in &shop.source.regions {
        assert_eq!(
            summary.rpo.within_target,
            summary.region != region(WEST),
            "{summary:?}"
        );
    }
    let earlier = workflow.recovery_point(&verified.id).await.unwrap();
    assert_eq!(
        earlier.state,
        State::Verified,
        "what was verified before is no worse"
    );
    let situation = workflow.situation().await.unwrap();
    assert_eq!(situation.standing, Standing::Wrong);
    assert!(
        situation
            .remarks
            .iter()
            .any(|remark| remark.before.contains("cannot be reached since") && remark.at == Some(seen_at)),
        "{situation:#?}"
    );

    // It is back, and what was not replicated arrives. Nobody does anything.
    scene.aws.reconnect(WEST).await.unwrap();
    replicate_all(&scene).await;
    for _ in 0..4 {
        workflow.reconcile().await.unwrap();
        scene.export().await;
        replicate_all(&scene).await;
    }
    let last = workflow.reconcile().await.unwrap();
    assert_eq!((last.waiting, last.errors.len()), (0, 0), "{last:?}");
    for source in ["securecart", &ledger] {
        let timeline = timeline_of(&workflow, source).await;
        for lane in &timeline.lanes {
            assert_eq!(lane.unreachable_since, None);
            let states: Vec<MarkState> = lane.marks.iter().map(|mark| mark.state).collect();
            assert_eq!(states, [MarkState::Verified; 4], "{source} in {}", lane.region);
        }
        assert!(
            timeline
                .source
                .regions
                .iter()
                .all(|region| region.rpo.within_target)
        );
    }
}
