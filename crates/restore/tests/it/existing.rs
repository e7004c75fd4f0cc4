//! Restores into tables that hold items: what is there is counted, kept or replaced, and proven by key.

use aws::dynamodb::{Item, KeyDefinition, TableDefinition, Value};
use recovery::differences::DifferenceKind;
use recovery::plan::{Capacity, Existing, Pace, Plan};
use recovery::preflight::{Choice, Severity};
use recovery::run::HeldBefore;
use recovery::types::AttributeType;
use restore::{Checkpoints as _, Error, FileCheckpoints, Progress, TableResult, Tuning};
use tokio_util::sync::CancellationToken;

use crate::export::{Table, lay, parquet, shows};
use crate::world::{World, copy, preflight, request, target};

/// A world whose export `x` has the shows 1 to 2,999.
async fn world() -> World {
    let world = World::start().await;
    let files = vec![parquet(&shows(1..2_000), 500), parquet(&shows(2_000..3_000), 500)];
    lay(&world, "x", &[Table::shows(files)]).await;
    world
}

async fn planned(world: &World, existing: Existing) -> Plan {
    let request = recovery::request::TableRequest {
        existing,
        ..request("tv.shows=shows:id")
    };
    let region = crate::world::REGION.parse().unwrap();
    let epoch = jiff::Timestamp::UNIX_EPOCH;
    restore::plan(&world.cloud, &copy("x"), &region, &[request], epoch)
        .await
        .unwrap()
}

async fn run(world: &World, plan: &Plan) -> Result<TableResult, Error> {
    let folder = tempfile::tempdir().unwrap();
    let checkpoints = FileCheckpoints::open(folder.path(), plan).unwrap();
    let cancel = CancellationToken::new();
    let progress = Progress::new(plan);
    let results = restore::execute(&world.cloud, plan, &checkpoints, &progress, cancel).await?;
    assert_eq!(
        progress.tables()[0].items_written + progress.tables()[0].items_kept,
        plan.rows(),
        "what is shown at the end is all of it"
    );
    Ok(results.into_iter().next().unwrap())
}

/// A table with the shows 1 to 2,999 but for 100 that are missing (1,000 to 1,099), with 7 that were changed (11 to 17),
/// and with one that the copy does not have.
async fn live_table(world: &World) {
    run(world, &planned(world, Existing::Refuse).await).await.unwrap();
    let shows = target("shows");
    for id in 1_000..1_100 {
        let key = Item::default().with("id", Value::number(id));
        world.cloud.delete_item(&shows, key, None).await.unwrap();
    }
    for id in (11..18).chain([70_000]) {
        let item = Item::default()
            .with("id", Value::number(id))
            .with("title", Value::string("of today"));
        world.cloud.put_item(&shows, item, None).await.unwrap();
    }
}

async fn title(world: &World, id: i64) -> Option<String> {
    let items = world.items("shows").await;
    let item = items.iter().find(|item| item.integer("id") == Some(id));
    item.and_then(|item| item.string("title").map(str::to_owned))
}

#[tokio::test]
async fn only_missing_rows_are_written_and_every_other_item_stays() {
    let world = world().await;
    live_table(&world).await;
    let plan = planned(&world, Existing::OnlyMissing).await;
    let found = preflight(&world, &plan).await;
    assert!(!found.is_blocked());
    let said = found
        .findings
        .iter()
        .find(|finding| finding.code == "existing_items");
    assert_eq!(
        said.unwrap().message,
        "table shows (us-east-1) is there. Of the copy's 2999 keys it holds 2899: 2892 with the very items of the rows, 7 \
         with others, which stay as they are. 100 rows are missing and will be written."
    );

    let result = run(&world, &plan).await.unwrap();
    assert!(result.is_proven());
    assert_eq!((result.rows_read, result.items_written), (2_999, 100));
    assert_eq!(
        result.held_before,
        Some(HeldBefore {
            equal: 2_892,
            different: 7
        })
    );
    assert_eq!(
        result.digest_target.rows(),
        2_992,
        "all but the seven that gave way"
    );
    assert_eq!(title(&world, 11).await.as_deref(), Some("of today"));
    assert_eq!(title(&world, 70_000).await.as_deref(), Some("of today"));
    assert_eq!(title(&world, 1_050).await.as_deref(), Some("Łódź 1050 🎬"));

    // Again: nothing is missing any more.
    let again = run(&world, &plan).await.unwrap();
    assert!(again.is_proven());
    assert_eq!(again.items_written, 0);
    assert_eq!(again.held_before.unwrap().equal, 2_992);
}

