//! What an import does: object after object, line after line, into the table.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use dynoxide::{Database, ImportOptions, Item};
use futures::StreamExt as _;
use serde_json::Value;
use tokio::sync::mpsc;

use super::lines::{Compression, Lines};
use super::record::{Counts, Failure, Import};
use crate::dynamodb::item_size;
use crate::s3::{S3Failure, S3Store};

/// DynamoDB takes at most so many objects in one import.
const OBJECTS_MAX: usize = 50_000;

/// The largest item, in DynamoDB's own count.
const ITEM_BYTES_MAX: usize = 400 * 1024;

/// Items put in one transaction, and bytes of their lines.
const BATCH_ITEMS: usize = 1_000;
const BATCH_BYTES: usize = 4 * 1024 * 1024;

/// Chunks of an object that wait for the thread that reads it.
const CHUNKS_WAITING: usize = 4;

/// Errors of one import that are logged; the rest is counted.
const ERRORS_LOGGED: u64 = 10;

/// What an import has done so far, while it runs.
#[derive(Debug, Default)]
pub(super) struct Counters {
    processed: AtomicU64,
    imported: AtomicU64,
    errors: AtomicU64,
    bytes: AtomicU64,
}

impl Counters {
    pub(super) fn counts(&self) -> Counts {
        Counts {
            processed: self.processed.load(Ordering::Relaxed),
            imported: self.imported.load(Ordering::Relaxed),
            errors: self.errors.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
        }
    }

    fn error(&self, arn: &str, object: &str, cause: &str) {
        if self.errors.fetch_add(1, Ordering::Relaxed) < ERRORS_LOGGED {
            tracing::warn!(import = arn, object, cause, "an item could not be imported");
        }
    }
}

/// Imports everything that lies under the prefix. An error is why the import fails as a whole.
pub(super) async fn run(
    import: &Import,
    s3: &S3Store,
    database: Database,
    counters: &Arc<Counters>,
) -> Result<(), Failure> {
    let compression = Compression::parse(import.compression()).unwrap_or(Compression::None);
    let (account, bucket) = (&import.place.account, import.bucket());
    let keys = s3
        .keys_anywhere(account, bucket, import.key_prefix(), OBJECTS_MAX)
        .await
        .map_err(|failure| of_s3(&failure))?;
    if keys.is_empty() {
        return Err(Failure {
            code: "S3NoSuchKey".to_owned(),
            message: format!("No object lies under s3://{bucket}/{}", import.key_prefix()),
        });
    }
    if keys.len() > OBJECTS_MAX {
        return Err(Failure {
            code: "LimitExceededException".to_owned(),
            message: format!("An import takes up to {OBJECTS_MAX} objects"),
        });
    }
    for key in keys {
        let mut body = s3
            .read_anywhere(account, bucket, &key)
            .await
            .map_err(|failure| of_s3(&failure))?;
        let (sender, chunks) = mpsc::channel(CHUNKS_WAITING);
        let load = Load {
            arn: import.arn.clone(),
            table: import.table().to_owned(),
            object: key,
            database: database.clone(),
            counters: Arc::clone(counters),
            batch: Vec::new(),
            batch_bytes: 0,
        };
        let loading = tokio::task::spawn_blocking(move || load.object(chunks, compression));
        while let Some(chunk) = body.next().await {
            // A reader that has given up the object has counted why.
            if sender.send(chunk).await.is_err() {
                break;
            }
        }
        drop(sender);
        loading.await.map_err(|error| internal(&error.to_string()))?;
    }
    if counters.counts().errors > 0 {
        return Err(Failure {
            code: "ItemValidationError".to_owned(),
            message:
                "Some of the items failed validation checks. Please check CloudWatch error logs for more \
                      details."
                    .to_owned(),
        });
    }
    Ok(())
}

pub(super) fn internal(cause: &str) -> Failure {
    Failure {
        code: "InternalServerError".to_owned(),
        message: cause.to_owned(),
    }
}

/// AWS documents no list of codes; these are the ones that were seen.
fn of_s3(failure: &S3Failure) -> Failure {
    let code = match failure {
        S3Failure::NoSuchBucket(_) => "S3NoSuchBucket",
        S3Failure::AccessDenied { .. } => "S3AccessDenied",
        S3Failure::NoSuchKey { .. } | S3Failure::DeleteMarker { .. } => "S3NoSuchKey",
        _ => "InternalServerError",
    };
    Failure {
        code: code.to_owned(),
        message: failure.to_string(),
    }
}

/// One object on its way into the table.
struct Load {
    arn: String,
    table: String,
    object: String,
    database: Database,
    counters: Arc<Counters>,
    batch: Vec<Item>,
    batch_bytes: usize,
}

impl Load {
    fn object(mut self, chunks: mpsc::Receiver<std::io::Result<bytes::Bytes>>, compression: Compression) {
        if let Err(error) = self.lines(chunks, compression) {
            // The rest of a malformed object is skipped, as DynamoDB may do.
            self.error(&error.to_string());
        }
        self.put();
    }

    fn lines(
        &mut self,
        chunks: mpsc::Receiver<std::io::Result<bytes::Bytes>>,
        compression: Compression,
    ) -> std::io::Result<()> {
        let mut lines = Lines::new(chunks, compression)?;
        while let Some(line) = lines.next()? {
            self.counters.processed.fetch_add(1, Ordering::Relaxed);
            self.counters
                .bytes
                .fetch_add(line.len() as u64, Ordering::Relaxed);
            match item(line) {
                Ok(item) => {
                    self.batch.push(item);
                    self.batch_bytes += line.len();
                    if self.batch.len() >= BATCH_ITEMS || self.batch_bytes >= BATCH_BYTES {
                        self.put();
                    }
                }
                Err(cause) => self.error(&cause),
            }
        }
        Ok(())
    }

    /// Puts the batch at once or, if one of its items is refused, each by itself.
    fn put(&mut self) {
        let batch = std::mem::take(&mut self.batch);
        self.batch_bytes = 0;
        let put = |items| {
            let options = ImportOptions::default();
            self.database.import_items(&self.table, items, options)
        };
        if let Ok(imported) = put(batch.clone()) {
            self.counters
                .imported
                .fetch_add(imported.items_imported as u64, Ordering::Relaxed);
            return;
        }
        for item in batch {
            match put(vec![item]) {
                Ok(_) => {
                    self.counters.imported.fetch_add(1, Ordering::Relaxed);
                }
                Err(error) => self.error(&error.to_string()),
            }
        }
    }

    fn error(&self, cause: &str) {
        self.counters.error(&self.arn, &self.object, cause);
    }
}

/// The item of a line, `{"Item":{"id":{"N":"1"}}}`.
fn item(line: &[u8]) -> Result<Item, String> {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Line {
        item: Item,
    }
    if line.len() > ITEM_BYTES_MAX {
        // JSON is never shorter than what DynamoDB counts.
        let value: HashMap<String, Value> = parsed(line)?;
        let attributes = value.get("Item").and_then(Value::as_object);
        if attributes.is_some_and(|attributes| item_size::item(attributes) > ITEM_BYTES_MAX) {
            return Err("Item size has exceeded the maximum allowed size".to_owned());
        }
    }
    parsed::<Line>(line).map(|line| line.item)
}

fn parsed<T: serde::de::DeserializeOwned>(line: &[u8]) -> Result<T, String> {
    serde_json::from_slice(line).map_err(|error| error.to_string())
}
