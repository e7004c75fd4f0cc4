//! Bucket policies, as far as the embedded cloud follows them: principals by account, wildcards in actions and
//! resources. A statement with a Condition grants nothing and denies nothing, for its context isn't emulated.

use serde::Deserialize;
use serde_json::Value;

use super::S3Failure;
use crate::control::{Effect, OneOrMany};

/// What a policy says of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    Allow,
    Deny,
    /// No statement matches.
    Silent,
}

/// A policy document.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Policy {
    statement: OneOrMany<Statement>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    effect: Effect,
    principal: Value,
    action: OneOrMany<String>,
    resource: OneOrMany<String>,
    condition: Option<Value>,
}

impl Policy {
    pub(super) fn parse(json: &str) -> Result<Self, S3Failure> {
        serde_json::from_str(json).map_err(|error| S3Failure::MalformedPolicy(error.to_string()))
    }

    /// A Deny beats every Allow.
    pub(super) fn decide(&self, account: &str, action: &str, resource: &str) -> Decision {
        let mut decision = Decision::Silent;
        for statement in self.statement.as_slice() {
            if !statement.matches(account, action, resource) {
                continue;
            }
            match statement.effect {
                Effect::Deny => return Decision::Deny,
                Effect::Allow => decision = Decision::Allow,
            }
        }
        decision
    }
}

impl Statement {
    fn matches(&self, account: &str, action: &str, resource: &str) -> bool {
        self.condition.is_none()
            && names_account(&self.principal, account)
            && self.action.as_slice().iter().any(|pattern| {
                // Actions are case-insensitive, resources are not.
                wildcard(
                    pattern.to_ascii_lowercase().as_bytes(),
                    action.to_ascii_lowercase().as_bytes(),
                )
            })
            && self
                .resource
                .as_slice()
                .iter()
                .any(|pattern| wildcard(pattern.as_bytes(), resource.as_bytes()))
    }
}

fn names_account(principal: &Value, account: &str) -> bool {
    match principal {
        Value::String(name) => {
            name == "*" || name == account || name.starts_with(&format!("arn:aws:iam::{account}:"))
        }
        Value::Array(names) => names.iter().any(|name| names_account(name, account)),
        Value::Object(kinds) => kinds
            .get("AWS")
            .is_some_and(|names| names_account(names, account)),
        _ => false,
    }
}

/// Whether `text` matches `pattern`, in which `*` is any run of bytes and `?` any one.
fn wildcard(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(&byte) if byte == b'?' || byte == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                // The last star takes one byte more, and the rest is tried again.
                Some((at, taken)) => {
                    star = Some((at, taken + 1));
                    p = at + 1;
                    t = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards() {
        for (pattern, text, expected) in [
            ("s3:*", "s3:GetObject", true),
            ("s3:Get*", "s3:PutObject", false),
            ("arn:aws:s3:::b/*.parquet", "arn:aws:s3:::b/a/b.parquet", true),
            ("a?c", "abc", true),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXc", false),
        ] {
            assert_eq!(
                wildcard(pattern.as_bytes(), text.as_bytes()),
                expected,
                "{pattern} {text}"
            );
        }
    }

    #[test]
    fn a_deny_beats_an_allow_and_strangers_get_silence() {
        let policy = Policy::parse(
            r#"{"Version":"2012-10-17","Statement":[
                {"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:root"},
                 "Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::b/*"},
                {"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::b/*"}]}"#,
        )
        .unwrap();
        assert_eq!(
            policy.decide("444455556666", "s3:GetObject", "arn:aws:s3:::b/k"),
            Decision::Allow
        );
        assert_eq!(
            policy.decide("444455556666", "s3:PutObject", "arn:aws:s3:::b/k"),
            Decision::Deny
        );
        assert_eq!(
            policy.decide("777788889999", "s3:GetObject", "arn:aws:s3:::b/k"),
            Decision::Silent
        );
        assert!(Policy::parse("{}").is_err());
    }
}
