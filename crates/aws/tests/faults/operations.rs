//! Every operation, called so that it can be called again.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use aws::backup::Made;
use aws::dynamodb::{
    AttributeName, ImportSource, Item, KeyDefinition, PutBatchBuilder, Query, Scan, SinglePutBuilder,
    TableDefinition, TableRef, Update, Value, Write,
};
use aws::rds::ExportRequest;
use aws::s3::{BucketRef, CopiedPart, CopySource, Onto};
use aws::sqs::{Message, QueueRef};
use aws::{Cloud, Error};
use futures::StreamExt as _;
use local_aws::LocalAws;
use recovery::archive::Tier;
use recovery::ids::{AccountId, RecoveryPointArn, Region};
use recovery::plan::Capacity;
use recovery::policy::{RuleWanted, SelectionWanted, VaultWanted};
use recovery::types::AttributeType;

type Called = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

/// One operation.
pub struct Operation {
    /// Its file below `src`, without the ending.
    pub file: &'static str,
    /// Calls it; what it answers does not matter here.
    pub call: Box<dyn Fn(Cloud, Place) -> Called + Send + Sync>,
    /// Its callers try again themselves.
    pub tries_once: bool,
    /// It is a HEAD, whose errors have no body, or asks for one where it is refused.
    pub is_head: bool,
}

/// What operations are called on.
#[derive(Clone)]
pub struct Place {
    account: AccountId,
    region: Region,
    bucket: BucketRef,
    table: TableRef,
    queue: QueueRef,
    point: RecoveryPointArn,
}

impl Place {
    pub async fn prepare(aws: &LocalAws, cloud: &Cloud, account: AccountId) -> Self {
        let region: Region = "us-east-1".parse().unwrap();
        let bucket = BucketRef::new(region.clone(), "copies");
        cloud.create_bucket(&bucket).await.unwrap();
        cloud
            .put_object(&bucket, "k", "content".into(), None)
            .await
            .unwrap();
        let table = TableRef::new(region.clone(), "items".parse().unwrap());
        cloud.create_table(&table, &definition()).await.unwrap();
        cloud.wait_active(&table, Duration::from_secs(20)).await.unwrap();
        let trust = r#"{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}"#;
        aws.control()
            .iam()
            .ensure_role(account.as_str(), "role", trust)
            .unwrap();
        aws.control()
            .backup()
            .ensure_vault(account.as_str(), region.as_str(), "vault")
            .unwrap();
        let queue = cloud
            .queue(&region, &account, local_aws::events::QUEUE)
            .await
            .unwrap();
        let point = format!("arn:aws:rds:{region}:{account}:snapshot:awsbackup:job-none");
        Self {
            region,
            bucket,
            table,
            queue,
            point: point.parse().unwrap(),
            account,
        }
    }

    fn source(&self) -> CopySource {
        CopySource {
            bucket: self.bucket.clone(),
            key: "k".into(),
            version_id: None,
            etag: None,
        }
    }
}

fn definition() -> TableDefinition {
    TableDefinition {
        partition: KeyDefinition {
            name: "id".into(),
            attribute_type: AttributeType::N,
        },
        sort: None,
        capacity: Capacity::OnDemand,
        warm_write_units: None,
    }
}

fn id(number: i64) -> Item {
    Item::default().with("id", Value::number(number))
}

fn rule() -> RuleWanted {
    RuleWanted {
        name: "hourly".into(),
        vault: "vault".into(),
        schedule: Some("cron(0 * ? * * *)".into()),
        schedule_fault: None,
        start_window_minutes: 60,
        completion_window_minutes: 120,
        delete_after_days: Some(35),
        copies: Vec::new(),
    }
}

/// `operation!("s3/put_object", |cloud, place| call)`
macro_rules! operation {
    ($file:literal, |$cloud:ident, $place:ident| $call:expr) => {
        Operation {
            file: $file,
            call: Box::new(|$cloud, $place| Box::pin(async move { $call.await.map(drop) })),
            tries_once: false,
            is_head: false,
        }
    };
}

