//! DynamoDB's import from S3: a new table from objects under a prefix.

use std::io::Write as _;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::import_table::builders::ImportTableFluentBuilder;
use aws_sdk_dynamodb::types::{
    AttributeValue, BillingMode, ImportStatus, ImportTableDescription, InputCompressionType, InputFormat,
    S3BucketSource, TableCreationParameters,
};
use local_aws::{LocalAws, Options};

use crate::clients::{HOME, WEST, bucket, code, config, dynamodb, key_by_id, s3};

/// A request to import what lies under a prefix of the bucket `work` into a table of `id`.
fn import(
    client: &Client,
    table: &str,
    prefix: &str,
    packed: InputCompressionType,
) -> ImportTableFluentBuilder {
    let (attribute, key) = key_by_id();
    let parameters = TableCreationParameters::builder()
        .table_name(table)
        .attribute_definitions(attribute)
        .key_schema(key)
        .billing_mode(BillingMode::PayPerRequest);
    let source = S3BucketSource::builder().s3_bucket("work").s3_key_prefix(prefix);
    client
        .import_table()
        .s3_bucket_source(source.build().unwrap())
        .input_format(InputFormat::DynamodbJson)
        .input_compression_type(packed)
        .table_creation_parameters(parameters.build().unwrap())
}

