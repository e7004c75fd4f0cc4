//! Listings: their order, their pages, their folders.

use aws::ErrorKind;
use futures::stream::{self, StreamExt as _};

use crate::case::{Case, cases};
use crate::place::Place;

pub fn cases() -> Vec<Case> {
    cases![
        objects_are_listed_in_the_order_of_their_bytes,
        a_listing_goes_on_where_a_page_ended,
        a_listing_of_more_than_asked_for_is_refused,
        folders_are_folded_at_the_next_slash,
    ]
}

async fn objects_are_listed_in_the_order_of_their_bytes(at: &Place) {
    let bucket = at.bucket(&at.away, "order").await;
    // UTF-8's order: no letter case, no locale, and the last two differ in UTF-16.
    let keys = [
        "p/1", "p/10", "p/2", "p/A", "p/a", "p/a b+c&d<e>%2F", "p/z", "p/é", "p/\u{ff5e}", "p/🎬",
    ];
    for key in keys.iter().rev().chain(&["o", "q/1"]) {
        at.cloud
            .put_object(&bucket, key, (*key).into(), None)
            .await
            .unwrap();
    }
    let listed = at.cloud.list_objects_up_to(&bucket, "p/", 100).await.unwrap();
    assert_eq!(
        listed.iter().map(|entry| entry.key.as_str()).collect::<Vec<_>>(),
        keys
    );
    for entry in &listed {
        assert_eq!(entry.size, entry.key.len() as u64);
        assert_eq!(
            entry.etag,
            at.cloud.head_object(&bucket, &entry.key).await.unwrap().etag
        );
        assert!(entry.last_modified.is_some() && entry.storage_class.is_none());
    }
    assert_eq!(
        at.cloud.list_objects_up_to(&bucket, "none/", 1).await.unwrap(),
        []
    );
}

async fn a_listing_goes_on_where_a_page_ended(at: &Place) {
    let bucket = at.bucket(&at.away, "pages").await;
    // S3's pages end at 1,000.
    let keys: Vec<String> = (0..1_005).map(|number| format!("p/{number:04}/k")).collect();
    stream::iter(&keys)
        .for_each_concurrent(8, async |key| {
            at.cloud.put_object(&bucket, key, "x".into(), None).await.unwrap();
        })
        .await;
    let listed = at.cloud.list_objects_up_to(&bucket, "p/", 2_000).await.unwrap();
    assert_eq!(
        listed.into_iter().map(|entry| entry.key).collect::<Vec<_>>(),
        keys
    );
    let folders: Vec<_> = at
        .cloud
        .list_folders(&bucket, "p/")
        .map(Result::unwrap)
        .collect()
        .await;
    assert_eq!(folders.len(), keys.len());
    assert_eq!(folders.last().unwrap(), "p/1004/");
}

async fn a_listing_of_more_than_asked_for_is_refused(at: &Place) {
    let bucket = at.bucket(&at.away, "more").await;
    for key in ["a", "b", "c"] {
        at.cloud.put_object(&bucket, key, "x".into(), None).await.unwrap();
    }
    assert_eq!(
        at.cloud.list_objects_up_to(&bucket, "", 3).await.unwrap().len(),
        3
    );
    let error = at.cloud.list_objects_up_to(&bucket, "", 2).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Limit, "{error}");
}

async fn folders_are_folded_at_the_next_slash(at: &Place) {
    let bucket = at.bucket(&at.away, "folders").await;
    for key in ["at-the-top", "p/1", "p/2", "q/r/s", "q/r/t", "q/u"] {
        at.cloud.put_object(&bucket, key, "x".into(), None).await.unwrap();
    }
    for (below, expected) in [
        ("", &["p/", "q/"][..]),
        ("q/", &["q/r/"]),
        ("p/", &[]),
        ("none/", &[]),
    ] {
        let folders: Vec<_> = at
            .cloud
            .list_folders(&bucket, below)
            .map(Result::unwrap)
            .collect()
            .await;
        assert_eq!(folders, expected, "{below}");
    }
}
