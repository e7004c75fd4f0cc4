//! DynamoDB: one database per account and Region behind dynoxide's own HTTP server, with a throttle and imports from S3
//! in front.

mod backend;
mod bucket;
mod databases;
mod import;
mod item_size;
mod throttle;
mod traffic;

use std::sync::Arc;

use bytes::Bytes;
use dynoxide::{ImportOptions, Item};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use serde_json::Value;

use crate::control::{Place, RecordError, Records};
use crate::{Caller, Context, Service};
use databases::Databases;
use import::Imports;
use throttle::Throttle;

/// The prefix of every operation's `x-amz-target`.
const TARGET: &str = "DynamoDB_20120810.";

/// Operations whose answers hold ARNs; items are never searched for them.
const ANSWERS_WITH_ARNS: [&str; 10] = [
    "CreateTable", "DeleteTable", "DescribeTable", "UpdateTable", "UpdateTimeToLive", "ListTagsOfResource",
    "ListStreams", "DescribeStream", "GetRecords", "DescribeTimeToLive",
];

/// The cloud's DynamoDB, in process.
#[derive(Debug)]
pub struct DynamoDb {
    databases: Arc<Databases>,
    throttle: Throttle,
    imports: Imports,
}

impl DynamoDb {
    pub(crate) fn new(context: &Context, records: Arc<Records>) -> Self {
        let options = &context.options;
        let on_disk = options.data_dir.is_some();
        let databases = Arc::new(Databases::new(on_disk.then(|| context.folder.join("dynamodb"))));
        Self {
            throttle: Throttle::new(options.throttle),
            imports: Imports::new(
                records,
                options.clock.clone(),
                context.s3.clone(),
                Arc::clone(&databases),
                options.import_duration,
            ),
            databases,
        }
    }

    /// Goes on with the imports that another process left.
    pub(crate) async fn resume(&self) -> Result<(), RecordError> {
        self.imports.resume().await
    }

    /// Turns the throttle of one table on or off, whatever [`crate::Options::throttle`] says; `None` goes back to
    /// that. A table that is throttled for the first time starts with one second's capacity.
    pub fn set_throttle(&self, account: &str, region: &str, table: &str, throttled: Option<bool>) {
        let place = Place::new(account, region);
        self.throttle.set(&place, table, throttled);
    }

    /// Puts items, in DynamoDB's JSON, into a table that is there, a thousand times as fast as by requests: for whoever
    /// measures with very many.
    pub async fn load(
        &self,
        account: &str,
        region: &str,
        table: &str,
        items: Vec<Value>,
    ) -> Result<(), String> {
        let database = self.databases.of(&Place::new(account, region)).await?.database();
        let table = table.to_owned();
        tokio::task::spawn_blocking(move || {
            let items = items
                .into_iter()
                .map(serde_json::from_value)
                .collect::<Result<Vec<Item>, _>>()
                .map_err(|error| error.to_string())?;
            database
                .import_items(&table, items, ImportOptions::default())
                .map(|_| ())
                .map_err(|error| error.to_string())
        })
        .await
        .map_err(|error| error.to_string())?
    }

    pub(crate) async fn shutdown(&self) {
        self.imports.stop().await;
        self.databases.stop().await;
    }

    async fn answer(&self, caller: &Caller, request: Request<Bytes>) -> Result<Response<Bytes>, String> {
        let place = Place::new(&caller.account_id, &caller.region);
        let (parts, body) = request.into_parts();
        let target = parts
            .headers
            .get("x-amz-target")
            .and_then(|target| target.to_str().ok());
        let operation = target
            .and_then(|target| target.strip_prefix(TARGET))
            .unwrap_or_default()
            .to_owned();
        if let Some(answer) = self
            .imports
            .answer(&place, &operation, &parts.headers, &body)
            .await
        {
            return answer;
        }
        let importing = self.importing(&place, &body);
        if let Some(table) = &importing
            && let Some(refusal) = refused_while_creating(&operation, table)
        {
            return Ok(refusal);
        }
        let backend = self.databases.of(&place).await?;
        let mut response = self
            .throttle
            .pass(&place, &backend, &operation, &parts.headers, body)
            .await?;
        if importing.is_some() {
            response = as_creating(response);
        }
        let streams = target.is_some_and(|target| target.starts_with("DynamoDBStreams"));
        if streams || ANSWERS_WITH_ARNS.contains(&operation.as_str()) {
            response = name_place(response, &place);
        }
        Ok(response)
    }

