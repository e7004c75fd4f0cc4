//! SQS over its JSON protocol: standard queues with visibility timeouts, long polling and dead-letter queues.

mod actions;
mod digest;
mod messages;
mod queue;

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use serde_json::{Value, json};
use tokio::sync::Notify;

use queue::Queue;

use crate::control::{Place, Plane, RecordError, respond};
use crate::{Caller, Service};

/// How often a long poll looks by itself, for messages whose delay or visibility timeout has ended.
const POLL: Duration = Duration::from_millis(250);

/// The embedded SQS.
#[derive(Debug)]
pub struct Sqs {
    plane: Plane,
    /// Wakes long polls.
    arrived: Notify,
}

/// An error answer.
#[derive(Debug)]
struct Fault {
    code: &'static str,
    /// What the older query protocol called it, which clients still look for.
    query_code: &'static str,
    message: String,
}

impl Fault {
    fn no_queue() -> Self {
        Self {
            code: "QueueDoesNotExist",
            query_code: "AWS.SimpleQueueService.NonExistentQueue",
            message: "The specified queue does not exist.".to_owned(),
        }
    }

    fn invalid(message: impl Into<String>) -> Self {
        Self {
            code: "InvalidParameterValue",
            query_code: "InvalidParameterValue",
            message: message.into(),
        }
    }

    fn missing(name: &str) -> Self {
        let message = format!("The request must contain the parameter {name}.");
        Self {
            code: "MissingParameter",
            query_code: "MissingParameter",
            message,
        }
    }
}

impl From<RecordError> for Fault {
    fn from(cause: RecordError) -> Self {
        tracing::error!(%cause, "the embedded SQS failed");
        Self {
            code: "InternalFailure",
            query_code: "InternalFailure",
            message: cause.to_string(),
        }
    }
}

/// The parameters of one request and where it came from.
struct Call<'a> {
    place: Place,
    /// `http://127.0.0.1:4566`, as the caller reached us.
    endpoint: String,
    parameters: &'a Value,
}

impl Sqs {
    pub(crate) fn new(plane: Plane) -> Self {
        Self {
            plane,
            arrived: Notify::new(),
        }
    }

    /// Makes a queue, unless it is there.
    pub(crate) fn open(&self, place: &Place, queue: &str) -> Result<(), RecordError> {
        self.ensure_queue(place, queue).map(|_| ())
    }

    /// Puts `body` into a queue, which is made if it isn't there.
    pub(crate) fn deliver(&self, place: &Place, queue: &str, body: &str) -> Result<(), RecordError> {
        let queue = self.ensure_queue(place, queue)?;
        self.enqueue(&queue, body, &Value::Null, 0, "AIDAEVENTS")?;
        Ok(())
    }

    async fn dispatch(&self, action: &str, call: &Call<'_>) -> Result<Value, Fault> {
        match action {
            "CreateQueue" => self.create_queue(call),
            "DeleteQueue" => self.delete_queue(call),
            "GetQueueUrl" => self.queue_url(call),
            "ListQueues" => self.list_queues(call),
            "GetQueueAttributes" => self.attributes(call),
            "SetQueueAttributes" => self.set_attributes(call),
            "PurgeQueue" => self.purge(call),
            "SendMessage" => self.send(call),
            "SendMessageBatch" => self.send_batch(call),
            "ReceiveMessage" => self.receive(call).await,
            "DeleteMessage" => self.delete(call),
            "DeleteMessageBatch" => self.delete_batch(call),
            "ChangeMessageVisibility" => self.change_visibility(call),
            "ChangeMessageVisibilityBatch" => self.change_visibility_batch(call),
            other => Err(Fault {
                code: "UnknownOperationException",
                query_code: "InvalidAction",
                message: format!("The embedded SQS has no operation {other}"),
            }),
        }
    }
}

impl Call<'_> {
    fn text(&self, name: &str) -> Result<&str, Fault> {
        self.parameters[name].as_str().ok_or_else(|| Fault::missing(name))
    }

    fn number(&self, name: &str) -> Option<i64> {
        self.parameters[name].as_i64()
    }

    fn url(&self, queue: &Queue) -> String {
        format!("{}/{}/{}", self.endpoint, queue.place.account, queue.name)
    }
}

#[async_trait::async_trait]
impl Service for Sqs {
    fn name(&self) -> &'static str {
        "sqs"
    }

    async fn call(&self, caller: &Caller, request: http::Request<Bytes>) -> Response<Bytes> {
        let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
        let action = header("x-amz-target")
            .and_then(|target| target.strip_prefix("AmazonSQS."))
            .unwrap_or_default();
        let endpoint = format!(
            "http://{}",
            header("host")
                .or(request.uri().authority().map(http::uri::Authority::as_str))
                .unwrap_or("localhost")
        );
        let result = match serde_json::from_slice(request.body()) {
            Ok(parameters) => {
                let place = Place::new(&caller.account_id, &caller.region);
                self.dispatch(
                    action,
                    &Call {
                        place,
                        endpoint,
                        parameters: &parameters,
                    },
                )
                .await
            }
            Err(error) => Err(Fault::invalid(format!(
                "The request is no JSON document: {error}"
            ))),
        };
        match result {
            Ok(body) => respond(StatusCode::OK, "application/x-amz-json-1.0", body.to_string()),
            Err(fault) => {
                let internal = fault.code == "InternalFailure";
                let status = if internal {
                    StatusCode::INTERNAL_SERVER_ERROR
                } else {
                    StatusCode::BAD_REQUEST
                };
                let body = json!({ "__type": format!("com.amazonaws.sqs#{}", fault.code), "message": fault.message });
                let mut response = respond(status, "application/x-amz-json-1.0", body.to_string());
                let blame = if internal { "Receiver" } else { "Sender" };
                if let Ok(value) = HeaderValue::from_str(&format!("{};{blame}", fault.query_code)) {
                    response
                        .headers_mut()
                        .insert(HeaderName::from_static("x-amzn-query-error"), value);
                }
                response
            }
        }
    }
}
