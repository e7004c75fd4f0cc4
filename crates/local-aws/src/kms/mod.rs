//! KMS over its JSON protocol: keys and aliases that can be made, described and switched off. Nothing is encrypted with
//! them: S3 and RDS here take a key's name as it is.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/Welcome.html>

mod key;

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::{Value, json};

use crate::control::{Place, Plane, RecordError, respond};
use crate::{Caller, Service};

/// The embedded KMS.
#[derive(Debug)]
pub struct Kms {
    plane: Plane,
}

/// An error answer.
#[derive(Debug)]
struct Fault {
    code: &'static str,
    message: String,
}

impl Fault {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    fn not_found(what: impl Into<String>) -> Self {
        Self::new("NotFoundException", what)
    }

    fn invalid(message: impl Into<String>) -> Self {
        Self::new("ValidationException", message)
    }
}

impl From<RecordError> for Fault {
    fn from(cause: RecordError) -> Self {
        tracing::error!(%cause, "the embedded KMS failed");
        Self::new("KMSInternalException", cause.to_string())
    }
}

impl Kms {
    pub(crate) fn new(plane: Plane) -> Self {
        Self { plane }
    }

    fn dispatch(&self, action: &str, place: &Place, request: &Value) -> Result<Value, Fault> {
        match action {
            "CreateKey" => self.create_key(place, request),
            "DescribeKey" => self.describe_key(place, request),
            "ListKeys" => self.list_keys(place, request),
            "EnableKey" => self.set_state(place, request, key::State::Enabled),
            "DisableKey" => self.set_state(place, request, key::State::Disabled),
            "ScheduleKeyDeletion" => self.schedule_deletion(place, request),
            "CreateAlias" => self.create_alias(place, request),
            "DeleteAlias" => self.delete_alias(place, request),
            "ListAliases" => self.list_aliases(place, request),
            other => Err(Fault::new(
                "UnknownOperationException",
                format!("The embedded KMS has no operation {other}"),
            )),
        }
    }
}

#[async_trait::async_trait]
impl Service for Kms {
    fn name(&self) -> &'static str {
        "kms"
    }

    async fn call(&self, caller: &Caller, request: http::Request<Bytes>) -> Response<Bytes> {
        let action = request
            .headers()
            .get("x-amz-target")
            .and_then(|target| target.to_str().ok())
            .and_then(|target| target.strip_prefix("TrentService."))
            .unwrap_or_default();
        let place = Place::new(&caller.account_id, &caller.region);
        let result = serde_json::from_slice(request.body())
            .map_err(|error| Fault::invalid(format!("The request is no JSON document: {error}")))
            .and_then(|request| self.dispatch(action, &place, &request));
        let (status, body) = match result {
            Ok(body) => (StatusCode::OK, body),
            Err(fault) => {
                let status = if fault.code == "KMSInternalException" {
                    StatusCode::INTERNAL_SERVER_ERROR
                } else {
                    StatusCode::BAD_REQUEST
                };
                (status, json!({ "__type": fault.code, "message": fault.message }))
            }
        };
        respond(status, "application/x-amz-json-1.1", body.to_string())
    }
}
