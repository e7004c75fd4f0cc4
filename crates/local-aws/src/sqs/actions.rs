//! What can be done with messages over the wire.

use std::time::Duration;

use serde_json::{Value, json};

use super::digest::{of_attributes, of_body};
use super::messages::Message;
use super::queue::Queue;
use super::{Call, Fault, POLL, Sqs};

/// Entries of a batch, and messages of one receive.
const BATCH_MAX: usize = 10;

impl Sqs {
    pub(super) fn send(&self, call: &Call<'_>) -> Result<Value, Fault> {
        let queue = self.queue(call)?;
        self.send_one(call, &queue, call.parameters)
    }

    pub(super) fn send_batch(&self, call: &Call<'_>) -> Result<Value, Fault> {
        let queue = self.queue(call)?;
        batch(call, |entry| self.send_one(call, &queue, entry))
    }

    fn send_one(&self, call: &Call<'_>, queue: &Queue, entry: &Value) -> Result<Value, Fault> {
        let body = entry["MessageBody"]
            .as_str()
            .ok_or_else(|| Fault::missing("MessageBody"))?;
        if body.is_empty() {
            return Err(Fault::invalid(
                "The message body must have at least one character.",
            ));
        }
        let most = queue.number("MaximumMessageSize");
        if i64::try_from(body.len()).unwrap_or(i64::MAX) > most {
            return Err(Fault::invalid(format!(
                "One or more parameters are invalid. Reason: Message must be shorter than {most} bytes."
            )));
        }
        let delay = entry["DelaySeconds"]
            .as_i64()
            .unwrap_or_else(|| queue.number("DelaySeconds"));
        if !(0..=900).contains(&delay) {
            return Err(Fault::invalid(
                "Value for parameter DelaySeconds is invalid. Reason: Must be between 0 and 900.",
            ));
        }
        let attributes = &entry["MessageAttributes"];
        let id = self.enqueue(queue, body, attributes, delay, &call.place.account)?;
        let mut answer = json!({ "MessageId": id, "MD5OfMessageBody": of_body(body) });
        if let Some(digest) = of_attributes(attributes) {
            answer["MD5OfMessageAttributes"] = json!(digest);
        }
        Ok(answer)
    }

    pub(super) async fn receive(&self, call: &Call<'_>) -> Result<Value, Fault> {
        let queue = self.queue(call)?;
        let most = call.number("MaxNumberOfMessages").unwrap_or(1);
        let most = usize::try_from(most).ok().filter(|most| (1..=BATCH_MAX).contains(most)).ok_or_else(|| {
            Fault::invalid("Value for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.")
        })?;
        let timeout = call
            .number("VisibilityTimeout")
            .unwrap_or_else(|| queue.number("VisibilityTimeout"));
        let wait = call
            .number("WaitTimeSeconds")
            .unwrap_or_else(|| queue.number("ReceiveMessageWaitTimeSeconds"));
        if !(0..=43_200).contains(&timeout) || !(0..=20).contains(&wait) {
            return Err(Fault::invalid(
                "VisibilityTimeout must be between 0 and 43200 and WaitTimeSeconds between 0 and 20.",
            ));
        }
        // A caller waits on the machine's clock, whatever the embedded one shows.
        let deadline = tokio::time::Instant::now() + Duration::from_secs(u64::try_from(wait).unwrap_or(0));
        loop {
            let arrived = self.arrived.notified();
            let messages = self.take(&queue, most, timeout)?;
            let now = tokio::time::Instant::now();
            if !messages.is_empty() || now >= deadline {
                let wanted = Wanted::of(call.parameters);
                let messages: Vec<Value> = messages.iter().map(|message| wanted.describe(message)).collect();
                return Ok(if messages.is_empty() {
                    json!({})
                } else {
                    json!({ "Messages": messages })
                });
            }
            // Either says only that it is time to look again.
            let _ = tokio::time::timeout(POLL.min(deadline - now), arrived).await;
        }
    }

    pub(super) fn delete(&self, call: &Call<'_>) -> Result<Value, Fault> {
        let queue = self.queue(call)?;
        self.delete_one(&queue, call.parameters)
    }

    pub(super) fn delete_batch(&self, call: &Call<'_>) -> Result<Value, Fault> {
        let queue = self.queue(call)?;
        batch(call, |entry| self.delete_one(&queue, entry))
    }

    fn delete_one(&self, queue: &Queue, entry: &Value) -> Result<Value, Fault> {
        if self.remove(queue, receipt(entry)?)? {
            Ok(json!({}))
        } else {
            Err(invalid_receipt())
        }
    }

    pub(super) fn change_visibility(&self, call: &Call<'_>) -> Result<Value, Fault> {
        let queue = self.queue(call)?;
        self.change_visibility_of_one(&queue, call.parameters)
    }

