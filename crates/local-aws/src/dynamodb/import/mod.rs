//! Import from S3: a new table is filled in the background from the objects under a prefix.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataImport.HowItWorks.html>
//!
//! Until an import has ended, its table is CREATING and can be neither read nor written. An import that was
//! interrupted begins anew at the next start: it puts the same items under the same keys.

mod lines;
mod record;
mod run;

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use jiff::SignedDuration;
use serde_json::{Map, Value, json};
use tokio::task::JoinHandle;

use super::databases::Databases;
use super::{fault, json as answer};
use crate::Clock;
use crate::control::{Place, RecordError, Records, page};
use crate::s3::S3Store;
use lines::Compression;
use record::{Counts, Import, Status};
use run::Counters;

/// An account has at most so many imports in progress.
const IN_PROGRESS_MAX: usize = 50;

/// How long a client token means the same request, after that has ended.
const TOKEN_VALID: SignedDuration = SignedDuration::from_hours(8);

/// The largest page of imports.
const PAGE_MAX: usize = 25;

/// The imports of every account and Region.
#[derive(Clone, Debug)]
pub(super) struct Imports {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    records: Arc<Records>,
    clock: Clock,
    s3: S3Store,
    databases: Arc<Databases>,
    /// How long an import takes at least, on the machine's clock.
    duration: Duration,
    /// Held while an import is checked and added, so that two requests with one token make one import.
    admission: tokio::sync::Mutex<()>,
    /// The imports of this process, by ARN.
    running: Mutex<HashMap<String, Running>>,
    /// How many they are, for requests that need not know which.
    running_count: AtomicUsize,
}

#[derive(Debug)]
struct Running {
    place: Place,
    table: String,
    counters: Arc<Counters>,
    work: JoinHandle<()>,
}

impl Imports {
    pub(super) fn new(
        records: Arc<Records>,
        clock: Clock,
        s3: S3Store,
        databases: Arc<Databases>,
        duration: Duration,
    ) -> Self {
        Self {
            shared: Arc::new(Shared {
                records,
                clock,
                s3,
                databases,
                duration,
                admission: tokio::sync::Mutex::default(),
                running: Mutex::default(),
                running_count: AtomicUsize::new(0),
            }),
        }
    }

    /// Begins anew what another process left.
    pub(super) async fn resume(&self) -> Result<(), RecordError> {
        for mut import in self.shared.records.all::<Import>()? {
            if import.status != Status::InProgress {
                continue;
            }
            if import.table_id.is_none() {
                // The request was not answered: without a table there is no import, with one it goes on.
                import.table_id = self.table_id(&import).await;
                if import.table_id.is_none() {
                    self.shared.records.remove::<Import>(&import.place, &import.arn)?;
                    continue;
                }
                self.shared.records.put(&import)?;
            }
            self.begin(import);
        }
        Ok(())
    }

    async fn table_id(&self, import: &Import) -> Option<String> {
        let backend = self.shared.databases.of(&import.place).await.ok()?;
        let database = backend.database();
        let request = serde_json::from_value(json!({ "TableName": import.table() })).ok()?;
        let described = tokio::task::spawn_blocking(move || database.describe_table(request)).await;
        let described = serde_json::to_value(described.ok()?.ok()?).ok()?;
        let id = described.pointer("/Table/TableId").and_then(Value::as_str);
        id.map(str::to_owned)
    }

    /// Answers ImportTable, DescribeImport and ListImports; `None` for every other operation.
    pub(super) async fn answer(
        &self,
        place: &Place,
        operation: &str,
        headers: &HeaderMap,
        body: &Bytes,
    ) -> Option<Result<Response<Bytes>, String>> {
        if !matches!(operation, "ImportTable" | "DescribeImport" | "ListImports") {
            return None;
        }
        let Ok(request) = serde_json::from_slice::<Map<String, Value>>(body) else {
            return Some(Ok(fault(
                StatusCode::BAD_REQUEST,
                "SerializationException",
                "The request is no JSON object",
            )));
        };
        Some(match operation {
            "ImportTable" => self.import_table(place, headers, request).await,
            "DescribeImport" => self.describe_import(place, &request),
            _ => self.list_imports(place, &request),
        })
    }