/// Those of S3.
fn s3() -> Vec<Operation> {
    let mut all = vec![
        operation!("s3/abort_multipart_upload", |cloud, at| cloud
            .abort_multipart_upload(&at.bucket, "k", "none")),
        operation!("s3/bucket_encryption", |cloud, at| cloud
            .bucket_encryption(&at.bucket)),
        operation!("s3/bucket_replication", |cloud, at| cloud
            .bucket_replication(&at.bucket)),
        operation!("s3/bucket_versioning", |cloud, at| cloud
            .is_bucket_versioned(&at.bucket)),
        operation!("s3/complete_multipart_upload", |cloud, at| async {
            let part = CopiedPart {
                number: 1,
                etag: "\"none\"".into(),
                crc64nvme: None,
            };
            cloud
                .complete_multipart_upload(&at.bucket, "k2", "none", vec![part], 1, &Onto::Nothing)
                .await
        }),
        operation!("s3/copy_object", |cloud, at| async {
            cloud
                .copy_object(&at.source(), &at.bucket, "copied", &Onto::Nothing)
                .await
        }),
        operation!("s3/create_bucket", |cloud, at| cloud.create_bucket(&at.bucket)),
        operation!("s3/create_multipart_upload", |cloud, at| cloud
            .create_multipart_upload(&at.bucket, "parts", None)),
        operation!("s3/delete_object", |cloud, at| cloud
            .delete_object(&at.bucket, "none")),
        operation!("s3/get_object", |cloud, at| cloud
            .get_object(&at.bucket, "k", 100)),
        operation!("s3/get_range", |cloud, at| cloud.get_range(
            &at.bucket,
            "k",
            None,
            1..3
        )),
        operation!("s3/lifecycle_rules", |cloud, at| cloud
            .lifecycle_rules(&at.bucket)),
        operation!("s3/list_pages", |cloud, at| cloud
            .list_objects_up_to(&at.bucket, "", 1000)),
        operation!("s3/object_lock", |cloud, at| cloud.object_lock(&at.bucket)),
        operation!("s3/object_tagging", |cloud, at| async {
            let mut tags: BTreeMap<String, String> = cloud.object_tags(&at.bucket, "k").await?;
            tags.insert("a".into(), "b".into());
            cloud.put_object_tags(&at.bucket, "k", &tags).await
        }),
        operation!("s3/public_access_block", |cloud, at| cloud
            .public_access_left_open(&at.bucket)),
        operation!("s3/put_object", |cloud, at| cloud.put_object(
            &at.bucket,
            "put",
            "content".into(),
            None
        )),
        operation!("s3/restore_object", |cloud, at| cloud.thaw_object(
            &at.bucket,
            "k",
            Tier::Standard,
            1
        )),
        operation!("s3/upload_part_copy", |cloud, at| async {
            cloud
                .upload_part_copy(&at.source(), 0..1, &at.bucket, "k2", "none", 1)
                .await
        }),
    ];
    let heads = [
        operation!("s3/object_fact", |cloud, at| cloud
            .object_fact(&at.bucket, "k", "k")),
        operation!("s3/bucket_region", |cloud, at| cloud.bucket_region(&at.bucket)),
        operation!("s3/head_object", |cloud, at| cloud.head_object(&at.bucket, "k")),
    ];
    all.extend(heads.into_iter().map(|operation| Operation {
        is_head: true,
        ..operation
    }));
    all
}

/// Those of DynamoDB.
fn dynamodb() -> Vec<Operation> {
    let mut all = vec![
        operation!("dynamodb/batch_get", |cloud, at| async {
            cloud.batch_get(&at.table, &[id(1)]).await
        }),
        operation!("dynamodb/create_table", |cloud, at| async {
            cloud.create_table(&at.table, &definition()).await
        }),
        operation!("dynamodb/delete_item", |cloud, at| cloud.delete_item(
            &at.table,
            id(7),
            None
        )),
        operation!("dynamodb/delete_table", |cloud, at| async {
            let none = TableRef::new(at.region.clone(), "none".parse().unwrap());
            cloud.delete_table(&none).await
        }),
        operation!("dynamodb/describe_import", |cloud, at| async {
            let arn = format!(
                "arn:aws:dynamodb:{}:{}:table/none/import/01-none",
                at.region, at.account
            );
            cloud.describe_import(&at.table, &arn).await
        }),
        operation!("dynamodb/describe_table", |cloud, at| cloud
            .describe_table(&at.table)),
        operation!("dynamodb/get_item", |cloud, at| cloud.get_item(&at.table, id(1))),
        operation!("dynamodb/import_table", |cloud, at| async {
            let source = ImportSource {
                bucket: at.bucket.clone(),
                prefix: "none/".into(),
            };
            // The table is there, which is told each time.
            cloud
                .import_table(&at.table, &definition(), &source, "token")
                .await
        }),
        operation!("dynamodb/put_item", |cloud, at| cloud.put_item(
            &at.table,
            id(2),
            None
        )),
        operation!("dynamodb/query", |cloud, at| cloud
            .query(&at.table, Query::partition("id", Value::number(1)))),
        operation!("dynamodb/scan", |cloud, at| async {
            cloud.scan_segment(&at.table, &Scan::default()).await
        }),
        operation!("dynamodb/transact", |cloud, at| async {
            let put = Write::Put {
                item: id(3),
                condition: None,
            };
            cloud.transact_write(&at.table, vec![put]).await
        }),
        operation!("dynamodb/update_item", |cloud, at| {
            cloud.update_item(&at.table, id(4), Update::default().set("name", Value::Null))
        }),
    ];
    let once = [
        operation!("dynamodb/batch_write", |cloud, at| async {
            let mut builder = PutBatchBuilder::new(Arc::new(at.table.clone()));
            let name = AttributeName::new("id");
            builder
                .put(|item| {
                    item.number(&name, "5");
                    Ok::<_, ()>(())
                })
                .unwrap();
            cloud.batch_write(&builder.take().unwrap()).await
        }),
        operation!("dynamodb/single_put", |cloud, at| async {
            let name = AttributeName::new("id");
            let put = SinglePutBuilder::replacing(Arc::new(at.table.clone())).put(|item| {
                item.number(&name, "6");
                Ok::<_, ()>(())
            });
            cloud.put_single(&put.unwrap()).await
        }),
    ];
    all.extend(once.into_iter().map(|operation| Operation {
        tries_once: true,
        ..operation
    }));
    all
}

