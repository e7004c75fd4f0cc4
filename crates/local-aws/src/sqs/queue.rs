//! Queues and their attributes.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Call, Fault, Sqs};
use crate::control::{Arn, Place, Record, RecordError};

/// A queue.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Queue {
    pub place: Place,
    pub name: String,
    pub attributes: BTreeMap<String, String>,
    pub created_at: Timestamp,
    pub modified_at: Timestamp,
}

/// The settable attributes, their defaults and their bounds.
const NUMBERS: &[(&str, u32, u32, u32)] = &[
    ("VisibilityTimeout", 30, 0, 43_200),
    ("DelaySeconds", 0, 0, 900),
    ("MaximumMessageSize", 262_144, 1_024, 1_048_576),
    ("MessageRetentionPeriod", 345_600, 60, 1_209_600),
    ("ReceiveMessageWaitTimeSeconds", 0, 0, 20),
];

/// Settable attributes that are text.
const TEXTS: &[&str] = &[
    "Policy", "RedrivePolicy", "RedriveAllowPolicy", "SqsManagedSseEnabled", "KmsMasterKeyId",
    "KmsDataKeyReusePeriodSeconds",
];

/// A queue's RedrivePolicy.
#[derive(Deserialize)]
pub(super) struct Redrive {
    #[serde(rename = "deadLetterTargetArn")]
    pub target: String,
    // AWS takes a number and a string.
    #[serde(rename = "maxReceiveCount")]
    count: Value,
}

impl Redrive {
    pub fn count(&self) -> Option<i64> {
        self.count
            .as_i64()
            .or_else(|| self.count.as_str()?.parse().ok())
            .filter(|count| (1..=1_000).contains(count))
    }
}

impl Record for Queue {
    const KIND: &'static str = "sqs-queue";

    fn place(&self) -> Place {
        self.place.clone()
    }

    fn id(&self) -> &str {
        &self.name
    }
}

impl Queue {
    pub fn arn(&self) -> String {
        format!(
            "arn:aws:sqs:{}:{}:{}",
            self.place.region, self.place.account, self.name
        )
    }

    /// A numeric attribute, set or by default.
    pub fn number(&self, name: &str) -> i64 {
        let default = NUMBERS
            .iter()
            .find(|(known, ..)| *known == name)
            .map_or(0, |(_, default, ..)| *default);
        self.attributes
            .get(name)
            .and_then(|value| value.parse().ok())
            .unwrap_or_else(|| i64::from(default))
    }

    pub fn redrive(&self) -> Option<Redrive> {
        serde_json::from_str(self.attributes.get("RedrivePolicy")?).ok()
    }
}

impl Sqs {
    pub(super) fn ensure_queue(&self, place: &Place, name: &str) -> Result<Queue, RecordError> {
        if let Some(queue) = self.plane.records.get(place, name)? {
            return Ok(queue);
        }
        let now = self.plane.clock.now();
        let attributes = BTreeMap::new();
        let queue = Queue {
            place: place.clone(),
            name: name.to_owned(),
            attributes,
            created_at: now,
            modified_at: now,
        };
        self.plane.records.add(&queue)?;
        Ok(queue)
    }

    /// The queue of a call's QueueUrl. Another account's queue is none to this one: there are no queue policies here.
    pub(super) fn queue(&self, call: &Call<'_>) -> Result<Queue, Fault> {
        let url = call.text("QueueUrl")?;
        let mut segments = url.trim_end_matches('/').rsplit('/');
        let (name, account) = (segments.next().unwrap_or_default(), segments.next());
        if account.is_some_and(|account| account != call.place.account) {
            return Err(Fault::no_queue());
        }
        self.plane
            .records
            .get(&call.place, name)?
            .ok_or_else(Fault::no_queue)
    }

    pub(super) fn create_queue(&self, call: &Call<'_>) -> Result<Value, Fault> {
        let name = call.text("QueueName")?;
        let legal = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if name.is_empty() || name.len() > 80 || !name.chars().all(legal) {
            return Err(Fault::invalid(
                "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length. \
                 The embedded SQS has no FIFO queues.",
            ));
        }
        let attributes = self.checked_attributes(&call.parameters["Attributes"], &call.place)?;
        if let Some(existing) = self.plane.records.get::<Queue>(&call.place, name)? {
            if attributes
                .iter()
                .any(|(key, value)| existing.attributes.get(key) != Some(value))
            {
                return Err(Fault {
                    code: "QueueNameExists",
                    query_code: "QueueAlreadyExists",
                    message:
                        "A queue already exists with the same name and a different value for an attribute."
                            .to_owned(),
                });
            }
            return Ok(json!({ "QueueUrl": call.url(&existing) }));
        }
        let mut queue = self.ensure_queue(&call.place, name)?;
        queue.attributes = attributes;
        self.plane.records.put(&queue)?;
        Ok(json!({ "QueueUrl": call.url(&queue) }))
    }

    pub(super) fn delete_queue(&self, call: &Call<'_>) -> Result<Value, Fault> {
        let queue = self.queue(call)?;
        self.clear(&queue)?;
        self.plane.records.remove::<Queue>(&queue.place, &queue.name)?;
        Ok(json!({}))
    }