#[tokio::test]
async fn items_of_the_copys_keys_are_overwritten_and_no_others() {
    let world = world().await;
    live_table(&world).await;
    let plan = planned(&world, Existing::Overwrite).await;
    let found = preflight(&world, &plan).await;
    let said = found
        .findings
        .iter()
        .find(|finding| finding.code == "existing_items");
    assert_eq!(said.unwrap().severity, Severity::Warning);
    let result = run(&world, &plan).await.unwrap();
    assert!(result.is_proven());
    assert_eq!(result.items_written, 2_999);
    let held = result.held_before.unwrap();
    assert_eq!((held.equal, held.different), (2_892, 7));
    assert_eq!(title(&world, 11).await.as_deref(), Some("Łódź 11 🎬"));
    assert_eq!(title(&world, 70_000).await.as_deref(), Some("of today"));
}

#[tokio::test]
async fn a_table_with_items_is_refused_and_the_choices_are_told() {
    let world = world().await;
    live_table(&world).await;
    let plan = planned(&world, Existing::Refuse).await;
    let found = preflight(&world, &plan).await;
    let blocked = found
        .blocking()
        .find(|finding| finding.code == "target_not_empty");
    let treated: Vec<_> = blocked
        .unwrap()
        .choices
        .iter()
        .filter_map(|choice| match choice {
            Choice::TreatExisting { existing, .. } => Some(*existing),
            _ => None,
        })
        .collect();
    assert_eq!(treated, [Existing::OnlyMissing, Existing::Overwrite]);
    match run(&world, &plan).await {
        Err(Error::Refused(refusal)) => assert_eq!(refusal.code, "target_not_empty"),
        other => panic!("{other:?}"),
    }
    let import = recovery::request::TableRequest {
        existing: Existing::OnlyMissing,
        way: recovery::plan::Way::Import {
            bucket: crate::world::BUCKET.to_owned(),
            prefix: "work".to_owned(),
        },
        ..request("tv.shows=shows:id")
    };
    let region = crate::world::REGION.parse().unwrap();
    let epoch = jiff::Timestamp::UNIX_EPOCH;
    match restore::plan(&world.cloud, &copy("x"), &region, &[import], epoch).await {
        Err(Error::Refused(refusal)) => assert_eq!(refusal.code, "bad_way"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_unit_that_is_done_again_counts_as_if_it_were_done_once() {
    let world = world().await;
    live_table(&world).await;
    for existing in [Existing::OnlyMissing, Existing::Overwrite] {
        let plan = planned(&world, existing).await;
        let (cancel, tuning, progress) = (CancellationToken::new(), Tuning::default(), Progress::new(&plan));
        let folder = tempfile::tempdir().unwrap();
        {
            // A process that looks, records what it saw, writes every unit and dies before it records one.
            let checkpoints = FileCheckpoints::open(folder.path(), &plan).unwrap();
            let none = restore::Recorded::default();
            restore::create_targets(&world.cloud, &plan, &checkpoints, &none, &cancel)
                .await
                .unwrap();
            let writer = restore::Writer::new(&world.cloud, &plan, &tuning);
            for unit in plan.units() {
                let before = restore::look_before(&world.cloud, &plan, &unit, &writer, &cancel)
                    .await
                    .unwrap();
                checkpoints.record_before(&before).await.unwrap();
                restore::execute_unit(&world.cloud, &plan, &unit, &writer, &progress, &cancel)
                    .await
                    .unwrap();
            }
        }
        let checkpoints = FileCheckpoints::open(folder.path(), &plan).unwrap();
        let results = restore::execute(&world.cloud, &plan, &checkpoints, &progress, cancel)
            .await
            .unwrap();
        assert!(results[0].is_proven());
        let held = results[0].held_before.unwrap();
        let counted = (results[0].items_written, held.equal, held.different);
        match existing {
            Existing::Overwrite => assert_eq!(counted, (2_999, 2_992, 7)),
            _ => assert_eq!(counted, (100, 2_892, 7)),
        }
    }
}

#[tokio::test]
async fn an_item_that_is_altered_after_it_was_written_fails_the_proof_by_its_key() {
    let world = world().await;
    live_table(&world).await;
    let plan = planned(&world, Existing::Overwrite).await;
    let before = run(&world, &plan).await.unwrap();
    let altered = Item::default()
        .with("id", Value::number(5))
        .with("title", Value::string("other"));
    world
        .cloud
        .put_item(&target("shows"), altered, None)
        .await
        .unwrap();
    let gone = Item::default().with("id", Value::number(6));
    world
        .cloud
        .delete_item(&target("shows"), gone, None)
        .await
        .unwrap();
    let (tuning, cancel) = (Tuning::default(), CancellationToken::new());
    let progress = Progress::new(&plan);
    let held = restore::prove_table(&world.cloud, &plan, 0, &tuning, &progress, &cancel)
        .await
        .unwrap();
    assert_ne!(held, before.digest_source);
    let found = restore::find_differences(&world.cloud, &plan, 0, 100, &tuning, &cancel)
        .await
        .unwrap();
    assert_eq!((found.missing, found.altered, found.unexpected), (1, 1, 0));
    let told: Vec<_> = found
        .first
        .iter()
        .map(|row| (row.kind, row.key.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (DifferenceKind::Missing, "id=6"),
            (DifferenceKind::Altered, "id=5")
        ]
    );
}

#[tokio::test]
async fn a_live_table_keeps_its_share_and_provisioned_capacity_is_followed() {
    let world = World::start().await;
    lay(&world, "x", &[Table::shows(vec![parquet(&shows(1..401), 100)])]).await;
    let provisioned = TableDefinition {
        partition: KeyDefinition {
            name: "id".into(),
            attribute_type: AttributeType::N,
        },
        sort: None,
        capacity: Capacity::Provisioned {
            read_units: 1_000,
            write_units: 100,
        },
        warm_write_units: None,
    };
    let (name, shows) = ("shows", target("shows"));
    world.cloud.create_table(&shows, &provisioned).await.unwrap();
    let patience = std::time::Duration::from_secs(30);
    world.cloud.wait_active(&shows, patience).await.unwrap();
    for (bound, seconds) in [(None, 3), (Some(200), 3), (Some(80), 4)] {
        let request = recovery::request::TableRequest {
            // The table's own capacity is not the plan's, and is what counts.
            capacity: Capacity::OnDemand,
            existing: Existing::Overwrite,
            pace: Pace {
                max_write_units: bound,
                warm_write_units: None,
            },
            ..request(&format!("tv.shows={name}:id"))
        };
        let region = crate::world::REGION.parse().unwrap();
        let epoch = jiff::Timestamp::UNIX_EPOCH;
        let plan = restore::plan(&world.cloud, &copy("x"), &region, &[request], epoch)
            .await
            .unwrap();
        let began = std::time::Instant::now();
        let result = run(&world, &plan).await.unwrap();
        assert!(result.is_proven());
        // 400 units, of which a second's worth may be spent at once.
        assert!(
            began.elapsed() >= std::time::Duration::from_secs(seconds),
            "{bound:?}: {:?}",
            began.elapsed()
        );
    }
}
