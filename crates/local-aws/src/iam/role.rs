//! A role as it is kept and described.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::control::query::{Fault, Parameters, Xml};
use crate::control::{Place, Record};
use crate::identity::random_key;

/// The Region that IAM's records are kept under: it is global.
const GLOBAL: &str = "aws-global";

/// How long a session of a role may last, where nothing is said.
const SESSION_SECONDS: i64 = 3_600;

/// A role.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Role {
    pub(crate) account: String,
    pub(crate) name: String,
    path: String,
    /// `AROA…`: another role of the same name has another one.
    pub(crate) unique_id: String,
    pub(crate) arn: String,
    /// Who may assume it: a JSON document.
    pub(super) trust: String,
    /// The longest session.
    pub(crate) session_seconds_max: i64,
    created_at: Timestamp,
}

impl Record for Role {
    const KIND: &'static str = "iam-role";

    fn place(&self) -> Place {
        place(&self.account)
    }

    fn id(&self) -> &str {
        &self.name
    }
}

pub(super) fn place(account: &str) -> Place {
    Place::new(account, GLOBAL)
}

impl Role {
    pub(super) fn new(
        account: &str,
        name: &str,
        parameters: &Parameters,
        trust: &str,
        now: Timestamp,
    ) -> Result<Self, Fault> {
        let path = parameters.get("Path").unwrap_or("/");
        if !path.starts_with('/') || !path.ends_with('/') {
            return Err(invalid(format!(
                "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric \
                 characters and/or / characters, not {path}."
            )));
        }
        let session_seconds_max = match parameters.get("MaxSessionDuration") {
            None => SESSION_SECONDS,
            Some(text) => text
                .parse()
                .ok()
                .filter(|seconds| (3_600..=43_200).contains(seconds))
                .ok_or_else(|| invalid(format!("MaxSessionDuration {text} is not 3600 to 43200")))?,
        };
        Ok(Self {
            account: account.to_owned(),
            name: name.to_owned(),
            path: path.to_owned(),
            unique_id: random_key("AROA", 17),
            arn: format!("arn:aws:iam::{account}:role{path}{name}"),
            trust: trust.to_owned(),
            session_seconds_max,
            created_at: now,
        })
    }

    pub(super) fn describe(&self, xml: &mut Xml) {
        xml.leaf("Path", &self.path);
        xml.leaf("RoleName", &self.name);
        xml.leaf("RoleId", &self.unique_id);
        xml.leaf("Arn", &self.arn);
        xml.moment("CreateDate", self.created_at);
        // IAM answers policies percent-encoded, by RFC 3986.
        let trust = percent_encoding::utf8_percent_encode(&self.trust, percent_encoding::NON_ALPHANUMERIC);
        xml.leaf("AssumeRolePolicyDocument", trust);
        xml.leaf("MaxSessionDuration", self.session_seconds_max);
    }
}

pub(super) fn check_name(name: &str) -> Result<(), Fault> {
    let is_valid = (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte));
    if is_valid {
        return Ok(());
    }
    Err(invalid(format!(
        "The specified value for roleName is invalid. It must contain only alphanumeric characters and/or the following: \
         +=,.@_-, and at most 64 of them, not {name}."
    )))
}

fn invalid(message: String) -> Fault {
    Fault::new("ValidationError", message)
}

/// The account and the name in `arn:aws:iam::ACCOUNT:role/[PATH/]NAME`.
pub(super) fn account_and_name(arn: &str) -> Option<(&str, &str)> {
    let (account, path) = arn.strip_prefix("arn:aws:iam::")?.split_once(":role/")?;
    let name = path.rsplit('/').next()?;
    Some((account, name))
}
