//! What an installation is: its places, its versions, what it is configured to do, and what it depends on.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::dependency::Dependency;
use crate::ids::{AccountId, Region};
use crate::place::Place;

/// An installation as its server knows it. No secret is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct About {
    /// The server itself.
    pub server: Server,
    /// Every configured Region, home first.
    pub regions: Vec<ConfiguredRegion>,
    /// Every configured account, home first.
    pub accounts: Vec<ConfiguredAccount>,
    /// What is in force, in the order of the configuration file.
    pub settings: Vec<Setting>,
    /// What this process has called, or is configured to call, the gravest first.
    pub dependencies: Vec<Dependency>,
    /// When this was true.
    pub now: Timestamp,
}

/// A server process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ServerAbout))]
pub struct Server {
    /// The product's version.
    pub version: String,
    /// The commit that it was built from, where the build said so.
    pub commit: Option<String>,
    /// When the process began.
    pub started_at: Timestamp,
    /// Where its configuration was read from.
    pub configured_in: String,
    /// What it is built with: names and versions of the AWS SDK's crates.
    pub built_with: Vec<(String, String)>,
    /// What the configuration says of the server itself.
    pub settings: Vec<Setting>,
}

/// A Region that may hold copies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConfiguredRegion {
    /// The Region.
    pub place: Place,
    /// Whether sources run there by default.
    pub is_home: bool,
    /// Whether the control table is there.
    pub is_control: bool,
    /// The bucket of its copies.
    pub bucket: String,
    /// The account that owns the bucket.
    pub account: AccountId,
    /// The vaults whose recovery points are taken up, with their accounts.
    pub vaults: Vec<(String, AccountId)>,
}

/// An account that is looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConfiguredAccount {
    /// The account.
    pub id: AccountId,
    /// Whether it is the server's own.
    pub is_home: bool,
    /// The roles by which it is reached; without one, the server's own credentials are used.
    pub roles: Vec<ConfiguredRole>,
}

/// A role that is assumed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConfiguredRole {
    /// Its ARN.
    pub arn: String,
    /// The Regions that it is for; empty means all.
    pub regions: Vec<Region>,
    /// Whether an external id is set. Its value is told to nobody.
    pub has_external_id: bool,
}

/// A setting in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Setting {
    /// Its name in the configuration file, with its sections: `workflow.policy.retention_days`.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// Names behind which a secret may stand. Their values are never shown, wherever they appear.
const SECRET: [&str; 5] = ["external_id", "password", "secret", "token", "sha256"];

/// The settings that `value` holds below `name`, one line for each that is set.
pub fn settings(name: &str, value: &serde_json::Value) -> Vec<Setting> {
    use serde_json::Value;
    let one = |value: String| {
        vec![Setting {
            name: name.to_owned(),
            value,
        }]
    };
    let last = name.rsplit('.').next().unwrap_or(name);
    match value {
        Value::Null => Vec::new(),
        _ if SECRET.iter().any(|secret| last.contains(secret)) => one("set".to_owned()),
        Value::Object(members) => members
            .iter()
            .flat_map(|(member, value)| settings(&format!("{name}.{member}"), value))
            .collect(),
        Value::Array(items) if items.iter().any(Value::is_object) => items
            .iter()
            .enumerate()
            .flat_map(|(index, value)| settings(&format!("{name}[{index}]"), value))
            .collect(),
        Value::Array(items) if items.is_empty() => Vec::new(),
        Value::Array(items) => {
            let words: Vec<String> = items.iter().map(plain).collect();
            one(words.join(", "))
        }
        value => one(plain(value)),
    }
}

fn plain(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_told_by_name_and_secrets_are_not() {
        let value = serde_json::json!({
            "regions": ["us-east-1", "us-west-2"],
            "roles": [{ "arn": "arn:aws:iam::1:role/r", "external_id": "unicorn" }, { "arn": "x", "external_id": null }],
            "policy": { "retention_days": 35, "vault": null },
            "queues": [],
            "webhook_token": ["drt_abc"],
        });
        let told: Vec<String> = settings("workflow", &value)
            .into_iter()
            .map(|setting| format!("{} = {}", setting.name, setting.value))
            .collect();
        let mut expected = [
            "workflow.policy.retention_days = 35",
            "workflow.regions = us-east-1, us-west-2",
            "workflow.roles[0].arn = arn:aws:iam::1:role/r",
            "workflow.roles[0].external_id = set",
            "workflow.roles[1].arn = x",
            "workflow.webhook_token = set",
        ];
        let mut sorted = told.clone();
        sorted.sort();
        expected.sort_unstable();
        assert_eq!(sorted, expected);
    }
}
