//! DynamoDB: one database per account and Region behind dynoxide's own HTTP server, and a throttle in front.

mod backend;
mod bucket;
mod item_size;
mod throttle;
mod traffic;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use tokio::sync::Mutex;

use crate::{Caller, Service};
use backend::Backend;
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
    /// `None`: every database is in memory.
    folder: Option<PathBuf>,
    databases: Mutex<HashMap<Place, Arc<Backend>>>,
    throttle: Throttle,
}

/// Where a database lives.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Place {
    account: String,
    region: String,
}

impl DynamoDb {
    pub(crate) fn new(folder: Option<PathBuf>, throttle: bool) -> Self {
        Self {
            folder,
            databases: Mutex::new(HashMap::new()),
            throttle: Throttle::new(throttle),
        }
    }

    /// Turns the throttle of one table on or off, whatever [`crate::Options::throttle`] says; `None` goes back to
    /// that. A table that is throttled for the first time starts with one second's capacity.
    pub fn set_throttle(&self, account: &str, region: &str, table: &str, throttled: Option<bool>) {
        let place = Place {
            account: account.to_owned(),
            region: region.to_owned(),
        };
        self.throttle.set(&place, table, throttled);
    }

    /// The database of a place, opened at its first request.
    async fn backend(&self, place: &Place) -> Result<Arc<Backend>, String> {
        let mut databases = self.databases.lock().await;
        if let Some(backend) = databases.get(place) {
            return Ok(Arc::clone(backend));
        }
        let backend = Arc::new(Backend::open(self.folder.as_deref(), place).await?);
        databases.insert(place.clone(), Arc::clone(&backend));
        Ok(backend)
    }

    pub(crate) async fn shutdown(&self) {
        for (_, backend) in self.databases.lock().await.drain() {
            backend.stop().await;
        }
    }

    async fn answer(&self, caller: &Caller, request: Request<Bytes>) -> Result<Response<Bytes>, String> {
        let place = Place {
            account: caller.account_id.clone(),
            region: caller.region.clone(),
        };
        let backend = self.backend(&place).await?;
        let (parts, body) = request.into_parts();
        let target = parts
            .headers
            .get("x-amz-target")
            .and_then(|target| target.to_str().ok());
        let operation = target
            .and_then(|target| target.strip_prefix(TARGET))
            .unwrap_or_default()
            .to_owned();
        let mut response = self
            .throttle
            .pass(&place, &backend, &operation, &parts.headers, body)
            .await?;
        let streams = target.is_some_and(|target| target.starts_with("DynamoDBStreams"));
        if streams || ANSWERS_WITH_ARNS.contains(&operation.as_str()) {
            response = name_place(response, &place);
        }
        Ok(response)
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

/// Puts the account and the Region into ARNs, in place of the ones that dynoxide gives every table.
fn name_place(response: Response<Bytes>, place: &Place) -> Response<Bytes> {
    let (mut parts, body) = response.into_parts();
    let ours = format!("arn:aws:dynamodb:{}:{}:", place.region, place.account);
    let Ok(text) = std::str::from_utf8(&body) else {
        return Response::from_parts(parts, body);
    };
    let text = text.replace("arn:aws:dynamodb:dynoxide:000000000000:", &ours);
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

fn json(status: StatusCode, body: &serde_json::Value) -> Response<Bytes> {
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
