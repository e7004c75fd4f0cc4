//! Throttles and faults on the way.

use local_aws::Options;
use recovery::plan::Capacity;
use restore::{FileCheckpoints, Progress};
use tokio_util::sync::CancellationToken;

use crate::export::{Table, lay, parquet, shows};
use crate::world::{REGION, World, copy, request};

#[tokio::test]
async fn a_throttled_table_is_written_slower_and_whole() {
    let world = World::with(Options {
        throttle: true,
        ..Options::default()
    })
    .await;
    lay(
        &world,
        "x",
        &[Table::shows(vec![parquet(&shows(1..3_001), 1_000)])],
    )
    .await;
    let mut wish = request("tv.shows=shows:id");
    // A new table has one second's capacity saved: the rest of the rows comes too fast for it.
    wish.capacity = Capacity::Provisioned {
        read_units: 5_000,
        write_units: 900,
    };
    let plan = restore::plan(
        &world.cloud,
        &copy("x"),
        &REGION.parse().unwrap(),
        &[wish],
        jiff::Timestamp::UNIX_EPOCH,
    )
    .await
    .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let checkpoints = FileCheckpoints::open(folder.path(), &plan).unwrap();
    let progress = Progress::new(&plan);
    let results = restore::execute(
        &world.cloud,
        &plan,
        &checkpoints,
        &progress,
        CancellationToken::new(),
    )
    .await
    .unwrap();
    assert!(results[0].is_proven(), "{results:?}");
    assert_eq!(results[0].items_written, 3_000, "each item is acknowledged once");
    assert!(results[0].retries > 0, "the throttle was felt");
}