    async fn import_table(
        &self,
        place: &Place,
        headers: &HeaderMap,
        mut request: Map<String, Value>,
    ) -> Result<Response<Bytes>, String> {
        let client_token = match request.remove("ClientToken") {
            Some(Value::String(token)) if !token.is_empty() => token,
            _ => uuid::Uuid::new_v4().to_string(),
        };
        if let Err(message) = check(&request) {
            return Ok(invalid(&message));
        }
        let shared = &self.shared;
        let _one_at_a_time = shared.admission.lock().await;
        let imports: Vec<Import> = shared.records.list(place).map_err(|error| error.to_string())?;
        let now = shared.clock.now();
        let known = imports
            .iter()
            .filter(|import| import.ended_at.is_none_or(|at| now < at + TOKEN_VALID))
            .find(|import| import.client_token == client_token);
        if let Some(known) = known {
            if known.request == request {
                return Ok(self.described(known.clone()));
            }
            return Ok(refusal(
                "ImportConflictException",
                "There was a conflict when importing from the specified S3 source: the client token was used for \
                 another request",
            ));
        }
        let in_progress = imports
            .iter()
            .filter(|import| import.status == Status::InProgress)
            .count();
        if in_progress >= IN_PROGRESS_MAX {
            return Ok(refusal(
                "LimitExceededException",
                "Up to 50 simultaneous import table operations are allowed per account",
            ));
        }
        let table = request
            .get("TableCreationParameters")
            .cloned()
            .unwrap_or_default();
        let name = table.get("TableName").and_then(Value::as_str).unwrap_or_default();
        let mut import = Import {
            place: place.clone(),
            arn: Import::new_arn(place, name, now),
            client_token,
            request,
            table_id: None,
            status: Status::InProgress,
            counts: Counts::default(),
            started_at: now,
            ended_at: None,
            failure: None,
        };
        // Recorded before the table is there, so that a process that dies in between leaves no table behind that
        // nobody fills.
        shared.records.put(&import).map_err(|error| error.to_string())?;
        let created = self.create_table(place, headers, &table).await;
        let id = created.as_ref().ok().and_then(created_id);
        if id.is_none() {
            shared
                .records
                .remove::<Import>(place, &import.arn)
                .map_err(|error| error.to_string())?;
            return created;
        }
        import.table_id = id;
        shared.records.put(&import).map_err(|error| error.to_string())?;
        let described = self.described(import.clone());
        self.begin(import);
        Ok(described)
    }

    async fn create_table(
        &self,
        place: &Place,
        headers: &HeaderMap,
        table: &Value,
    ) -> Result<Response<Bytes>, String> {
        let backend = self.shared.databases.of(place).await?;
        let mut headers = headers.clone();
        headers.insert(
            "x-amz-target",
            HeaderValue::from_static("DynamoDB_20120810.CreateTable"),
        );
        backend.forward(&headers, Bytes::from(table.to_string())).await
    }

    fn describe_import(
        &self,
        place: &Place,
        request: &Map<String, Value>,
    ) -> Result<Response<Bytes>, String> {
        let arn = request
            .get("ImportArn")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let import = self.shared.records.get::<Import>(place, arn);
        Ok(match import.map_err(|error| error.to_string())? {
            Some(import) => self.described(import),
            None => refusal(
                "ImportNotFoundException",
                &format!("The specified import was not found: {arn}"),
            ),
        })
    }

    fn list_imports(&self, place: &Place, request: &Map<String, Value>) -> Result<Response<Bytes>, String> {
        let text = |name: &str| request.get(name).and_then(Value::as_str);
        let size = match request.get("PageSize").map(Value::as_u64) {
            None => PAGE_MAX,
            Some(size) => match size.and_then(|size| usize::try_from(size).ok()) {
                Some(size @ 1..=PAGE_MAX) => size,
                _ => return Ok(invalid(&format!("PageSize must be between 1 and {PAGE_MAX}"))),
            },
        };
        let mut imports: Vec<Import> = self
            .shared
            .records
            .list(place)
            .map_err(|error| error.to_string())?;
        imports.retain(|import| text("TableArn").is_none_or(|arn| import.table_arn() == arn));
        imports.reverse();
        let Some((page, next)) = page(imports, text("NextToken"), size, |import| &import.arn) else {
            return Ok(invalid("Invalid NextToken"));
        };
        let mut body = Map::new();
        let summaries = page.iter().map(|import| Value::Object(import.summary()));
        body.insert("ImportSummaryList".to_owned(), summaries.collect());
        if let Some(next) = next {
            body.insert("NextToken".to_owned(), json!(next));
        }
        Ok(answer(StatusCode::OK, &Value::Object(body)))
    }

