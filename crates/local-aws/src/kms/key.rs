//! Keys and their aliases.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Fault, Kms};
use crate::control::{Arn, Place, Record, kms_arn, page};

/// The sort of key that a request means that names none, and its one use.
const SYMMETRIC: &str = "SYMMETRIC_DEFAULT";
const ENCRYPTS: &str = "ENCRYPT_DECRYPT";

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
    /// AWS made it for one of its services.
    #[serde(default)]
    is_aws_managed: bool,
}

/// Services whose AWS managed key KMS makes when its alias is first named.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html>
const WITH_A_KEY: &[&str] = &[
    "backup", "dynamodb", "ebs", "elasticfilesystem", "lambda", "rds", "s3", "secretsmanager", "sns", "sqs",
    "ssm",
];

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

    /// Whether something can still be done with it.
    fn check_is_kept(&self) -> Result<(), Fault> {
        if self.state == State::PendingDeletion {
            let message = format!("{} is pending deletion.", self.arn());
            return Err(Fault::new("KMSInvalidStateException", message));
        }
        Ok(())
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
            "KeyManager": if self.is_aws_managed { "AWS" } else { "CUSTOMER" },
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
        check_use(&text("KeySpec", SYMMETRIC), &text("KeyUsage", ENCRYPTS))?;
        let key = Key {
            place: place.clone(),
            id: uuid::Uuid::new_v4().to_string(),
            description: text("Description", ""),
            spec: text("KeySpec", SYMMETRIC),
            usage: text("KeyUsage", ENCRYPTS),
            state: State::Enabled,
            created_at: self.plane.clock.now(),
            deleted_at: None,
            is_aws_managed: false,
        };
        self.plane.records.add(&key)?;
        Ok(json!({ "KeyMetadata": key.describe() }))
    }

    /// Makes the AWS managed key that an alias such as `alias/aws/s3` names, where a service has one.
    fn make_managed(&self, place: &Place, alias: &str) -> Result<Option<Alias>, Fault> {
        let service = alias.strip_prefix("alias/aws/").unwrap_or_default();
        if !WITH_A_KEY.contains(&service) {
            return Ok(None);
        }
        let key = Key {
            place: place.clone(),
            id: uuid::Uuid::new_v4().to_string(),
            description: format!(
                "Default key that protects what {service} keeps when no other key is defined"
            ),
            spec: SYMMETRIC.to_owned(),
            usage: ENCRYPTS.to_owned(),
            state: State::Enabled,
            created_at: self.plane.clock.now(),
            deleted_at: None,
            is_aws_managed: true,
        };
        self.plane.records.add(&key)?;
        let made = Alias {
            place: place.clone(),
            name: alias.to_owned(),
            key: key.id,
        };
        // Another call may have been quicker: then the key has its alias already.
        self.plane.records.add(&made)?;
        Ok(self.plane.records.get(place, alias)?)
    }

    pub(super) fn describe_key(&self, place: &Place, request: &Value) -> Result<Value, Fault> {
        Ok(json!({ "KeyMetadata": self.key(place, request)?.describe() }))
    }

    pub(super) fn list_keys(&self, place: &Place, request: &Value) -> Result<Value, Fault> {
        let keys: Vec<Key> = self.plane.records.list(place)?;
        paged(
            "Keys",
            keys,
            request,
            |key| &key.id,
            |key| json!({ "KeyId": key.id, "KeyArn": key.arn() }),
        )
    }

    pub(super) fn set_state(&self, place: &Place, request: &Value, state: State) -> Result<Value, Fault> {
        let mut key = self.named_by_id(place, request)?;
        key.check_is_kept()?;
        key.state = state;
        self.plane.records.put(&key)?;
        Ok(json!({}))
    }

    pub(super) fn schedule_deletion(&self, place: &Place, request: &Value) -> Result<Value, Fault> {
        let mut key = self.named_by_id(place, request)?;
        key.check_is_kept()?;
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

    pub(super) fn list_aliases(&self, place: &Place, request: &Value) -> Result<Value, Fault> {
        let mut aliases: Vec<Alias> = self.plane.records.list(place)?;
        if request["KeyId"].is_string() {
            let key = self.key(place, request)?;
            aliases.retain(|alias| alias.key == key.id);
        }
        paged(
            "Aliases",
            aliases,
            request,
            |alias| &alias.name,
            |alias| json!({ "AliasName": alias.name, "AliasArn": kms_arn(place, &alias.name), "TargetKeyId": alias.key }),
        )
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
        let key = self.key(place, request)?;
        if key.is_aws_managed {
            // Its policy lets nobody but the service change it.
            let message = format!("The key {} is AWS managed and cannot be changed.", key.arn());
            return Err(Fault::new("AccessDeniedException", message));
        }
        Ok(key)
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
            let alias = match self.plane.records.get(place, name)? {
                None => self.make_managed(place, name)?,
                found => found,
            };
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

/// Whether a key of this sort can be made for this use.
fn check_use(spec: &str, usage: &str) -> Result<(), Fault> {
    let uses: &[&str] = match spec {
        SYMMETRIC => &[ENCRYPTS],
        _ if spec.starts_with("RSA_") => &[ENCRYPTS, "SIGN_VERIFY"],
        _ if spec.starts_with("ECC_") => &["SIGN_VERIFY", "KEY_AGREEMENT"],
        _ if spec.starts_with("HMAC_") => &["GENERATE_VERIFY_MAC"],
        _ => &[],
    };
    if uses.contains(&usage) {
        return Ok(());
    }
    Err(Fault::invalid(format!(
        "KeyUsage {usage} is not compatible with KeySpec {spec}"
    )))
}

/// One page of a list as a request asks for it.
fn paged<T>(
    list: &str,
    items: Vec<T>,
    request: &Value,
    id: impl Fn(&T) -> &str,
    describe: impl Fn(&T) -> Value,
) -> Result<Value, Fault> {
    let size = request["Limit"]
        .as_u64()
        .and_then(|limit| usize::try_from(limit).ok());
    let size = size.unwrap_or(100);
    if !(1..=1_000).contains(&size) {
        return Err(Fault::invalid("Limit must be between 1 and 1000."));
    }
    let marker = request["Marker"].as_str();
    let (items, next) = page(items, marker, size, id)
        .ok_or_else(|| Fault::new("InvalidMarkerException", "The marker is none that was given."))?;
    let items: Vec<Value> = items.iter().map(describe).collect();
    let mut answer = json!({ list: items, "Truncated": next.is_some() });
    if let Some(next) = next {
        answer["NextMarker"] = json!(next);
    }
    Ok(answer)
}

fn no_alias(place: &Place, name: &str) -> Fault {
    Fault::not_found(format!("Alias {} is not found.", kms_arn(place, name)))
}
