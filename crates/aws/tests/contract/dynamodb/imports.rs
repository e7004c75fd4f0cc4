//! Tables that DynamoDB fills from S3 by itself.

use std::io::Write as _;
use std::time::Duration;

use aws::ErrorKind;
use aws::dynamodb::{Import, ImportSource, ImportStatus, TableDefinition, TableRef, Value};
use flate2::Compression;
use flate2::write::GzEncoder;
use recovery::plan::Capacity;

use super::{by_id, id, pk_and_sk};
use crate::case::{Case, cases};
use crate::place::Place;

pub fn cases() -> Vec<Case> {
    cases![
        a_table_is_imported_as_it_lies_in_s3, a_table_is_imported_once_for_each_token,
        an_import_of_nothing_fails, an_import_that_is_not_known_is_not_found,
    ]
}

async fn source(at: &Place) -> ImportSource {
    ImportSource {
        bucket: at.bucket(&at.away, "work").await,
        prefix: "in/".to_owned(),
    }
}

async fn put(at: &Place, source: &ImportSource, lines: &str) {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(lines.as_bytes()).unwrap();
    let packed = encoder.finish().unwrap();
    let key = format!("{}part-0.json.gz", source.prefix);
    at.cloud
        .put_object(&source.bucket, &key, packed.into(), None)
        .await
        .unwrap();
}

/// An import's end.
async fn ended(at: &Place, table: &TableRef, arn: &str) -> Import {
    let deadline = tokio::time::Instant::now() + Duration::from_mins(1);
    loop {
        let import = at.cloud.describe_import(table, arn).await.unwrap();
        if import.status != ImportStatus::InProgress {
            return import;
        }
        assert!(tokio::time::Instant::now() < deadline, "{import:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn a_table_is_imported_as_it_lies_in_s3(at: &Place) {
    let (source, table) = (source(at).await, at.no_table("imported"));
    let lines =
        "{\"Item\":{\"id\":{\"N\":\"1\"},\"t\":{\"S\":\"Łódź\"}}}\n{\"Item\":{\"id\":{\"N\":\"2\"}}}\n";
    put(at, &source, lines).await;
    let begun = at
        .cloud
        .import_table(&table, &by_id(), &source, &at.name("one"))
        .await
        .unwrap();
    assert_eq!(begun.status, ImportStatus::InProgress);
    let import = ended(at, &table, &begun.arn).await;
    assert_eq!(import.status, ImportStatus::Completed, "{import:?}");
    assert_eq!(
        (import.items_processed, import.items_imported, import.errors),
        (2, 2, 0)
    );
    assert_eq!(import.failure, None);
    let found = at.cloud.get_item(&table, id(1)).await.unwrap();
    assert_eq!(found, Some(id(1).with("t", Value::string("Łódź"))));
}

async fn a_table_is_imported_once_for_each_token(at: &Place) {
    let (source, table) = (source(at).await, at.no_table("token"));
    put(
        at,
        &source,
        "{\"Item\":{\"pk\":{\"S\":\"a\"},\"sk\":{\"S\":\"b\"}}}\n",
    )
    .await;
    let capacity = Capacity::Provisioned {
        read_units: 5,
        write_units: 7,
    };
    let definition = TableDefinition {
        capacity,
        ..pk_and_sk()
    };
    let begun = at
        .cloud
        .import_table(&table, &definition, &source, &at.name("one"))
        .await
        .unwrap();
    let again = at
        .cloud
        .import_table(&table, &definition, &source, &at.name("one"))
        .await
        .unwrap();
    assert_eq!(again.arn, begun.arn);
    let taken = at
        .cloud
        .import_table(&table, &definition, &source, &at.name("two"))
        .await
        .unwrap_err();
    assert_eq!(taken.kind, ErrorKind::AlreadyExists, "{taken}");
    let found = at
        .cloud
        .wait_active(&table, Duration::from_mins(1))
        .await
        .unwrap();
    assert_eq!(
        (found.partition, found.sort),
        (definition.partition, definition.sort)
    );
    assert_eq!((found.capacity, found.table_id), (capacity, begun.table_id));
}

async fn an_import_of_nothing_fails(at: &Place) {
    let (source, table) = (source(at).await, at.no_table("nothing"));
    let begun = at
        .cloud
        .import_table(&table, &by_id(), &source, &at.name("one"))
        .await
        .unwrap();
    let import = ended(at, &table, &begun.arn).await;
    assert_eq!(import.status, ImportStatus::Failed);
    assert!(import.failure.is_some(), "{import:?}");
}

async fn an_import_that_is_not_known_is_not_found(at: &Place) {
    let table = at.no_table("unknown");
    let arn = format!(
        "arn:aws:dynamodb:{}:{}:table/{}/import/01658528578619-c4d4e311",
        at.away, at.account, table.name
    );
    let unknown = at.cloud.describe_import(&table, &arn).await.unwrap_err();
    assert_eq!(unknown.kind, ErrorKind::NotFound, "{unknown}");
}
