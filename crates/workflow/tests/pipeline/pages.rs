//! Pages of the recovery points of all sources: in order, whole, and over days on which none was made.

use std::time::Duration;

use jiff::SignedDuration;
use local_aws::database::{BuiltIn, Database};
use local_aws::rds::Instance;
use recovery::point::RecoveryPoint;
use workflow::{PointQuery, Workflow};

use crate::scene::{HOME, Scene};

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_all_sources_reach_every_recovery_point_in_order() {
    let scene = Scene::new().await;
    let workflow = scene.workflow().await;
    let ledger = Instance {
        id: "ledger".to_owned(),
        engine: "mysql".to_owned(),
        engine_version: "8.4.3".to_owned(),
        class: "db.t4g.small".to_owned(),
        database: Database::BuiltIn(BuiltIn::SecureCart),
    };
    let (control, account) = (scene.aws.control(), scene.account.as_str());
    control.add_instance(account, HOME, ledger).await.unwrap();
    let every = Some(Duration::from_hours(2));
    control
        .backup()
        .back_up_every(account, HOME, "ledger", "hourly", every);
    // Around midnight, and again after three days on which nothing was made.
    for hours in [1, 1, 1, 1, 1, 80, 1, 1] {
        scene.pass(SignedDuration::from_hours(hours)).await;
        workflow.reconcile().await.unwrap();
    }

    let everything = PointQuery::default();
    let mut expected = Vec::new();
    for source in ["securecart", "ledger"] {
        let query = PointQuery {
            source: Some(source.parse().unwrap()),
            ..everything.clone()
        };
        let points = pages(&workflow, &query, 50).await;
        assert!(points.len() >= 3, "{source}: {}", points.len());
        expected.extend(points);
    }
    expected.sort_by_key(|point| std::cmp::Reverse((point.created_at, point.id.clone())));
    for limit in [1, 4, expected.len(), 50] {
        assert_eq!(
            pages(&workflow, &everything, limit).await,
            expected,
            "{limit} a page"
        );
    }
    let (from, to) = (expected[expected.len() - 2].created_at, expected[1].created_at);
    let window = PointQuery {
        from: Some(from),
        to: Some(to),
        ..everything.clone()
    };
    let within = |point: &&RecoveryPoint| point.created_at >= from && point.created_at < to;
    let inside: Vec<_> = expected.iter().filter(within).cloned().collect();
    assert!(!inside.is_empty() && inside.len() < expected.len());
    assert_eq!(pages(&workflow, &window, 3).await, inside);
    let state = expected[0].state;
    let alike = PointQuery {
        state: Some(state),
        ..everything
    };
    let same: Vec<_> = expected
        .iter()
        .filter(|point| point.state == state)
        .cloned()
        .collect();
    assert!(!same.is_empty() && same.len() < expected.len());
    assert_eq!(pages(&workflow, &alike, 1).await, same);
}

/// Every recovery point that a query finds, `limit` a page.
async fn pages(workflow: &Workflow, query: &PointQuery, limit: usize) -> Vec<RecoveryPoint> {
    let mut query = PointQuery {
        limit: Some(limit),
        ..query.clone()
    };
    let mut points = Vec::new();
    loop {
        let page = workflow.recovery_points(&query).await.unwrap();
        assert!(page.items.len() <= limit);
        points.extend(page.items);
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            return points;
        }
    }
}
