//! Throttles and faults on the way.

use std::time::Duration;

use local_aws::Options;
use recovery::plan::{Capacity, Existing};
use recovery::request::TableRequest;
use restore::{FileCheckpoints, Progress};
use tokio_util::sync::CancellationToken;

use crate::export::{Table, lay, parquet, shows};
use crate::faulty::{Fault, Faulty};
use crate::world::{REGION, World, copy, request};

#[tokio::test]
async fn a_throttled_table_is_written_slower_and_whole() {
    let world = World::with(Options {
        throttle: true,
        ..Options::default()
    })
    .await;
    lay(&world, "x", &[Table::shows(vec![parquet(&shows(1..1_001), 250)])]).await;
    // Each of two runs keeps to what the table provides, and both together come too fast for it.
    let wish = TableRequest {
        existing: Existing::Overwrite,
        capacity: Capacity::Provisioned {
            read_units: 5_000,
            write_units: 300,
        },
        ..request("tv.shows=shows:id")
    };
    let region = REGION.parse().unwrap();
    let epoch = jiff::Timestamp::UNIX_EPOCH;
    let plan = restore::plan(&world.cloud, &copy("x"), &region, &[wish], epoch)
        .await
        .unwrap();
    let run = || async {
        let folder = tempfile::tempdir().unwrap();
        let checkpoints = FileCheckpoints::open(folder.path(), &plan).unwrap();
        let (progress, cancel) = (Progress::new(&plan), CancellationToken::new());
        restore::execute(&world.cloud, &plan, &checkpoints, &progress, cancel)
            .await
            .unwrap()
            .remove(0)
    };
    let (one, other) = tokio::join!(run(), run());
    for result in [&one, &other] {
        assert!(result.is_proven(), "{result:?}");
        assert_eq!(result.items_written, 1_000, "each item is acknowledged once");
    }
    assert!(one.retries + other.retries > 0, "the throttle was felt");
}

#[tokio::test]
async fn every_fault_on_the_way_is_outlived_and_nothing_is_lost_or_doubled() {
    let world = World::start().await;
    let files = (0..4).map(|file| parquet(&shows(file * 1_000..(file + 1) * 1_000), 250));
    lay(&world, "x", &[Table::shows(files.collect())]).await;
    let mut happened = std::collections::BTreeMap::new();
    for seed in 0..6 {
        let mut wish = request("tv.shows=shows:id");
        wish.target = format!("shows-{seed}").parse().unwrap();
        let region = REGION.parse().unwrap();
        let epoch = jiff::Timestamp::UNIX_EPOCH;
        let plan = restore::plan(&world.cloud, &copy("x"), &region, &[wish], epoch)
            .await
            .unwrap();
        let proxy = Faulty::start(world.endpoint(), seed).await;
        // The client's own timeout, short enough for a test.
        let cloud = world.impatient(&proxy.endpoint, Duration::from_secs(1)).await;
        let folder = tempfile::tempdir().unwrap();
        let checkpoints = FileCheckpoints::open(folder.path(), &plan).unwrap();
        let (progress, cancel) = (Progress::new(&plan), CancellationToken::new());
        let results = restore::execute(&cloud, &plan, &checkpoints, &progress, cancel)
            .await
            .unwrap();
        assert!(results[0].is_proven(), "seed {seed}: {results:?}");
        assert_eq!(results[0].items_written, 4_000, "seed {seed}");
        for (fault, times) in proxy.happened() {
            *happened.entry(fault).or_insert(0) += times;
        }
    }
    for fault in [
        Fault::Throttled,
        Fault::SlowDown,
        Fault::Internal,
        Fault::Refused,
        Fault::AnswerLost,
        Fault::Truncated,
        Fault::Slow,
        Fault::Silent,
    ] {
        assert!(
            happened.contains_key(&fault),
            "{fault:?} never happened: {happened:?}"
        );
    }
}