    /// The import as it is at this moment.
    fn described(&self, mut import: Import) -> Response<Bytes> {
        if let Some(running) = self.running().get(&import.arn) {
            import.counts = running.counters.counts();
        }
        answer(
            StatusCode::OK,
            &json!({ "ImportTableDescription": import.description() }),
        )
    }

    /// Whether a table of a place is being filled.
    pub(super) fn is_importing(&self, place: &Place, table: &str) -> bool {
        self.is_any_running()
            && self
                .running()
                .values()
                .any(|running| running.place == *place && running.table == table)
    }

    /// Whether any import runs at all.
    pub(super) fn is_any_running(&self) -> bool {
        self.shared.running_count.load(Ordering::Acquire) > 0
    }

    fn begin(&self, import: Import) {
        let counters = Arc::new(Counters::default());
        let own = self.clone();
        let arn = import.arn.clone();
        // Held until the task is entered, for a quick one removes itself.
        let mut running = self.running();
        let entry = Running {
            place: import.place.clone(),
            table: import.table().to_owned(),
            counters: Arc::clone(&counters),
            work: tokio::spawn(async move { own.work(import, counters).await }),
        };
        running.insert(arn, entry);
        self.shared.running_count.store(running.len(), Ordering::Release);
    }

    async fn work(&self, mut import: Import, counters: Arc<Counters>) {
        let shared = &self.shared;
        let least = tokio::time::sleep(shared.duration);
        let outcome = match shared.databases.of(&import.place).await {
            Ok(backend) => run::run(&import, &shared.s3, backend.database(), &counters).await,
            Err(cause) => Err(run::internal(&cause)),
        };
        least.await;
        import.counts = counters.counts();
        import.ended_at = Some(shared.clock.now());
        import.status = Status::Completed;
        if let Err(failure) = outcome {
            tracing::warn!(
                import = import.arn,
                code = failure.code,
                message = failure.message,
                "an import failed"
            );
            import.status = Status::Failed;
            import.failure = Some(failure);
        }
        let mut running = self.running();
        if let Err(cause) = shared.records.put(&import) {
            tracing::error!(%cause, import = import.arn, "the end of an import could not be recorded");
        }
        running.remove(&import.arn);
        shared.running_count.store(running.len(), Ordering::Release);
    }

    /// Stops the imports of this process; the next one begins them anew.
    pub(super) async fn stop(&self) {
        let running: Vec<Running> = self.running().drain().map(|(_, running)| running).collect();
        for running in running {
            running.work.abort();
            // An aborted task's result says only that it was aborted.
            let _ = running.work.await;
        }
    }

    fn running(&self) -> MutexGuard<'_, HashMap<String, Running>> {
        self.shared.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Refuses what no import can be made of. What is wrong with the table, CreateTable says.
fn check(request: &Map<String, Value>) -> Result<(), String> {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let bucket = request
        .get("S3BucketSource")
        .and_then(|source| source.get("S3Bucket"));
    if text(bucket).is_empty() {
        return Err("S3BucketSource.S3Bucket is required".to_owned());
    }
    if !request
        .get("TableCreationParameters")
        .is_some_and(Value::is_object)
    {
        return Err("TableCreationParameters is required".to_owned());
    }
    let format = text(request.get("InputFormat"));
    if format != "DYNAMODB_JSON" {
        return Err(format!(
            "The embedded DynamoDB imports DYNAMODB_JSON; InputFormat is {format:?}"
        ));
    }
    let compression = text(request.get("InputCompressionType"));
    if Compression::parse(&compression).is_none() {
        return Err(format!(
            "InputCompressionType must be GZIP, ZSTD or NONE and is {compression:?}"
        ));
    }
    Ok(())
}

fn created_id(created: &Response<Bytes>) -> Option<String> {
    if !created.status().is_success() {
        return None;
    }
    let body: Value = serde_json::from_slice(created.body()).ok()?;
    let id = body.pointer("/TableDescription/TableId").and_then(Value::as_str);
    id.map(str::to_owned)
}

fn invalid(message: &str) -> Response<Bytes> {
    refusal("ValidationException", message)
}

fn refusal(code: &str, message: &str) -> Response<Bytes> {
    fault(StatusCode::BAD_REQUEST, code, message)
}