    pub(super) fn queue_url(&self, call: &Call<'_>) -> Result<Value, Fault> {
        let name = call.text("QueueName")?;
        let queue: Queue = self
            .plane
            .records
            .get(&call.place, name)?
            .ok_or_else(Fault::no_queue)?;
        Ok(json!({ "QueueUrl": call.url(&queue) }))
    }

    pub(super) fn list_queues(&self, call: &Call<'_>) -> Result<Value, Fault> {
        let prefix = call.parameters["QueueNamePrefix"].as_str().unwrap_or_default();
        let mut queues: Vec<Queue> = self.plane.records.list(&call.place)?;
        queues.retain(|queue| queue.name.starts_with(prefix));
        queues.sort_by(|a, b| a.name.cmp(&b.name));
        let size = usize::try_from(call.number("MaxResults").unwrap_or(1_000))
            .unwrap_or(1_000)
            .clamp(1, 1_000);
        let token = call.parameters["NextToken"].as_str();
        let (queues, next) = crate::control::page(queues, token, size, |queue| &queue.name)
            .ok_or_else(|| Fault::invalid("The NextToken is invalid."))?;
        let mut answer =
            json!({ "QueueUrls": queues.iter().map(|queue| call.url(queue)).collect::<Vec<_>>() });
        if let Some(next) = next {
            answer["NextToken"] = json!(next);
        }
        Ok(answer)
    }

    pub(super) fn attributes(&self, call: &Call<'_>) -> Result<Value, Fault> {
        let queue = self.queue(call)?;
        let mut all: BTreeMap<String, String> = NUMBERS
            .iter()
            .map(|(name, ..)| ((*name).to_owned(), queue.number(name).to_string()))
            .collect();
        all.extend(queue.attributes.clone());
        let (visible, in_flight, delayed) = self.counts(&queue)?;
        for (name, value) in [
            ("QueueArn", queue.arn()),
            ("CreatedTimestamp", queue.created_at.as_second().to_string()),
            ("LastModifiedTimestamp", queue.modified_at.as_second().to_string()),
            ("ApproximateNumberOfMessages", visible.to_string()),
            ("ApproximateNumberOfMessagesNotVisible", in_flight.to_string()),
            ("ApproximateNumberOfMessagesDelayed", delayed.to_string()),
        ] {
            all.insert(name.to_owned(), value);
        }
        let asked: Vec<&str> = call.parameters["AttributeNames"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        if let Some(unknown) = asked
            .iter()
            .find(|name| **name != "All" && !TEXTS.contains(name) && !all.contains_key(**name))
        {
            return Err(Fault {
                code: "InvalidAttributeName",
                query_code: "InvalidAttributeName",
                message: format!("Unknown Attribute {unknown}."),
            });
        }
        if !asked.contains(&"All") {
            all.retain(|name, _| asked.contains(&name.as_str()));
        }
        Ok(json!({ "Attributes": all }))
    }

    pub(super) fn set_attributes(&self, call: &Call<'_>) -> Result<Value, Fault> {
        let mut queue = self.queue(call)?;
        let attributes = self.checked_attributes(&call.parameters["Attributes"], &call.place)?;
        for (name, value) in attributes {
            // An empty text takes the attribute away.
            if value.is_empty() {
                queue.attributes.remove(&name);
            } else {
                queue.attributes.insert(name, value);
            }
        }
        queue.modified_at = self.plane.clock.now();
        self.plane.records.put(&queue)?;
        Ok(json!({}))
    }

    fn checked_attributes(
        &self,
        attributes: &Value,
        place: &Place,
    ) -> Result<BTreeMap<String, String>, Fault> {
        let mut checked = BTreeMap::new();
        for (name, value) in attributes.as_object().into_iter().flatten() {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let invalid = || Fault {
                code: "InvalidAttributeValue",
                query_code: "InvalidAttributeValue",
                message: format!("Invalid value for the parameter {name}."),
            };
            if let Some((_, _, least, most)) = NUMBERS.iter().find(|(known, ..)| known == name) {
                let number: u32 = value.parse().map_err(|_| invalid())?;
                if !(*least..=*most).contains(&number) {
                    return Err(invalid());
                }
            } else if !TEXTS.contains(&name.as_str()) {
                return Err(Fault {
                    code: "InvalidAttributeName",
                    query_code: "InvalidAttributeName",
                    message: format!("Unknown Attribute {name}."),
                });
            }
            if name == "RedrivePolicy" && !value.is_empty() {
                let policy: Redrive = serde_json::from_str(&value).map_err(|_| invalid())?;
                let target =
                    Arn::parse(&policy.target).filter(|arn| arn.service == "sqs" && arn.place() == *place);
                let target = target.ok_or_else(invalid)?;
                if policy.count().is_none()
                    || self.plane.records.get::<Queue>(place, target.resource)?.is_none()
                {
                    return Err(invalid());
                }
            }
            checked.insert(name.clone(), value);
        }
        Ok(checked)
    }
}
