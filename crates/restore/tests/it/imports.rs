//! Tables that come by DynamoDB's import from S3.

use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use aws::s3::BucketRef;
use local_aws::Options;
use recovery::plan::{Plan, Way};
use recovery::schema_record::SchemaRecord;
use restore::{
    Checkpoints, Error, FileCheckpoints, ImportRecord, Progress, Recorded, TableResult, TargetRecord,
    UnitBefore, UnitResult,
};
use tokio_util::sync::CancellationToken;

use crate::export::{Table, lay, parquet, shows};
use crate::world::{World, copy, request, target};

const WORK: &str = "staging";

/// An embedded AWS with a bucket to work in, and imports that take at least so long.
async fn world(import_duration: Duration) -> World {
    let world = World::with(Options {
        import_duration,
        ..Options::default()
    })
    .await;
    world.cloud.create_bucket(&work()).await.unwrap();
    world
}

fn work() -> BucketRef {
    BucketRef::new("us-east-1".parse().unwrap(), WORK)
}

/// The keys in the bucket to work in.
async fn worked(world: &World) -> Vec<String> {
    let objects = world.cloud.list_objects_up_to(&work(), "", 1_000).await.unwrap();
    objects.into_iter().map(|object| object.key).collect()
}

/// A plan that imports the tables named.
async fn plan(world: &World, tables: &[&str], imported: &[&str]) -> Plan {
    let requests: Vec<_> = tables
        .iter()
        .map(|text| {
            let mut request = request(text);
            if imported.contains(&request.source.to_string().as_str()) {
                request.way = Way::Import {
                    bucket: WORK.to_owned(),
                    prefix: "/restores/".to_owned(),
                };
            }
            request
        })
        .collect();
    let region = "us-east-1".parse().unwrap();
    restore::plan(
        &world.cloud,
        &copy("x"),
        &region,
        &requests,
        jiff::Timestamp::UNIX_EPOCH,
    )
    .await
    .unwrap()
}

/// When a run is stopped, as a signal would stop it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Stop {
    /// When a unit lies in S3.
    Packed,
    /// When an import is about to be asked for.
    Asked,
    /// When DynamoDB has answered.
    Begun,
    /// When it has ended.
    Ended,
}

/// Checkpoints that stop the run at one moment. `lost`: what happened is not recorded, as after `kill -9`.
struct StopAt {
    inner: FileCheckpoints,
    stop: Option<Stop>,
    lost: bool,
    cancel: CancellationToken,
    stopped: Mutex<bool>,
}

impl StopAt {
    fn is_now(&self, moment: Stop) -> bool {
        if self.stop != Some(moment) {
            return false;
        }
        *self.stopped.lock().unwrap() = true;
        self.cancel.cancel();
        true
    }
}

#[async_trait]
impl Checkpoints for StopAt {
    async fn load(&self) -> Result<Recorded, Error> {
        self.inner.load().await
    }

    async fn record_schema(&self, schema: &SchemaRecord) -> Result<(), Error> {
        self.inner.record_schema(schema).await
    }

    async fn record_target(&self, target: &TargetRecord) -> Result<(), Error> {
        self.inner.record_target(target).await
    }

    async fn record_import(&self, import: &ImportRecord) -> Result<(), Error> {
        let moment = match (&import.arn, import.items) {
            (None, _) => Stop::Asked,
            (Some(_), None) => Stop::Begun,
            (Some(_), Some(_)) => Stop::Ended,
        };
        if self.is_now(moment) && self.lost {
            return Err(Error::Cancelled);
        }
        self.inner.record_import(import).await
    }

    async fn record_before(&self, before: &UnitBefore) -> Result<(), Error> {
        self.inner.record_before(before).await
    }

    async fn record_unit(&self, unit: &UnitResult) -> Result<(), Error> {
        if self.is_now(Stop::Packed) && self.lost {
            return Err(Error::Cancelled);
        }
        self.inner.record_unit(unit).await
    }
}

