//! Keys and their aliases.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Fault, Kms};
use crate::control::{Arn, Place, Record, kms_arn};

/// A key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Key {
    place: Place,
    id: String,
    description: String,
    spec: String,
    usage: String,
    state: State,
    created_at: Timestamp,
    deleted_at: Option<Timestamp>,
}

/// Whether a key can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum State {
    Enabled,
    Disabled,
    PendingDeletion,
}

/// Another name of a key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Alias {
    place: Place,
    /// With its `alias/`.
    name: String,
    key: String,
}

impl Record for Key {
    const KIND: &'static str = "kms-key";

    fn place(&self) -> Place {
        self.place.clone()
    }

    fn id(&self) -> &str {
        &self.id
    }
}

impl Record for Alias {
    const KIND: &'static str = "kms-alias";

    fn place(&self) -> Place {
        self.place.clone()
    }

    fn id(&self) -> &str {
        &self.name
    }
}

impl Key {
    fn arn(&self) -> String {
        kms_arn(&self.place, &format!("key/{}", self.id))
    }

    fn describe(&self) -> Value {
        let mut metadata = json!({
            "AWSAccountId": self.place.account,
            "KeyId": self.id,
            "Arn": self.arn(),
            "CreationDate": self.created_at.as_second(),
            "Enabled": self.state == State::Enabled,
            "Description": self.description,
            "KeyUsage": self.usage,
            "KeyState": self.state,
            "Origin": "AWS_KMS",
            "KeyManager": "CUSTOMER",
            "KeySpec": self.spec,
            "CustomerMasterKeySpec": self.spec,
            "MultiRegion": false,
        });
        if let Some(at) = self.deleted_at {
            metadata["DeletionDate"] = json!(at.as_second());
        }
        metadata
    }
}

impl Kms {
    pub(super) fn create_key(&self, place: &Place, request: &Value) -> Result<Value, Fault> {
        let text = |name: &str, default: &str| request[name].as_str().unwrap_or(default).to_owned();
        let key = Key {
            place: place.clone(),
            id: uuid::Uuid::new_v4().to_string(),
            description: text("Description", ""),
            spec: text("KeySpec", "SYMMETRIC_DEFAULT"),
            usage: text("KeyUsage", "ENCRYPT_DECRYPT"),
            state: State::Enabled,
            created_at: self.plane.clock.now(),
            deleted_at: None,
        };
        self.plane.records.add(&key)?;
        Ok(json!({ "KeyMetadata": key.describe() }))
    }

    pub(super) fn describe_key(&self, place: &Place, request: &Value) -> Result<Value, Fault> {
        Ok(json!({ "KeyMetadata": self.key(place, request)?.describe() }))
    }

    pub(super) fn list_keys(&self, place: &Place) -> Result<Value, Fault> {
        let keys: Vec<Key> = self.plane.records.list(place)?;
        let keys: Vec<Value> = keys
            .iter()
            .map(|key| json!({ "KeyId": key.id, "KeyArn": key.arn() }))
            .collect();
        Ok(json!({ "Keys": keys, "Truncated": false }))
    }

    pub(super) fn set_state(&self, place: &Place, request: &Value, state: State) -> Result<Value, Fault> {
        let mut key = self.named_by_id(place, request)?;
        if key.state == State::PendingDeletion {
            let message = format!("{} is pending deletion.", key.arn());
            return Err(Fault::new("KMSInvalidStateException", message));
        }
        key.state = state;
        self.plane.records.put(&key)?;
        Ok(json!({}))
    }

