//! The adapters over the wire, against the embedded AWS.

use std::time::Duration;

use aws::dynamodb::{
    Condition, ImportSource, ImportStatus, Item, KeyDefinition, Query, SortKey, TableDefinition, TableRef,
    Update, Value, Write,
};
use aws::s3::BucketRef;
use aws::{Cloud, CloudConfig, ErrorKind, StaticCredentials};
use futures::StreamExt as _;
use local_aws::{LocalAws, Options};
use recovery::plan::Capacity;
use recovery::types::AttributeType;

async fn start() -> (LocalAws, Cloud) {
    let aws = LocalAws::start(Options::default()).await.unwrap();
    let cloud = connect(&aws).await;
    (aws, cloud)
}

async fn connect(aws: &LocalAws) -> Cloud {
    let account = &aws.accounts()[0];
    let id: recovery::ids::AccountId = account.id.parse().unwrap();
    Cloud::connect(CloudConfig {
        endpoint_url: Some(aws.endpoint().to_owned()),
        credentials: [(
            id.clone(),
            StaticCredentials {
                access_key_id: account.access_key_id.clone(),
                secret_access_key: account.secret_access_key.clone(),
            },
        )]
        .into(),
        home_account: Some(id),
        ..CloudConfig::default()
    })
    .await
}

fn key(pk: &str, sk: &str) -> Item {
    Item::default()
        .with("pk", Value::string(pk))
        .with("sk", Value::string(sk))
}

#[tokio::test]
async fn objects_are_listed_ranged_and_pinned() {
    let (_aws, cloud) = start().await;
    let bucket = BucketRef::new("us-west-2".parse().unwrap(), "copies");
    cloud.create_bucket(&bucket).await.unwrap();
    assert_eq!(cloud.bucket_region(&bucket).await.unwrap().as_str(), "us-west-2");
    for number in 0..3 {
        let content = format!("content {number}").into();
        cloud
            .put_object(&bucket, &format!("p/{number}"), content, None)
            .await
            .unwrap();
    }
    let entries: Vec<_> = cloud
        .list_objects(&bucket, "p/")
        .map(Result::unwrap)
        .collect()
        .await;
    assert_eq!(
        entries.iter().map(|entry| entry.key.as_str()).collect::<Vec<_>>(),
        ["p/0", "p/1", "p/2"]
    );
    for key in ["at-the-top", "q/r/s"] {
        cloud.put_object(&bucket, key, "x".into(), None).await.unwrap();
    }
    for (below, expected) in [("", &["p/", "q/"][..]), ("q/", &["q/r/"]), ("p/", &[])] {
        let folders: Vec<_> = cloud
            .list_folders(&bucket, below)
            .map(Result::unwrap)
            .collect()
            .await;
        assert_eq!(folders, expected, "{below}");
    }
    let refused = cloud.list_objects_up_to(&bucket, "p/", 2).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Limit);

    let etag = Some(entries[1].etag.as_str());
    assert_eq!(
        &cloud.get_range(&bucket, "p/1", etag, 8..9).await.unwrap()[..],
        b"1"
    );
    cloud
        .put_object(&bucket, "p/1", "other content".into(), None)
        .await
        .unwrap();
    let changed = cloud.get_range(&bucket, "p/1", etag, 8..9).await.unwrap_err();
    assert_eq!(changed.kind, ErrorKind::Precondition, "{changed}");
    let large = cloud.get_object(&bucket, "p/1", 5).await.unwrap_err();
    assert_eq!(large.kind, ErrorKind::Limit);
    assert_eq!(
        &cloud.get_object(&bucket, "p/1", 50).await.unwrap()[..],
        b"other content"
    );

    let fact = cloud.object_fact(&bucket, "p/1", "1").await.unwrap();
    assert_eq!((fact.path.as_str(), fact.size), ("1", 13));
    assert!(
        fact.checksums.iter().any(|checksum| checksum.full_object),
        "{fact:?}"
    );
    assert_eq!(cloud.replication_status(&bucket, "p/1").await.unwrap(), None);
    cloud.delete_object(&bucket, "p/1").await.unwrap();
    assert!(
        cloud
            .object_fact(&bucket, "p/1", "1")
            .await
            .unwrap_err()
            .is_not_found()
    );
}