/// Those of AWS Backup.
fn backup() -> Vec<Operation> {
    vec![
        operation!("backup/create_plan", |cloud, at| async {
            cloud
                .create_backup_plan(&at.region, &at.account, "plan", &rule())
                .await
        }),
        operation!("backup/create_selection", |cloud, at| async {
            let selection = SelectionWanted {
                name: "all".into(),
                role_arn: format!("arn:aws:iam::{}:role/backup", at.account),
                resources: vec!["*".into()],
                not_resources: Vec::new(),
            };
            cloud
                .create_backup_selection(&at.region, &at.account, "none", &selection)
                .await
        }),
        operation!("backup/create_vault", |cloud, at| async {
            let vault = VaultWanted {
                region: at.region.clone(),
                account: at.account.clone(),
                name: "vault".into(),
                kms_key: None,
                retention_days: None,
            };
            cloud.create_vault(&vault).await
        }),
        operation!("backup/describe_recovery_point", |cloud, at| async {
            cloud
                .describe_recovery_point(&at.region, &at.account, "vault", &at.point)
                .await
        }),
        operation!("backup/describe_vault", |cloud, at| cloud
            .describe_vault(&at.region, &at.account, "vault")),
        operation!("backup/get_plan", |cloud, at| cloud
            .get_backup_plan(&at.region, &at.account, "none")),
        operation!("backup/list_plans", |cloud, at| cloud
            .list_backup_plans(&at.region, &at.account)),
        operation!("backup/list_protected_resources", |cloud, at| {
            cloud.list_protected_resources(&at.region, &at.account, 10)
        }),
        operation!("backup/list_recovery_points", |cloud, at| async {
            let points = cloud.list_recovery_points(&at.region, &at.account, "vault", Made::default());
            points
                .collect::<Vec<_>>()
                .await
                .into_iter()
                .collect::<Result<Vec<_>, _>>()
        }),
        operation!("backup/list_selections", |cloud, at| cloud
            .backup_selections(&at.region, &at.account, "none")),
        operation!("backup/list_vaults", |cloud, at| cloud
            .list_vaults(&at.region, &at.account)),
        operation!("backup/update_plan", |cloud, at| async {
            cloud
                .set_backup_rule(&at.region, &at.account, "none", "1", &rule())
                .await
        }),
    ]
}

/// Those of RDS, SQS, IAM, KMS and STS.
fn others() -> Vec<Operation> {
    vec![
        operation!("rds/cancel_export_task", |cloud, at| cloud
            .cancel_export_task(&at.region, &at.account, "none")),
        operation!("rds/describe_db_clusters", |cloud, at| cloud
            .describe_db_clusters(&at.region, &at.account)),
        operation!("rds/describe_db_instances", |cloud, at| cloud
            .describe_db_instances(&at.region, &at.account)),
        operation!("rds/describe_db_snapshots", |cloud, at| {
            cloud.describe_backup_snapshots(&at.region, &at.account, "none")
        }),
        operation!("rds/describe_export_tasks", |cloud, at| cloud
            .describe_export_tasks(&at.region, &at.account, None)),
        operation!("rds/exports_under_way", |cloud, at| cloud
            .exports_under_way(&at.region, &at.account)),
        operation!("rds/start_export_task", |cloud, at| async {
            let request = ExportRequest {
                identifier: "none".into(),
                source: at.point.clone(),
                bucket: at.bucket.name.clone(),
                prefix: String::new(),
                role_arn: format!("arn:aws:iam::{}:role/role", at.account),
                kms_key_id: "alias/none".into(),
                only: Vec::new(),
            };
            cloud.start_export_task(&at.region, &at.account, &request).await
        }),
        operation!("sqs/delete_messages", |cloud, at| async {
            let message = Message {
                id: "none".into(),
                receipt: "none".into(),
                body: String::new(),
            };
            cloud.delete_messages(&at.queue, &[message]).await
        }),
        operation!("sqs/queue_attributes", |cloud, at| cloud
            .queue_attributes(&at.queue)),
        operation!("sqs/queue_url", |cloud, at| cloud.queue(
            &at.region,
            &at.account,
            local_aws::events::QUEUE
        )),
        operation!("sqs/receive_messages", |cloud, at| cloud
            .receive_messages(&at.queue, Duration::ZERO)),
        operation!("iam/get_role", |cloud, at| cloud
            .role(&at.region, &at.account, "role")),
        operation!("kms/describe_key", |cloud, at| cloud.describe_key(
            &at.region,
            Some(&at.account),
            "alias/aws/s3"
        )),
        operation!("sts/caller_identity", |cloud, at| cloud
            .caller_identity(&at.region, Some(&at.account))),
    ]
}

/// Every operation that may fail.
pub fn operations() -> Vec<Operation> {
    let mut all = s3();
    all.extend(dynamodb());
    all.extend(backup());
    all.extend(others());
    all
}
