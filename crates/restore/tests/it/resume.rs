//! A run that ended early goes on where it was, in its own table and no other.

use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use aws::dynamodb::{Item, Value};
use recovery::schema_record::SchemaRecord;
use restore::{
    Checkpoints, Error, FileCheckpoints, ImportRecord, Progress, Recorded, TargetRecord, Tuning, UnitBefore,
    UnitResult,
};
use tokio_util::sync::CancellationToken;

use crate::export::{Table, lay, parquet, shows};
use crate::world::{World, plan, target};

/// Checkpoints that cancel the run after some units, as a signal would.
struct CancelAfter {
    inner: FileCheckpoints,
    units: AtomicU32,
    cancel: CancellationToken,
}

#[async_trait]
impl Checkpoints for CancelAfter {
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
        self.inner.record_import(import).await
    }

    async fn record_before(&self, before: &UnitBefore) -> Result<(), Error> {
        self.inner.record_before(before).await
    }

    async fn record_unit(&self, unit: &UnitResult) -> Result<(), Error> {
        self.inner.record_unit(unit).await?;
        if self.units.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.cancel.cancel();
        }
        Ok(())
    }
}

#[tokio::test]
async fn a_cancelled_run_goes_on_with_the_units_that_are_left() {
    let world = World::start().await;
    let files = (0..6)
        .map(|n| parquet(&shows(n * 300..n * 300 + 300), 300))
        .collect();
    lay(&world, "x", &[Table::shows(files)]).await;
    let plan = plan(&world, "x", &["tv.shows=shows:id"]).await.unwrap();
    assert_eq!(plan.units().len(), 6);
    let folder = tempfile::tempdir().unwrap();
    let cancel = CancellationToken::new();
    let tuning = Tuning {
        units_in_flight: 1,
        ..Tuning::default()
    };
    {
        let checkpoints = CancelAfter {
            inner: FileCheckpoints::open(folder.path(), &plan).unwrap(),
            units: AtomicU32::new(2),
            cancel: cancel.clone(),
        };
        let progress = Progress::new(&plan);
        let outcome =
            restore::execute_tuned(&world.cloud, &plan, &checkpoints, &progress, cancel, &tuning).await;
        assert!(matches!(outcome, Err(Error::Cancelled)), "{outcome:?}");
    }
    let checkpoints = FileCheckpoints::open(folder.path(), &plan).unwrap();
    let recorded = checkpoints.load().await.unwrap();
    assert_eq!(recorded.units.len(), 2);
    assert_eq!(recorded.targets.len(), 1);
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
    assert_eq!(
        results[0].rows_read, 1_800,
        "finished units count, and count once"
    );
    assert_eq!(progress.tables()[0].items_written, 1_800);
}

#[tokio::test]
async fn a_target_of_somebody_else_is_refused() {
    let world = World::start().await;
    lay(&world, "x", &[Table::shows(vec![parquet(&shows(1..40), 100)])]).await;
    let plan = plan(&world, "x", &["tv.shows=shows:id"]).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let run = async |folder: &std::path::Path| {
        let checkpoints = FileCheckpoints::open(folder, &plan).unwrap();
        let progress = Progress::new(&plan);
        restore::execute(
            &world.cloud,
            &plan,
            &checkpoints,
            &progress,
            CancellationToken::new(),
        )
        .await
    };
    let code = |outcome: Result<_, Error>| match outcome {
        Err(Error::Refused(refusal)) => refusal.code,
        Err(other) => panic!("{other}"),
        Ok::<Vec<restore::TableResult>, _>(results) => panic!("{results:?}"),
    };
    assert!(run(folder.path()).await.unwrap()[0].is_proven());
    assert!(
        run(folder.path()).await.unwrap()[0].is_proven(),
        "its own table may be full"
    );

    let other_state = tempfile::tempdir().unwrap();
    assert_eq!(code(run(other_state.path()).await), "target_not_empty");

    world.cloud.delete_table(&target("shows")).await.unwrap();
    assert_eq!(
        code(run(folder.path()).await),
        "target_replaced",
        "the table is gone"
    );
    let fresh = tempfile::tempdir().unwrap();
    assert!(run(fresh.path()).await.unwrap()[0].is_proven());
    assert_eq!(
        code(run(folder.path()).await),
        "target_replaced",
        "another table of the name"
    );

    // A table that is there and empty is taken.
    world.cloud.delete_table(&target("shows")).await.unwrap();
    let definition = aws::dynamodb::TableDefinition {
        partition: aws::dynamodb::KeyDefinition {
            name: "id".into(),
            attribute_type: recovery::types::AttributeType::N,
        },
        sort: None,
        capacity: recovery::plan::Capacity::OnDemand,
        warm_write_units: None,
    };
    world
        .cloud
        .create_table(&target("shows"), &definition)
        .await
        .unwrap();
    let item = Item::default().with("id", Value::number(-1));
    world
        .cloud
        .put_item(&target("shows"), item.clone(), None)
        .await
        .unwrap();
    world
        .cloud
        .delete_item(&target("shows"), item, None)
        .await
        .unwrap();
    let taken = tempfile::tempdir().unwrap();
    assert!(run(taken.path()).await.unwrap()[0].is_proven());
}