#[tokio::test]
async fn a_control_table_is_read_and_written_under_conditions() {
    let (_aws, cloud) = start().await;
    let table = TableRef::new("us-east-1".parse().unwrap(), "control".parse().unwrap());
    assert!(cloud.describe_table(&table).await.unwrap_err().is_not_found());
    let text = |name: &str| KeyDefinition {
        name: name.into(),
        attribute_type: AttributeType::S,
    };
    let definition = TableDefinition {
        partition: text("pk"),
        sort: Some(text("sk")),
        capacity: Capacity::OnDemand,
        warm_write_units: None,
    };
    cloud.create_table(&table, &definition).await.unwrap();
    let again = cloud.create_table(&table, &definition).await.unwrap_err();
    assert_eq!(again.kind, ErrorKind::AlreadyExists);
    let found = cloud.wait_active(&table, Duration::from_secs(20)).await.unwrap();
    assert_eq!(
        (found.partition, found.sort),
        (definition.partition, definition.sort)
    );
    assert!(cloud.is_table_empty(&table).await.unwrap());

    // A lease: taken where nobody has it, or where its time is over.
    let lease = |owner: &str, until: i64| {
        key("lease", "pipeline")
            .with("owner", Value::string(owner))
            .with("until", Value::number(until))
    };
    let free_at = |now: i64| {
        Condition::Any(vec![
            Condition::absent("pk"),
            Condition::LessThan("until".into(), Value::number(now)),
        ])
    };
    cloud
        .put_item(&table, lease("a", 100), Some(free_at(0)))
        .await
        .unwrap();
    let held = cloud
        .put_item(&table, lease("b", 150), Some(free_at(50)))
        .await
        .unwrap_err();
    assert_eq!(held.kind, ErrorKind::Precondition);
    cloud
        .put_item(&table, lease("b", 250), Some(free_at(101)))
        .await
        .unwrap();
    let read = cloud
        .get_item(&table, key("lease", "pipeline"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (read.string("owner"), read.integer("until")),
        (Some("b"), Some(250))
    );
    assert_eq!(cloud.get_item(&table, key("lease", "none")).await.unwrap(), None);

    let counted = Update::default().add("n", 2).set("name", Value::Null);
    cloud
        .update_item(&table, key("sequence", "audit"), counted)
        .await
        .unwrap();
    let next = Update::default()
        .add("n", 1)
        .remove("name")
        .only_if(Condition::equals("n", Value::number(2)));
    let now = cloud
        .update_item(&table, key("sequence", "audit"), next.clone())
        .await
        .unwrap();
    assert_eq!((now.integer("n"), now.get("name")), (Some(3), None));
    let stale = cloud
        .update_item(&table, key("sequence", "audit"), next)
        .await
        .unwrap_err();
    assert_eq!(stale.kind, ErrorKind::Precondition);

    for number in 0..25 {
        let item = key("runs", &format!("r#{number:02}")).with("number", Value::number(number));
        cloud.put_item(&table, item, None).await.unwrap();
    }
    let newest = Query::partition("pk", Value::string("runs")).backward().limit(2);
    let page = cloud.query(&table, newest.clone()).await.unwrap();
    let numbers = |items: &[Item]| {
        items
            .iter()
            .filter_map(|item| item.integer("number"))
            .collect::<Vec<_>>()
    };
    assert_eq!(numbers(&page.items), [24, 23]);
    let page = cloud.query(&table, newest.start_after(page.next)).await.unwrap();
    assert_eq!(numbers(&page.items), [22, 21]);
    let ranges = [
        (
            SortKey::BeginsWith(Value::string("r#1")),
            (10..20).collect::<Vec<_>>(),
        ),
        (
            SortKey::Between(Value::string("r#03"), Value::string("r#05")),
            vec![3, 4, 5],
        ),
        (SortKey::AtMost(Value::string("r#01")), vec![0, 1]),
        (SortKey::AtLeast(Value::string("r#23")), vec![23, 24]),
    ];
    for (range, expected) in ranges {
        let query = Query::partition("pk", Value::string("runs")).sort("sk", range.clone());
        assert_eq!(
            numbers(&cloud.query(&table, query).await.unwrap().items),
            expected,
            "{range:?}"
        );
    }

    let put = |sk: &str, condition| Write::Put {
        item: key("pair", sk),
        condition,
    };
    let both = vec![put("a", Some(Condition::absent("pk"))), put("b", None)];
    cloud.transact_write(&table, both.clone()).await.unwrap();
    cloud
        .delete_item(&table, key("pair", "b"), Some(Condition::Exists("pk".into())))
        .await
        .unwrap();
    let refused = cloud.transact_write(&table, both).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Precondition, "{refused}");
    assert_eq!(
        cloud.get_item(&table, key("pair", "b")).await.unwrap(),
        None,
        "all or nothing"
    );
    cloud.delete_table(&table).await.unwrap();
}

#[tokio::test]
async fn a_table_is_imported_once_for_each_token() {
    let (_aws, cloud) = start().await;
    let region: recovery::ids::Region = "us-west-2".parse().unwrap();
    let source = ImportSource {
        bucket: BucketRef::new(region.clone(), "work"),
        prefix: "in/".to_owned(),
    };
    cloud.create_bucket(&source.bucket).await.unwrap();
    let table = TableRef::new(region, "imported".parse().unwrap());
    let definition = TableDefinition {
        partition: KeyDefinition {
            name: "id".into(),
            attribute_type: AttributeType::N,
        },
        sort: Some(KeyDefinition {
            name: "at".into(),
            attribute_type: AttributeType::S,
        }),
        warm_write_units: None,
        capacity: Capacity::Provisioned {
            read_units: 5,
            write_units: 7,
        },
    };
    let begun = cloud
        .import_table(&table, &definition, &source, "one")
        .await
        .unwrap();
    assert_eq!(begun.status, ImportStatus::InProgress);
    let again = cloud
        .import_table(&table, &definition, &source, "one")
        .await
        .unwrap();
    assert_eq!(again.arn, begun.arn);
    let taken = cloud
        .import_table(&table, &definition, &source, "two")
        .await
        .unwrap_err();
    assert_eq!(taken.kind, ErrorKind::AlreadyExists, "{taken}");
    let found = cloud.wait_active(&table, Duration::from_mins(1)).await.unwrap();
    assert_eq!(found.partition, definition.partition);
    assert_eq!(found.sort, definition.sort);
    assert_eq!(found.capacity, definition.capacity);
    assert_eq!(found.table_id, begun.table_id);
    let ended = cloud.describe_import(&table, &begun.arn).await.unwrap();
    assert_eq!(
        ended.status,
        ImportStatus::Failed,
        "nothing lies under the prefix"
    );
    assert!(ended.failure.is_some(), "{ended:?}");
    let unknown = format!("{}0", begun.arn);
    let unknown = cloud.describe_import(&table, &unknown).await.unwrap_err();
    assert_eq!(unknown.kind, ErrorKind::NotFound, "{unknown}");
}
