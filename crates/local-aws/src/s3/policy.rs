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

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Requester<'a> {
    pub(super) account: &'a str,
    /// The role or user, where one is known; else anybody of the account.
    pub(super) arn: Option<&'a str>,
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
    pub(super) fn decide(&self, who: Requester<'_>, action: &str, resource: &str) -> Decision {
        let mut decision = Decision::Silent;
        for statement in self.statement.as_slice() {
            if !statement.matches(who, action, resource) {
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
    fn matches(&self, who: Requester<'_>, action: &str, resource: &str) -> bool {
        self.condition.is_none()
            && names(&self.principal, who)
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

fn names(principal: &Value, who: Requester<'_>) -> bool {
    let of_account = format!("arn:aws:iam::{}:", who.account);
    match principal {
        Value::String(name) => {
            name == "*"
                || name == who.account
                || match who.arn {
                    Some(arn) => name == arn || *name == format!("{of_account}root"),
                    None => name.starts_with(&of_account),
                }
        }
        Value::Array(principals) => principals.iter().any(|principal| names(principal, who)),
        Value::Object(kinds) => kinds.get("AWS").is_some_and(|principal| names(principal, who)),
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
        let anybody = |account| Requester { account, arn: None };
        let decide = |account, action| policy.decide(anybody(account), action, "arn:aws:s3:::b/k");
        assert_eq!(decide("444455556666", "s3:GetObject"), Decision::Allow);
        assert_eq!(decide("444455556666", "s3:PutObject"), Decision::Deny);
        assert_eq!(decide("777788889999", "s3:GetObject"), Decision::Silent);
        assert!(Policy::parse("{}").is_err());
    }

    #[test]
    fn a_role_is_named_by_itself_or_by_its_account() {
        let (role, other) = (
            "arn:aws:iam::444455556666:role/replicate",
            "arn:aws:iam::444455556666:role/other",
        );
        for (principal, expected) in [
            (role, Decision::Allow),
            ("arn:aws:iam::444455556666:root", Decision::Allow),
            ("444455556666", Decision::Allow),
            (other, Decision::Silent),
            ("arn:aws:iam::777788889999:root", Decision::Silent),
        ] {
            let document = serde_json::json!({"Version": "2012-10-17", "Statement": {
                "Effect": "Allow", "Principal": {"AWS": principal}, "Action": "s3:ReplicateObject",
                "Resource": "arn:aws:s3:::b/exports/*"
            }});
            let policy = Policy::parse(&document.to_string()).unwrap();
            let who = Requester {
                account: "444455556666",
                arn: Some(role),
            };
            let decided = policy.decide(who, "s3:ReplicateObject", "arn:aws:s3:::b/exports/k");
            assert_eq!(decided, expected, "{principal}");
        }
    }
}