    /// The table of a request that is being filled by an import, if one is.
    fn importing(&self, place: &Place, body: &Bytes) -> Option<String> {
        if !self.imports.is_any_running() {
            return None;
        }
        let request = serde_json::from_slice(body).ok()?;
        let mut tables = traffic::tables(&request).into_iter();
        tables.find(|table| self.imports.is_importing(place, table))
    }
}

#[async_trait::async_trait]
impl Service for DynamoDb {
    fn name(&self) -> &'static str {
        "dynamodb"
    }

    async fn call(&self, caller: &Caller, request: Request<Bytes>) -> Response<Bytes> {
        self.answer(caller, request).await.unwrap_or_else(|reason| {
            tracing::error!(
                reason,
                account = caller.account_id,
                region = caller.region,
                "DynamoDB failed"
            );
            fault(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError", &reason)
        })
    }
}

/// What is answered of a table that an import fills, where that is not its description: it is being created.
fn refused_while_creating(operation: &str, table: &str) -> Option<Response<Bytes>> {
    let (code, message) = match operation {
        "DescribeTable" => return None,
        "CreateTable" => ("ResourceInUseException", format!("Table already exists: {table}")),
        "DeleteTable" | "UpdateTable" => (
            "ResourceInUseException",
            format!("Attempt to change a resource which is still in use: Table is being created: {table}"),
        ),
        _ => (
            "ResourceNotFoundException",
            "Requested resource not found".to_owned(),
        ),
    };
    Some(fault(StatusCode::BAD_REQUEST, code, &message))
}

/// The description of a table that an import fills.
fn as_creating(response: Response<Bytes>) -> Response<Bytes> {
    let Ok(mut body) = serde_json::from_slice::<Value>(response.body()) else {
        return response;
    };
    if let Some(status) = body.pointer_mut("/Table/TableStatus") {
        *status = Value::from("CREATING");
    }
    json(response.status(), &body)
}

/// Puts the account and the Region into ARNs and stream records, in place of the ones that dynoxide gives every table.
fn name_place(response: Response<Bytes>, place: &Place) -> Response<Bytes> {
    let (mut parts, body) = response.into_parts();
    let ours = format!("arn:aws:dynamodb:{}:{}:", place.region, place.account);
    let Ok(text) = std::str::from_utf8(&body) else {
        return Response::from_parts(parts, body);
    };
    let text = text.replace("arn:aws:dynamodb:dynoxide:000000000000:", &ours);
    let region = format!("\"awsRegion\":\"{}\"", place.region);
    let text = text.replace("\"awsRegion\":\"dynoxide\"", &region);
    seal(&mut parts.headers, text.as_bytes());
    Response::from_parts(parts, Bytes::from(text))
}

/// An error as DynamoDB words it.
fn fault(status: StatusCode, code: &str, message: &str) -> Response<Bytes> {
    let body = serde_json::json!({
        "__type": format!("com.amazonaws.dynamodb.v20120810#{code}"),
        "message": message,
    });
    json(status, &body)
}

fn json(status: StatusCode, body: &Value) -> Response<Bytes> {
    let body = Bytes::from(body.to_string());
    let mut response = Response::new(body.clone());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        http::header::CONTENT_TYPE,
        HeaderValue::from_static("application/x-amz-json-1.0"),
    );
    seal(headers, &body);
    response
}

/// The headers that depend on a body's bytes: clients check the CRC32.
fn seal(headers: &mut HeaderMap, body: &[u8]) {
    let crc = crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32IsoHdlc, body);
    headers.insert("x-amz-crc32", HeaderValue::from(crc));
    headers.insert(http::header::CONTENT_LENGTH, HeaderValue::from(body.len()));
}
