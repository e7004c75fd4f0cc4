//! A control table that an earlier version wrote: nothing of its history is lost.

use aws::dynamodb::{Item, Query, TableRef, Value};
use recovery::point::{RecoveryPoint, State};
use recovery::timeline::MarkState;

use crate::scene::{HOME, Scene, WEST, region};

#[tokio::test(flavor = "multi_thread")]
async fn records_get_what_stands_beside_them_today_at_the_first_pass() {
    let scene = Scene::new().await;
    let workflow = scene.workflow().await;
    let first = scene.verified_point(&workflow).await;
    let second = scene.verified_point(&workflow).await;
    drop(workflow);
    let (cloud, table) = (
        scene.cloud().await,
        TableRef::new(region(HOME), "data-restore".parse().unwrap()),
    );
    let beside = ["BRIEF#securecart".to_owned(), made_on(&first)];
    let read = async |pk: &str| {
        let query = Query::partition("pk", Value::string(pk));
        cloud.query(&table, query).await.unwrap().items
    };
    let written = [read(&beside[0]).await, read(&beside[1]).await];
    // Versions before had none of either, or briefs alone.
    for lacking in [&[0, 1][..], &[1]] {
        for &which in lacking {
            for item in &written[which] {
                let key = Item::default()
                    .with("pk", Value::string(&*beside[which]))
                    .with("sk", Value::string(item.string("sk").unwrap()));
                cloud.delete_item(&table, key, None).await.unwrap();
            }
            assert_eq!(read(&beside[which]).await, []);
        }
        let workflow = scene.workflow().await;
        workflow.reconcile().await.unwrap();
        for (partition, written) in beside.iter().zip(&written) {
            assert_eq!(written.len(), 2, "{partition}");
            assert_eq!(read(partition).await, *written);
        }
    }

    let workflow = scene.workflow().await;
    let now = workflow.now();
    let timelines = workflow
        .timelines(first.created_at, now + jiff::SignedDuration::from_secs(1))
        .await
        .unwrap();
    let lane = timelines[0]
        .lanes
        .iter()
        .find(|lane| lane.region == region(WEST))
        .unwrap();
    let shown: Vec<_> = lane
        .marks
        .iter()
        .filter(|mark| mark.state == MarkState::Verified)
        .filter_map(|mark| mark.recovery_point.clone())
        .collect();
    assert_eq!(shown, [first.id, second.id]);
    assert_eq!(scene.newest(&workflow).await.state, State::Verified);
}

/// The partition of what was made on the same day.
fn made_on(point: &RecoveryPoint) -> String {
    format!("DAY#{}", point.created_at.strftime("%Y-%m-%d"))
}
