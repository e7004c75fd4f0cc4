//! A run whose copy is lost goes on from an identical one elsewhere, and from no other.

use aws::Cloud;
use aws::s3::BucketRef;
use recovery::plan::{CopyRef, Plan};
use restore::{Error, FileCheckpoints, Progress, TableResult};
use tokio_util::sync::CancellationToken;

use crate::export::{Table, lay, parquet, shows};
use crate::faulty::Faulty;
use crate::world::{World, copy, plan};

const WEST: &str = "us-west-2";

fn west() -> BucketRef {
    BucketRef::new(WEST.parse().unwrap(), "exports-west")
}

/// A plan over three objects, with a copy in the west that holds them below another prefix; `alter` may change what the
/// west gets.
async fn planned(world: &World, alter: impl Fn(usize, &mut Vec<u8>)) -> (Plan, Vec<String>) {
    let files: Vec<_> = (0..3)
        .map(|n| parquet(&shows(n * 300..n * 300 + 300), 300))
        .collect();
    let keys = lay(world, "x", &[Table::shows(files.clone())]).await;
    world.cloud.create_bucket(&west()).await.unwrap();
    for (number, (key, mut file)) in keys.iter().zip(files).enumerate() {
        alter(number, &mut file);
        let key = key.replacen("x/", "copies/x/", 1);
        world
            .cloud
            .put_object(&west(), &key, file.into(), None)
            .await
            .unwrap();
    }
    let mut plan = plan(world, "x", &["tv.shows=shows:id"]).await.unwrap();
    plan.fallbacks = vec![CopyRef {
        region: WEST.parse().unwrap(),
        bucket: west().name,
        ..copy("copies/x")
    }];
    (plan, keys)
}

async fn run(world: &World, plan: &Plan, progress: &Progress) -> Result<TableResult, Error> {
    run_by(&world.cloud, plan, progress).await
}

async fn run_by(cloud: &Cloud, plan: &Plan, progress: &Progress) -> Result<TableResult, Error> {
    let folder = tempfile::tempdir().unwrap();
    let checkpoints = FileCheckpoints::open(folder.path(), plan).unwrap();
    let cancel = CancellationToken::new();
    let results = restore::execute(cloud, plan, &checkpoints, progress, cancel).await?;
    Ok(results.into_iter().next().unwrap())
}

#[tokio::test]
async fn a_run_goes_on_from_an_identical_copy_and_says_so() {
    let world = World::start().await;
    let (plan, keys) = planned(&world, |_, _| {}).await;
    world.delete(&keys[1]).await;
    let progress = Progress::new(&plan);
    let result = run(&world, &plan, &progress).await.unwrap();
    assert!(result.is_proven());
    assert_eq!((result.rows_read, result.items_written), (900, 900));
    assert_eq!(
        progress.tables()[0].items_written,
        900,
        "nothing is counted twice"
    );
    let copies = progress.copies();
    assert_eq!(copies.len(), 1);
    assert_eq!(copies[0].region.as_str(), WEST);
    assert_eq!(copies[0].copy, "s3://exports-west/copies/x");
    assert!(copies[0].because.contains(&keys[1]), "{}", copies[0].because);
}

#[tokio::test]
async fn a_run_outlives_the_region_of_its_copy() {
    let world = World::start().await;
    let (plan, _) = planned(&world, |_, _| {}).await;
    let faulty = Faulty::without(world.endpoint(), "/exports/").await;
    let cloud = world.through(&faulty.endpoint).await;
    let progress = Progress::new(&plan);
    let result = run_by(&cloud, &plan, &progress).await.unwrap();
    assert!(result.is_proven());
    assert_eq!(progress.copies().len(), 1);
}

#[tokio::test]
async fn a_copy_that_is_not_identical_is_not_gone_on_from() {
    let world = World::start().await;
    // One bit of one object, whose size stays.
    let (plan, keys) = planned(&world, |number, file| {
        if number == 2 {
            file[100] ^= 1;
        }
    })
    .await;
    world.delete(&keys[0]).await;
    let progress = Progress::new(&plan);
    match run(&world, &plan, &progress).await {
        Err(Error::Refused(refusal)) => {
            assert_eq!(refusal.code, "object_changed", "why the plan's own copy was lost");
            assert!(refusal.subject.contains(&keys[0]), "{}", refusal.subject);
        }
        other => panic!("{other:?}"),
    }
    assert!(progress.copies().is_empty());
}

#[tokio::test]
async fn without_a_checksum_nothing_says_that_a_copy_is_identical() {
    let world = World::start().await;
    let (mut plan, keys) = planned(&world, |_, _| {}).await;
    plan.tables[0].objects[2].checksum = None;
    world.delete(&keys[0]).await;
    assert!(run(&world, &plan, &Progress::new(&plan)).await.is_err());
}