    pub(super) fn change_visibility_batch(&self, call: &Call<'_>) -> Result<Value, Fault> {
        let queue = self.queue(call)?;
        batch(call, |entry| self.change_visibility_of_one(&queue, entry))
    }

    fn change_visibility_of_one(&self, queue: &Queue, entry: &Value) -> Result<Value, Fault> {
        let timeout = entry["VisibilityTimeout"]
            .as_i64()
            .ok_or_else(|| Fault::missing("VisibilityTimeout"))?;
        if !(0..=43_200).contains(&timeout) {
            return Err(Fault::invalid(
                "Value for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and 43200.",
            ));
        }
        match self.set_visible(queue, receipt(entry)?, timeout)? {
            Some(true) => Ok(json!({})),
            Some(false) => Err(Fault {
                code: "MessageNotInflight",
                query_code: "AWS.SimpleQueueService.MessageNotInflight",
                message: "The specified message isn't in flight.".to_owned(),
            }),
            None => Err(invalid_receipt()),
        }
    }

    pub(super) fn purge(&self, call: &Call<'_>) -> Result<Value, Fault> {
        let queue = self.queue(call)?;
        self.clear(&queue)?;
        Ok(json!({}))
    }
}

fn receipt(entry: &Value) -> Result<&str, Fault> {
    entry["ReceiptHandle"]
        .as_str()
        .ok_or_else(|| Fault::missing("ReceiptHandle"))
}

fn invalid_receipt() -> Fault {
    Fault {
        code: "ReceiptHandleIsInvalid",
        query_code: "ReceiptHandleIsInvalid",
        message: "The input receipt handle is invalid.".to_owned(),
    }
}

/// Does each entry of a batch; those that fail do not keep the others from succeeding.
fn batch(call: &Call<'_>, one: impl Fn(&Value) -> Result<Value, Fault>) -> Result<Value, Fault> {
    let refuse = |code, query_code, message: &str| {
        Err(Fault {
            code,
            query_code,
            message: message.to_owned(),
        })
    };
    let entries = call.parameters["Entries"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    if entries.is_empty() {
        return refuse(
            "EmptyBatchRequest",
            "AWS.SimpleQueueService.EmptyBatchRequest",
            "There should be at least one entry in the request.",
        );
    }
    if entries.len() > BATCH_MAX {
        return refuse(
            "TooManyEntriesInBatchRequest",
            "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
            "Maximum number of entries per request are 10.",
        );
    }
    let mut ids: Vec<&str> = entries.iter().filter_map(|entry| entry["Id"].as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.len() != entries.len() {
        return refuse(
            "BatchEntryIdsNotDistinct",
            "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
            "Each entry needs an Id of its own.",
        );
    }
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for entry in entries {
        match one(entry) {
            Ok(mut answer) => {
                answer["Id"] = entry["Id"].clone();
                successful.push(answer);
            }
            Err(fault) => failed.push(json!({
                "Id": entry["Id"], "Code": fault.code, "Message": fault.message, "SenderFault": true,
            })),
        }
    }
    Ok(json!({ "Successful": successful, "Failed": failed }))
}

/// Which attributes a receiver asked for.
struct Wanted {
    system: Vec<String>,
    custom: Vec<String>,
}

impl Wanted {
    fn of(parameters: &Value) -> Self {
        let names = |key: &str| -> Vec<String> {
            parameters[key]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|name| name.as_str().map(str::to_owned))
                .collect()
        };
        let mut system = names("MessageSystemAttributeNames");
        system.extend(names("AttributeNames"));
        Self {
            system,
            custom: names("MessageAttributeNames"),
        }
    }

    fn describe(&self, message: &Message) -> Value {
        let mut answer = json!({
            "MessageId": message.id,
            "ReceiptHandle": message.receipt,
            "Body": message.body,
            "MD5OfBody": of_body(&message.body),
        });
        let system: serde_json::Map<String, Value> = [
            ("SenderId", message.sender.clone()),
            ("SentTimestamp", message.sent_at.to_string()),
            ("ApproximateReceiveCount", message.received.to_string()),
            (
                "ApproximateFirstReceiveTimestamp",
                message.first_received_at.to_string(),
            ),
        ]
        .into_iter()
        .filter(|(name, _)| self.system.iter().any(|wanted| wanted == "All" || wanted == name))
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect();
        if !system.is_empty() {
            answer["Attributes"] = Value::Object(system);
        }
        let custom: serde_json::Map<String, Value> = message
            .attributes
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(name, _)| self.wants(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        if !custom.is_empty() {
            let custom = Value::Object(custom);
            answer["MD5OfMessageAttributes"] = json!(of_attributes(&custom));
            answer["MessageAttributes"] = custom;
        }
        answer
    }

    fn wants(&self, name: &str) -> bool {
        self.custom.iter().any(|wanted| match wanted.strip_suffix(".*") {
            Some(prefix) => name.starts_with(prefix),
            None => wanted == "All" || wanted == name,
        })
    }
}