/// The checkpoints of a plan. A stopped run's last record may still be on its way to the disk, and holds the file.
async fn checkpoints(state: &Path, plan: &Plan) -> FileCheckpoints {
    for _ in 0..500 {
        match FileCheckpoints::open(state, plan) {
            Err(Error::Refused(refusal)) if refusal.code == "run_in_progress" => {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            opened => return opened.unwrap(),
        }
    }
    panic!("the file is never let go");
}

async fn run(
    world: &World,
    plan: &Plan,
    state: &Path,
    stop: Option<Stop>,
    lost: bool,
) -> Result<Vec<TableResult>, Error> {
    let cancel = CancellationToken::new();
    let checkpoints = StopAt {
        inner: checkpoints(state, plan).await,
        stop,
        lost,
        cancel: cancel.clone(),
        stopped: Mutex::default(),
    };
    let progress = Progress::new(plan);
    let outcome = restore::execute(&world.cloud, plan, &checkpoints, &progress, cancel).await;
    assert_eq!(*checkpoints.stopped.lock().unwrap(), stop.is_some(), "{stop:?}");
    if let Ok(results) = &outcome {
        let counts = progress.tables();
        for (result, counts) in results.iter().zip(counts) {
            assert_eq!(counts.items_written, result.items_written);
            assert_eq!(counts.bytes_written, result.bytes_written);
            assert_eq!(counts.rows_read, result.rows_read);
        }
    }
    outcome
}

#[tokio::test]
async fn an_import_is_proven_as_a_write_is_and_leaves_nothing_behind() {
    let world = world(Duration::from_millis(200)).await;
    let files = vec![
        parquet(&shows(0..1_200), 500),
        parquet(&shows(1_200..2_001), 1_000),
    ];
    let written = Table {
        name: "tv.old_shows",
        ..Table::shows(vec![parquet(&shows(1..50), 100)])
    };
    lay(&world, "x", &[Table::shows(files), written]).await;
    let tables = ["tv.shows=shows:id", "tv.old_shows=old:country,id"];
    let plan = plan(&world, &tables, &["tv.shows"]).await;
    let preflight = crate::world::preflight(&world, &plan).await;
    assert!(!preflight.is_blocked(), "{:#?}", preflight.findings);

    let state = tempfile::tempdir().unwrap();
    let results = run(&world, &plan, state.path(), None, false).await.unwrap();
    assert!(results.iter().all(TableResult::is_proven), "{results:?}");
    assert_eq!(results[0].items_written, 2_001);
    assert_eq!(worked(&world).await, [""; 0]);
    let again = run(&world, &plan, state.path(), None, false).await.unwrap();
    assert!(
        again.iter().all(TableResult::is_proven),
        "what is done stays done"
    );
    assert_eq!(again[0].items_written, 2_001);

    // The same table, written: the same items.
    let other = self::plan(&world, &["tv.shows=written:id"], &[]).await;
    let state = tempfile::tempdir().unwrap();
    let results = run(&world, &other, state.path(), None, false).await.unwrap();
    let sorted = async |table: &str| {
        let mut items: Vec<String> = world
            .items(table)
            .await
            .iter()
            .map(|item| format!("{item:?}"))
            .collect();
        items.sort();
        items
    };
    assert_eq!(sorted("shows").await, sorted("written").await);
    assert_eq!(results[0].bytes_written, again[0].bytes_written);
}

#[tokio::test]
async fn a_run_that_stops_at_any_moment_goes_on_to_its_proof() {
    for lost in [false, true] {
        for stop in [Stop::Packed, Stop::Asked, Stop::Begun, Stop::Ended] {
            let world = world(Duration::from_millis(300)).await;
            let files = (0..4).map(|n| parquet(&shows(n * 50..n * 50 + 50), 50)).collect();
            lay(&world, "x", &[Table::shows(files)]).await;
            let plan = plan(&world, &["tv.shows=shows:id"], &["tv.shows"]).await;
            let state = tempfile::tempdir().unwrap();
            let stopped = run(&world, &plan, state.path(), Some(stop), lost).await;
            assert!(matches!(stopped, Err(Error::Cancelled)), "{stop:?}: {stopped:?}");
            assert!(
                !worked(&world).await.is_empty(),
                "{stop:?}: the objects are what it goes on with"
            );
            let results = run(&world, &plan, state.path(), None, false)
                .await
                .unwrap_or_else(|error| panic!("{stop:?}, lost {lost}: {error}"));
            assert!(results[0].is_proven(), "{stop:?}, lost {lost}: {results:?}");
            assert_eq!((results[0].rows_read, results[0].items_written), (200, 200));
            assert_eq!(worked(&world).await, [""; 0]);
        }
    }
}

#[tokio::test]
async fn a_run_that_is_given_up_removes_its_objects_or_says_where_they_are() {
    let world = world(Duration::from_secs(2)).await;
    lay(&world, "x", &[Table::shows(vec![parquet(&shows(0..100), 50)])]).await;
    let plan = plan(&world, &["tv.shows=shows:id"], &["tv.shows"]).await;
    let state = tempfile::tempdir().unwrap();
    run(&world, &plan, state.path(), Some(Stop::Begun), false)
        .await
        .unwrap_err();
    let left = {
        let checkpoints = checkpoints(state.path(), &plan).await;
        restore::leave_work(&world.cloud, &plan, &checkpoints).await
    };
    let left = left.unwrap();
    let prefix = &restore::work_prefixes(&plan)[0];
    assert!(prefix.starts_with("s3://staging/restores/"), "{prefix}");
    assert!(
        left.contains("goes on importing") && left.contains(prefix),
        "{left}"
    );
    assert!(!worked(&world).await.is_empty());

    world
        .cloud
        .wait_active(&target("shows"), Duration::from_secs(20))
        .await
        .unwrap();
    let checkpoints = checkpoints(state.path(), &plan).await;
    assert_eq!(restore::leave_work(&world.cloud, &plan, &checkpoints).await, None);
    assert_eq!(worked(&world).await, [""; 0]);
}

#[tokio::test]
async fn only_a_new_table_is_imported_into_and_only_what_the_plan_counts() {
    let world = world(Duration::ZERO).await;
    lay(&world, "x", &[Table::shows(vec![parquet(&shows(0..100), 50)])]).await;
    let plan = plan(&world, &["tv.shows=shows:id"], &["tv.shows"]).await;
    let code = |outcome: Result<Vec<TableResult>, Error>| match outcome {
        Err(Error::Refused(refusal)) => refusal.code,
        other => panic!("{other:?}"),
    };

    // Somebody puts an item of their own beside ours.
    let state = tempfile::tempdir().unwrap();
    run(&world, &plan, state.path(), Some(Stop::Packed), false)
        .await
        .unwrap_err();
    let prefix = restore::work_prefixes(&plan)[0].clone();
    let stranger = format!(
        "{}stranger.json.gz",
        prefix.strip_prefix("s3://staging/").unwrap()
    );
    world
        .cloud
        .put_object(&work(), &stranger, "x".into(), None)
        .await
        .unwrap();
    assert_eq!(
        code(run(&world, &plan, state.path(), None, false).await),
        "work_differs"
    );
    world.cloud.delete_object(&work(), &stranger).await.unwrap();

    // An object of ours is lost.
    let lost = worked(&world).await.remove(0);
    world.cloud.delete_object(&work(), &lost).await.unwrap();
    assert_eq!(
        code(run(&world, &plan, state.path(), None, false).await),
        "work_differs"
    );
    let state = tempfile::tempdir().unwrap();
    assert!(run(&world, &plan, state.path(), None, false).await.unwrap()[0].is_proven());

    let blocked = crate::world::preflight(&world, &plan).await;
    let codes: Vec<&str> = blocked.blocking().map(|finding| finding.code.as_str()).collect();
    assert_eq!(codes, ["target_exists"]);
    let state = tempfile::tempdir().unwrap();
    assert_eq!(
        code(run(&world, &plan, state.path(), None, false).await),
        "target_exists"
    );
    assert_eq!(
        worked(&world).await,
        [""; 0],
        "nothing is put before it is refused"
    );
}

#[tokio::test]
async fn an_import_that_fails_is_told_with_what_is_left() {
    let world = world(Duration::ZERO).await;
    lay(&world, "x", &[Table::shows(vec![parquet(&shows(0..100), 50)])]).await;
    let plan = plan(&world, &["tv.shows=shows:id"], &["tv.shows"]).await;
    let state = tempfile::tempdir().unwrap();
    run(&world, &plan, state.path(), Some(Stop::Asked), false)
        .await
        .unwrap_err();
    // What was checked is damaged before DynamoDB reads it.
    let damaged = worked(&world).await.remove(0);
    world
        .cloud
        .put_object(&work(), &damaged, "no gzip".into(), None)
        .await
        .unwrap();
    let failed = run(&world, &plan, state.path(), None, false).await.unwrap_err();
    let Error::Refused(refusal) = &failed else {
        panic!("{failed}");
    };
    assert_eq!(refusal.code, "import_failed");
    assert!(refusal.cause.contains("of 100 items"), "{refusal}");
    assert_eq!(worked(&world).await, [""; 0]);
}

#[tokio::test]
async fn a_bucket_that_cannot_be_used_is_found_before_anything_is_written() {
    let world = World::start().await;
    lay(&world, "x", &[Table::shows(vec![parquet(&shows(0..10), 50)])]).await;
    let plan = plan(&world, &["tv.shows=shows:id"], &["tv.shows"]).await;
    let codes = async || {
        let found = crate::world::preflight(&world, &plan).await;
        found
            .blocking()
            .map(|finding| finding.code.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(codes().await, ["work_bucket_unreachable"]);
    let elsewhere = BucketRef::new("eu-west-1".parse().unwrap(), WORK);
    world.cloud.create_bucket(&elsewhere).await.unwrap();
    assert_eq!(codes().await.len(), 1, "it lies in another Region");
}
