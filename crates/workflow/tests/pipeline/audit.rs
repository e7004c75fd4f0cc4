//! The audit chain under several appenders.

use futures::future::join_all;
use recovery::ids::RecoveryPointId;
use workflow::{AuditQuery, verify_chain};

use crate::scene::{Scene, viewer};

#[tokio::test(flavor = "multi_thread")]
async fn several_servers_append_without_forks_or_gaps() {
    let scene = Scene::new().await;
    let servers = [
        scene.workflow().await,
        scene.workflow().await,
        scene.workflow().await,
    ];
    let refusals = servers.iter().enumerate().flat_map(|(server, workflow)| {
        (0..8).map(move |number| async move {
            let id: RecoveryPointId = format!("x-{server}-{number}").parse().unwrap();
            workflow.verify(&viewer(), &id).await.unwrap_err()
        })
    });
    join_all(refusals).await;
    let mut entries = Vec::new();
    let mut query = AuditQuery {
        limit: Some(7),
        ..AuditQuery::default()
    };
    loop {
        let page = servers[0].audit(&query).await.unwrap();
        entries.extend(page.items);
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            break;
        }
    }
    let chain = verify_chain(&entries).unwrap();
    assert_eq!((chain.first, chain.last, chain.entries), (1, 24, 24));
    let one = AuditQuery {
        subject: Some("x-1-3".to_owned()),
        ..AuditQuery::default()
    };
    let found = servers[0].audit(&one).await.unwrap();
    assert_eq!((found.items.len(), found.next_cursor), (1, None));
}
