//! STS: who the caller is, and the keys of a role that trusts him, over the query protocol of 2011-06-15.

use std::sync::Arc;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

use crate::control::query::{Fault, Parameters, Xml, answer};
use crate::iam::Iam;
use crate::keyring::Keyring;
use crate::{Caller, Principal, Service};

const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// The shortest session, and how long one lasts where nothing is said.
const SESSION_SECONDS_MIN: i64 = 900;
const SESSION_SECONDS: i64 = 3_600;

/// The embedded STS.
#[derive(Debug)]
pub struct Sts {
    iam: Arc<Iam>,
    keyring: Arc<Keyring>,
}

#[async_trait::async_trait]
impl Service for Sts {
    fn name(&self) -> &'static str {
        "sts"
    }

    async fn call(&self, caller: &Caller, request: http::Request<Bytes>) -> http::Response<Bytes> {
        let (action, result) = match Parameters::parse(request.body()) {
            Ok(parameters) => {
                let result = match parameters.action() {
                    "GetCallerIdentity" => Ok(identify(caller)),
                    "AssumeRole" => self.assume_role(caller, &parameters),
                    other => Err(Fault::new(
                        "InvalidAction",
                        format!("The embedded STS has no operation {other}"),
                    )),
                };
                (parameters.action().to_owned(), result)
            }
            Err(fault) => (String::new(), Err(fault)),
        };
        answer(NAMESPACE, &action, &caller.request_id, result)
    }
}

impl Sts {
    pub(crate) fn new(iam: Arc<Iam>, keyring: Arc<Keyring>) -> Self {
        Self { iam, keyring }
    }

    fn assume_role(&self, caller: &Caller, parameters: &Parameters) -> Result<Xml, Fault> {
        let arn = parameters.require("RoleArn")?;
        let session = parameters.require("RoleSessionName")?;
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_=,.@-".contains(&byte);
        if !(2..=64).contains(&session.len()) || !session.bytes().all(is_name) {
            return Err(invalid(format!(
                "1 validation error detected: Value '{session}' at 'roleSessionName' failed to satisfy constraint: Member \
                 must satisfy regular expression pattern: [\\w+=,.@-]*"
            )));
        }
        let role = self.iam.assumable(caller, arn, parameters.get("ExternalId"))?;
        let seconds = match parameters.get("DurationSeconds") {
            None => SESSION_SECONDS,
            Some(text) => text
                .parse()
                .ok()
                .filter(|seconds| *seconds >= SESSION_SECONDS_MIN)
                .ok_or_else(|| {
                    invalid(format!(
                        "DurationSeconds {text} is less than {SESSION_SECONDS_MIN}"
                    ))
                })?,
        };
        if seconds > role.session_seconds_max {
            return Err(invalid(
                "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.".to_owned(),
            ));
        }
        let principal = Principal {
            arn: format!(
                "arn:aws:sts::{}:assumed-role/{}/{session}",
                role.account, role.name
            ),
            user_id: format!("{}:{session}", role.unique_id),
        };
        let lasts = SignedDuration::from_secs(seconds);
        let lent = self.keyring.lend(
            &role.account,
            &role.name,
            principal.clone(),
            lasts,
            Timestamp::now(),
        );
        let mut xml = Xml::default();
        xml.node("AssumedRoleUser", |xml| {
            xml.leaf("AssumedRoleId", &principal.user_id);
            xml.leaf("Arn", &principal.arn);
        });
        xml.node("Credentials", |xml| {
            xml.leaf("AccessKeyId", &lent.key.access_key_id);
            xml.leaf("SecretAccessKey", &lent.key.secret_access_key);
            xml.leaf("SessionToken", &lent.session_token);
            xml.moment("Expiration", lent.expires_at);
        });
        Ok(xml)
    }
}

fn invalid(message: String) -> Fault {
    Fault::new("ValidationError", message)
}

fn identify(caller: &Caller) -> Xml {
    let mut xml = Xml::default();
    xml.leaf("Arn", &caller.principal.arn);
    xml.leaf("UserId", &caller.principal.user_id);
    xml.leaf("Account", &caller.account_id);
    xml
}
