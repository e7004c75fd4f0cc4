//! Trust policies, as far as they are followed: principals by account or ARN, and a condition on the external id.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::role::account_and_name;
use crate::control::query::Fault;
use crate::control::{Effect, OneOrMany};

/// Who may assume a role.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TrustPolicy {
    statement: OneOrMany<Statement>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    effect: Effect,
    principal: Value,
    action: OneOrMany<String>,
    /// Operators, and what each asks of which key of the request.
    #[serde(default)]
    condition: BTreeMap<String, BTreeMap<String, OneOrMany<String>>>,
}

impl TrustPolicy {
    pub(super) fn parse(document: &str) -> Result<Self, Fault> {
        serde_json::from_str(document).map_err(|error| {
            Fault::new(
                "MalformedPolicyDocument",
                format!("This policy is malformed: {error}"),
            )
        })
    }

    /// Whether a caller may assume the role. A Deny beats every Allow.
    pub(super) fn allows(&self, account: &str, arn: &str, external_id: Option<&str>) -> bool {
        let mut is_allowed = false;
        for statement in self.statement.as_slice() {
            if !statement.matches(account, arn, external_id) {
                continue;
            }
            match statement.effect {
                Effect::Deny => return false,
                Effect::Allow => is_allowed = true,
            }
        }
        is_allowed
    }
}

impl Statement {
    fn matches(&self, account: &str, arn: &str, external_id: Option<&str>) -> bool {
        let is_action = |action: &String| {
            ["sts:assumerole", "sts:*", "*"].contains(&action.to_ascii_lowercase().as_str())
        };
        names(&self.principal, account, arn)
            && self.action.as_slice().iter().any(is_action)
            && self.condition.iter().all(|(operator, keys)| {
                keys.iter()
                    .all(|(key, wanted)| holds(operator, key, wanted, external_id))
            })
    }
}

/// Whether a condition holds. One that is not emulated never does, so that it opens nothing.
fn holds(operator: &str, key: &str, wanted: &OneOrMany<String>, external_id: Option<&str>) -> bool {
    operator == "StringEquals"
        && key.eq_ignore_ascii_case("sts:ExternalId")
        && external_id.is_some_and(|given| wanted.as_slice().iter().any(|wanted| wanted == given))
}

fn names(principal: &Value, account: &str, arn: &str) -> bool {
    match principal {
        Value::String(name) => {
            name == "*"
                || name == account
                || *name == format!("arn:aws:iam::{account}:root")
                || name == arn
                || is_role_of(name, arn)
        }
        Value::Array(names_) => names_.iter().any(|name| names(name, account, arn)),
        Value::Object(kinds) => kinds.get("AWS").is_some_and(|aws| names(aws, account, arn)),
        _ => false,
    }
}

/// A role's ARN names every session of the role.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles>
fn is_role_of(role: &str, session: &str) -> bool {
    account_and_name(role).is_some_and(|(account, name)| {
        session.starts_with(&format!("arn:aws:sts::{account}:assumed-role/{name}/"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(statements: &Value) -> TrustPolicy {
        let document = serde_json::json!({"Version": "2012-10-17", "Statement": statements});
        TrustPolicy::parse(&document.to_string()).unwrap()
    }

    #[test]
    fn only_whom_it_names_and_only_with_the_external_id() {
        let policy = policy(&serde_json::json!({
            "Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
            "Condition": {"StringEquals": {"sts:ExternalId": "unicorn"}},
        }));
        let root = "arn:aws:iam::111122223333:root";
        assert!(policy.allows("111122223333", root, Some("unicorn")));
        assert!(!policy.allows("111122223333", root, Some("horse")));
        assert!(!policy.allows("111122223333", root, None));
        let stranger = "arn:aws:iam::999900001111:root";
        assert!(!policy.allows("999900001111", stranger, Some("unicorn")));
    }

    #[test]
    fn a_role_names_its_sessions_and_no_other_roles() {
        let policy = policy(&serde_json::json!({
            "Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": {"AWS": "arn:aws:iam::111122223333:role/task"},
        }));
        let session = |role: &str| format!("arn:aws:sts::111122223333:assumed-role/{role}/me");
        assert!(policy.allows("111122223333", &session("task"), None));
        assert!(!policy.allows("111122223333", &session("task-2"), None));
        assert!(!policy.allows("111122223333", "arn:aws:iam::111122223333:root", None));
    }

    #[test]
    fn a_deny_wins_and_a_condition_that_is_not_emulated_opens_nothing() {
        let root = "arn:aws:iam::1:root";
        let anybody = serde_json::json!({"Effect": "Allow", "Action": ["sts:*"], "Principal": "*"});
        assert!(policy(&anybody).allows("1", root, None));
        let mut denied = anybody.clone();
        denied["Effect"] = "Deny".into();
        assert!(!policy(&serde_json::json!([anybody, denied])).allows("1", root, None));
        let mut conditional = anybody;
        conditional["Condition"] = serde_json::json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}});
        assert!(!policy(&conditional).allows("1", root, None));
        assert!(TrustPolicy::parse("{}").is_err());
    }
}