    pub(super) fn schedule_deletion(&self, place: &Place, request: &Value) -> Result<Value, Fault> {
        let mut key = self.named_by_id(place, request)?;
        let days = request["PendingWindowInDays"].as_i64().unwrap_or(30);
        if !(7..=30).contains(&days) {
            return Err(Fault::invalid("PendingWindowInDays must be between 7 and 30."));
        }
        let at = self.plane.clock.now() + SignedDuration::from_hours(24 * days);
        key.state = State::PendingDeletion;
        key.deleted_at = Some(at);
        self.plane.records.put(&key)?;
        Ok(json!({
            "KeyId": key.arn(), "DeletionDate": at.as_second(), "KeyState": key.state, "PendingWindowInDays": days,
        }))
    }

    pub(super) fn create_alias(&self, place: &Place, request: &Value) -> Result<Value, Fault> {
        let name = request["AliasName"].as_str().unwrap_or_default();
        let legal = |c: char| c.is_ascii_alphanumeric() || "/_-".contains(c);
        if !name.starts_with("alias/") || name.len() > 256 || !name.chars().all(legal) {
            return Err(Fault::new(
                "InvalidAliasNameException",
                format!("{name:?} is no alias name."),
            ));
        }
        if name.starts_with("alias/aws/") {
            return Err(Fault::new(
                "NotAuthorizedException", "alias/aws/ is reserved for AWS.",
            ));
        }
        let target = json!({ "KeyId": request["TargetKeyId"] });
        let alias = Alias {
            place: place.clone(),
            name: name.to_owned(),
            key: self.named_by_id(place, &target)?.id,
        };
        if !self.plane.records.add(&alias)? {
            let message = format!("An alias with the name {} already exists", kms_arn(place, name));
            return Err(Fault::new("AlreadyExistsException", message));
        }
        Ok(json!({}))
    }

    pub(super) fn delete_alias(&self, place: &Place, request: &Value) -> Result<Value, Fault> {
        let name = request["AliasName"].as_str().unwrap_or_default();
        if self.plane.records.get::<Alias>(place, name)?.is_none() {
            return Err(no_alias(place, name));
        }
        self.plane.records.remove::<Alias>(place, name)?;
        Ok(json!({}))
    }

    pub(super) fn list_aliases(&self, place: &Place) -> Result<Value, Fault> {
        let aliases: Vec<Alias> = self.plane.records.list(place)?;
        let aliases: Vec<Value> = aliases
            .iter()
            .map(|alias| {
                json!({ "AliasName": alias.name, "AliasArn": kms_arn(place, &alias.name), "TargetKeyId": alias.key })
            })
            .collect();
        Ok(json!({ "Aliases": aliases, "Truncated": false }))
    }

    /// The key of a request that takes ids and ARNs, and no alias.
    fn named_by_id(&self, place: &Place, request: &Value) -> Result<Key, Fault> {
        let id = request["KeyId"].as_str().unwrap_or_default();
        if id.contains("alias/") {
            return Err(Fault::new(
                "InvalidArnException",
                format!("{id} is no key's id or ARN."),
            ));
        }
        self.key(place, request)
    }

    /// The key of a request, by its id, its ARN, its alias or its alias' ARN.
    fn key(&self, place: &Place, request: &Value) -> Result<Key, Fault> {
        let text = request["KeyId"].as_str().unwrap_or_default();
        let name = match Arn::parse(text) {
            Some(arn) if arn.service != "kms" || arn.place() != *place => {
                return Err(Fault::not_found(format!("Invalid arn {}", arn.region)));
            }
            Some(arn) => arn.resource,
            None => text,
        };
        let id = if name.starts_with("alias/") {
            let alias: Option<Alias> = self.plane.records.get(place, name)?;
            alias.ok_or_else(|| no_alias(place, name))?.key
        } else {
            name.trim_start_matches("key/").to_owned()
        };
        let key = self.plane.records.get(place, &id)?;
        key.ok_or_else(|| {
            let arn = kms_arn(place, &format!("key/{id}"));
            Fault::not_found(format!("Key '{arn}' does not exist"))
        })
    }
}

fn no_alias(place: &Place, name: &str) -> Fault {
    Fault::not_found(format!("Alias {} is not found.", kms_arn(place, name)))
}
