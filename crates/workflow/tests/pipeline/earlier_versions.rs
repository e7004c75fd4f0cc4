//! A control table that an earlier version wrote: nothing of its history is lost.

use aws::dynamodb::{Item, Query, TableRef, Value};
use recovery::point::State;
use recovery::timeline::MarkState;

use crate::scene::{HOME, Scene, WEST, region};

#[tokio::test(flavor = "multi_thread")]
async fn records_without_briefs_get_them_at_the_first_pass() {
    let scene = Scene::new().await;
    let workflow = scene.workflow().await;
    let first = scene.verified_point(&workflow).await;
    let second = scene.verified_point(&workflow).await;
    drop(workflow);
    let (cloud, table) = (
        scene.cloud().await,
        TableRef::new(region(HOME), "data-restore".parse().unwrap()),
    );
    let partition = || Query::partition("pk", Value::string("BRIEF#securecart"));
    let briefs = cloud.query(&table, partition()).await.unwrap().items;
    assert_eq!(briefs.len(), 2);
    for brief in &briefs {
        let key = Item::default()
            .with("pk", Value::string("BRIEF#securecart"))
            .with("sk", Value::string(brief.string("sk").unwrap()));
        cloud.delete_item(&table, key, None).await.unwrap();
    }

    let workflow = scene.workflow().await;
    workflow.reconcile().await.unwrap();
    assert_eq!(cloud.query(&table, partition()).await.unwrap().items, briefs);
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
