//! An import as it is kept and described.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::control::{Place, Record};

/// How an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Status {
    InProgress,
    Completed,
    Failed,
}

/// What an import has done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Counts {
    /// Lines that were read as items, or could not be.
    pub(super) processed: u64,
    /// Items that were put. Items of one key count each, as they overwrite each other.
    pub(super) imported: u64,
    /// What could not be put.
    pub(super) errors: u64,
    /// Bytes of the lines, uncompressed: what AWS bills.
    pub(super) bytes: u64,
}

/// Why an import failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Failure {
    pub(super) code: String,
    pub(super) message: String,
}

/// An import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Import {
    pub(super) place: Place,
    pub(super) arn: String,
    pub(super) client_token: String,
    /// The request, without its token.
    pub(super) request: Map<String, Value>,
    /// None until the table has been created.
    pub(super) table_id: Option<String>,
    pub(super) status: Status,
    pub(super) counts: Counts,
    pub(super) started_at: Timestamp,
    pub(super) ended_at: Option<Timestamp>,
    pub(super) failure: Option<Failure>,
}

impl Record for Import {
    const KIND: &'static str = "dynamodb import";

    fn place(&self) -> Place {
        self.place.clone()
    }

    fn id(&self) -> &str {
        &self.arn
    }
}

impl Import {
    /// `arn:aws:dynamodb:REGION:ACCOUNT:table/NAME/import/01658528578619-c4d4e311`.
    pub(super) fn new_arn(place: &Place, table: &str, now: Timestamp) -> String {
        let unique = uuid::Uuid::new_v4().simple().to_string();
        format!(
            "{}/import/{:014}-{}",
            table_arn(place, table),
            now.as_millisecond(),
            &unique[..8]
        )
    }

    /// The table's name.
    pub(super) fn table(&self) -> &str {
        self.text("/TableCreationParameters/TableName")
    }

    pub(super) fn table_arn(&self) -> String {
        table_arn(&self.place, self.table())
    }

    pub(super) fn bucket(&self) -> &str {
        self.text("/S3BucketSource/S3Bucket")
    }

    pub(super) fn key_prefix(&self) -> &str {
        self.text("/S3BucketSource/S3KeyPrefix")
    }

    pub(super) fn compression(&self) -> &str {
        self.text("/InputCompressionType")
    }

    /// A text of the request; empty where it has none.
    fn text(&self, pointer: &str) -> &str {
        let mut parts = pointer.trim_start_matches('/').split('/');
        let first = parts.next().and_then(|name| self.request.get(name));
        let value = parts.fold(first, |value, name| value.and_then(|value| value.get(name)));
        value.and_then(Value::as_str).unwrap_or_default()
    }

    /// The ImportTableDescription.
    pub(super) fn description(&self) -> Value {
        let mut description = self.summary();
        description.extend(self.request.clone());
        description.extend(object(json!({
            "ClientToken": self.client_token,
            "ErrorCount": self.counts.errors,
            "ImportedItemCount": self.counts.imported,
            "ProcessedItemCount": self.counts.processed,
            "ProcessedSizeBytes": self.counts.bytes,
        })));
        if let Some(id) = &self.table_id {
            description.insert("TableId".to_owned(), json!(id));
        }
        if let Some(failure) = &self.failure {
            description.insert("FailureCode".to_owned(), json!(failure.code));
            description.insert("FailureMessage".to_owned(), json!(failure.message));
        }
        Value::Object(description)
    }

    /// The ImportSummary.
    pub(super) fn summary(&self) -> Map<String, Value> {
        let mut summary = object(json!({
            "ImportArn": self.arn,
            "ImportStatus": self.status,
            "TableArn": self.table_arn(),
            "S3BucketSource": self.request.get("S3BucketSource"),
            "InputFormat": self.request.get("InputFormat"),
            "CloudWatchLogGroupArn": format!(
                "arn:aws:logs:{}:{}:log-group:/aws-dynamodb/imports:*",
                self.place.region, self.place.account
            ),
            "StartTime": seconds(self.started_at),
        }));
        if let Some(at) = self.ended_at {
            summary.insert("EndTime".to_owned(), json!(seconds(at)));
        }
        summary
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn table_arn(place: &Place, table: &str) -> String {
    format!(
        "arn:aws:dynamodb:{}:{}:table/{table}",
        place.region, place.account
    )
}

/// As DynamoDB writes times: seconds with a fraction.
#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds since 1970 stay far below 2^53"
)]
fn seconds(at: Timestamp) -> f64 {
    at.as_millisecond() as f64 / 1000.0
}