/// A line of an item.
fn line(id: u32, text: &str) -> String {
    format!(
        "{{\"Item\":{{\"id\":{{\"N\":\"{id}\"}},\"text\":{{\"S\":\"{text}\"}},\"no\":{{\"NULL\":true}}}}}}\n"
    )
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

async fn put(client: &aws_sdk_s3::Client, key: &str, body: Vec<u8>) {
    let put = client.put_object().bucket("work").key(key).body(body.into());
    put.send().await.unwrap();
}

async fn described(client: &Client, arn: &str) -> ImportTableDescription {
    let answer = client.describe_import().import_arn(arn).send().await.unwrap();
    answer.import_table_description.unwrap()
}

async fn ended(client: &Client, arn: &str) -> ImportTableDescription {
    for _ in 0..600 {
        let import = described(client, arn).await;
        if import.import_status() != Some(&ImportStatus::InProgress) {
            return import;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{arn} does not end");
}

async fn status(client: &Client, table: &str) -> String {
    let answer = client.describe_table().table_name(table).send().await.unwrap();
    answer.table.unwrap().table_status.unwrap().as_str().to_owned()
}

async fn quick(duration: Duration) -> LocalAws {
    let options = Options {
        import_duration: duration,
        ..Options::default()
    };
    LocalAws::start(options).await.unwrap()
}

#[tokio::test]
async fn a_table_is_created_and_filled_from_every_object_under_the_prefix() {
    let aws = quick(Duration::from_millis(300)).await;
    // The bucket may lie in another Region than the table.
    let objects = bucket(&aws, WEST, "work").await;
    let first: String = (0..1_500).map(|id| line(id, "first")).collect();
    put(&objects, "in/a.json.gz", gzip(&first)).await;
    let second: String = (1_000..2_000).map(|id| line(id, "second")).collect();
    put(&objects, "in/b.json.gz", gzip(&second)).await;
    put(&objects, "elsewhere/c.json.gz", gzip(&line(9_999, "third"))).await;

    let tables = dynamodb(&aws, HOME);
    let request = import(&tables, "shows", "in/", InputCompressionType::Gzip).client_token("token");
    let begun = request.clone().send().await.unwrap();
    let begun = begun.import_table_description.unwrap();
    assert_eq!(begun.import_status(), Some(&ImportStatus::InProgress));
    let arn = begun.import_arn().unwrap();
    let account = &aws.accounts()[0].id;
    assert!(
        arn.starts_with(&format!("arn:aws:dynamodb:{HOME}:{account}:table/shows/import/0")),
        "{arn}"
    );
    assert!(begun.table_id().is_some());

    assert_eq!(status(&tables, "shows").await, "CREATING");
    let read = tables.scan().table_name("shows").send().await;
    assert_eq!(code(read), "ResourceNotFoundException", "it cannot be read yet");
    let deleted = tables.delete_table().table_name("shows").send().await;
    assert_eq!(code(deleted), "ResourceInUseException");

    let again = request.clone().send().await.unwrap();
    let again = again.import_table_description.unwrap();
    assert_eq!(again.import_arn(), Some(arn), "one token is one import");
    let other = import(&tables, "shows", "other/", InputCompressionType::Gzip).client_token("token");
    assert_eq!(code(other.send().await), "ImportConflictException");

    let done = ended(&tables, arn).await;
    assert_eq!(done.import_status(), Some(&ImportStatus::Completed), "{done:?}");
    assert_eq!(
        (
            done.processed_item_count, done.imported_item_count, done.error_count
        ),
        (2_500, 2_500, 0)
    );
    let bytes = i64::try_from(first.len() + second.len()).unwrap();
    assert_eq!(done.processed_size_bytes, Some(bytes), "uncompressed");
    assert!(done.end_time() >= done.start_time());
    assert_eq!(status(&tables, "shows").await, "ACTIVE");
    let count = tables
        .scan()
        .table_name("shows")
        .select(aws_sdk_dynamodb::types::Select::Count);
    assert_eq!(
        count.send().await.unwrap().count(),
        2_000,
        "equal keys overwrite each other in silence"
    );
    let item = tables
        .get_item()
        .table_name("shows")
        .key("id", AttributeValue::N("1200".into()));
    let item = item.send().await.unwrap().item.unwrap();
    assert_eq!(item["text"], AttributeValue::S("second".into()));
    assert_eq!(item["no"], AttributeValue::Null(true));

    let taken = import(&tables, "shows", "in/", InputCompressionType::Gzip);
    assert_eq!(
        code(taken.send().await),
        "ResourceInUseException",
        "only new tables"
    );
    aws.shutdown().await;
}

#[tokio::test]
async fn what_cannot_be_imported_is_counted_and_fails_the_import() {
    let aws = quick(Duration::ZERO).await;
    let objects = bucket(&aws, HOME, "work").await;
    let large = "x".repeat(400 * 1024);
    let lines = [
        line(1, "whole"),
        "not JSON\n".to_owned(),
        "{\"Item\":{\"text\":{\"S\":\"no key\"}}}\n".to_owned(),
        "{\"Item\":{\"id\":{\"S\":\"no number\"}}}\n".to_owned(),
        line(2, &large),
        line(3, "last"),
    ];
    put(&objects, "bad/a.json", lines.concat().into_bytes()).await;
    let tables = dynamodb(&aws, HOME);
    let begin = async |table: &str, prefix: &str, packed| {
        let answer = import(&tables, table, prefix, packed).send().await.unwrap();
        let arn = answer.import_table_description.unwrap().import_arn.unwrap();
        ended(&tables, &arn).await
    };
    let failed = begin("bad", "bad/", InputCompressionType::None).await;
    assert_eq!(failed.import_status(), Some(&ImportStatus::Failed));
    assert_eq!(failed.failure_code(), Some("ItemValidationError"));
    assert_eq!(
        (
            failed.processed_item_count, failed.imported_item_count, failed.error_count
        ),
        (6, 2, 4)
    );

    // Plain text is no gzip: the object is skipped.
    let failed = begin("packed", "bad/", InputCompressionType::Gzip).await;
    assert_eq!((failed.imported_item_count, failed.error_count), (0, 1));
    let nothing = begin("nothing", "nothing/", InputCompressionType::None).await;
    assert_eq!(nothing.failure_code(), Some("S3NoSuchKey"));
    s3(&aws, HOME)
        .delete_object()
        .bucket("work")
        .key("bad/a.json")
        .send()
        .await
        .unwrap();

    let stranger = Client::new(&config(&aws, &aws.accounts()[1], HOME));
    let theirs = import(&stranger, "theirs", "bad/", InputCompressionType::None);
    let theirs = theirs.send().await.unwrap().import_table_description.unwrap();
    let theirs = ended(&stranger, theirs.import_arn().unwrap()).await;
    assert_eq!(theirs.failure_code(), Some("S3AccessDenied"));
    let unseen = tables.describe_import().import_arn(theirs.import_arn().unwrap());
    assert_eq!(code(unseen.send().await), "ImportNotFoundException");

    let mut listed = Vec::new();
    let mut pages = tables.list_imports().page_size(2).into_paginator().send();
    while let Some(page) = pages.next().await {
        listed.extend(page.unwrap().import_summary_list.unwrap());
    }
    assert_eq!(listed.len(), 3);
    assert!(
        listed[0].table_arn().unwrap().ends_with(":table/nothing"),
        "the newest first"
    );
    let csv = import(&tables, "csv", "bad/", InputCompressionType::None).input_format(InputFormat::Csv);
    assert_eq!(code(csv.send().await), "ValidationException");
    aws.shutdown().await;
}

#[tokio::test]
async fn an_import_that_a_restart_interrupts_is_begun_anew() {
    let folder = tempfile::tempdir().unwrap();
    let options = |duration| Options {
        data_dir: Some(folder.path().to_owned()),
        import_duration: duration,
        ..Options::default()
    };
    let aws = LocalAws::start(options(Duration::from_mins(10))).await.unwrap();
    let objects = bucket(&aws, HOME, "work").await;
    let lines: String = (0..500).map(|id| line(id, "kept")).collect();
    put(&objects, "in/a.json.gz", gzip(&lines)).await;
    let tables = dynamodb(&aws, HOME);
    let request = import(&tables, "shows", "in/", InputCompressionType::Gzip);
    let begun = request.send().await.unwrap().import_table_description.unwrap();
    let arn = begun.import_arn().unwrap();
    aws.shutdown().await;

    let aws = LocalAws::start(options(Duration::ZERO)).await.unwrap();
    let tables = dynamodb(&aws, HOME);
    let done = ended(&tables, arn).await;
    assert_eq!(done.import_status(), Some(&ImportStatus::Completed), "{done:?}");
    assert_eq!(done.imported_item_count, 500);
    assert_eq!(done.table_id(), begun.table_id());
    assert_eq!(status(&tables, "shows").await, "ACTIVE");
    aws.shutdown().await;
}
