//! IAM over the query protocol of 2010-05-08: roles that can be made and looked at. They grant and refuse nothing here.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html>

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::control::query::{Fault, Parameters, Xml, answer};
use crate::control::{Place, Plane, Record};
use crate::{Caller, Service};

const NAMESPACE: &str = "https://iam.amazonaws.com/doc/2010-05-08/";

/// Roles have no Region; this stands for it.
const EVERYWHERE: &str = "aws-global";

/// The embedded IAM.
#[derive(Debug)]
pub struct Iam {
    plane: Plane,
}

/// A role.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Role {
    place: Place,
    name: String,
    path: String,
    /// AWS's own name for it: another role of the same name has another one.
    unique_id: String,
    trust: String,
    created_at: Timestamp,
}

impl Record for Role {
    const KIND: &'static str = "iam-role";

    fn place(&self) -> Place {
        self.place.clone()
    }

    fn id(&self) -> &str {
        &self.name
    }
}

impl Role {
    fn describe(&self, xml: &mut Xml) {
        xml.node("Role", |xml| {
            xml.leaf("Path", &self.path);
            xml.leaf("RoleName", &self.name);
            xml.leaf("RoleId", &self.unique_id);
            xml.leaf(
                "Arn",
                format_args!(
                    "arn:aws:iam::{}:role{}{}",
                    self.place.account, self.path, self.name
                ),
            );
            xml.leaf("CreateDate", format_args!("{:.0}", self.created_at));
            xml.leaf("AssumeRolePolicyDocument", percent_encoded(&self.trust));
            xml.leaf("MaxSessionDuration", 3600);
        });
    }
}

impl Iam {
    pub(crate) fn new(plane: Plane) -> Self {
        Self { plane }
    }

    fn dispatch(&self, caller: &Caller, parameters: &Parameters) -> Result<Xml, Fault> {
        let place = Place::new(&caller.account_id, EVERYWHERE);
        let mut xml = Xml::default();
        match parameters.action() {
            "CreateRole" => self.create(place, parameters)?.describe(&mut xml),
            "GetRole" => self.role(&place, parameters)?.describe(&mut xml),
            "UpdateAssumeRolePolicy" => {
                let mut role = self.role(&place, parameters)?;
                role.trust = document(parameters, "PolicyDocument")?;
                self.plane.records.put(&role)?;
            }
            "DeleteRole" => {
                let role = self.role(&place, parameters)?;
                self.plane.records.remove::<Role>(&place, &role.name)?;
            }
            other => {
                return Err(Fault::new(
                    "InvalidAction",
                    format!("The embedded IAM has no operation {other}"),
                ));
            }
        }
        Ok(xml)
    }

    fn create(&self, place: Place, parameters: &Parameters) -> Result<Role, Fault> {
        let name = parameters.require("RoleName")?;
        let legal = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
        if name.len() > 64 || !name.chars().all(legal) {
            return Err(Fault::new(
                "ValidationError",
                format!("The specified value for roleName is invalid: {name}"),
            ));
        }
        let role = Role {
            place,
            name: name.to_owned(),
            path: parameters.get("Path").unwrap_or("/").to_owned(),
            unique_id: format!(
                "AROA{}",
                &uuid::Uuid::new_v4().simple().to_string().to_uppercase()[..17]
            ),
            trust: document(parameters, "AssumeRolePolicyDocument")?,
            created_at: self.plane.clock.now(),
        };
        if !self.plane.records.add(&role)? {
            return Err(Fault {
                status: http::StatusCode::CONFLICT,
                code: "EntityAlreadyExists",
                message: format!("Role with name {name} already exists."),
            });
        }
        Ok(role)
    }

    fn role(&self, place: &Place, parameters: &Parameters) -> Result<Role, Fault> {
        let name = parameters.require("RoleName")?;
        self.plane.records.get(place, name)?.ok_or_else(|| {
            Fault::not_found(
                "NoSuchEntity",
                format!("The role with name {name} cannot be found."),
            )
        })
    }
}

/// A policy of a request, which must be JSON.
fn document(parameters: &Parameters, name: &str) -> Result<String, Fault> {
    let text = parameters.require(name)?;
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err(Fault::new(
            "MalformedPolicyDocument", "This policy contains invalid Json",
        )),
    }
}

/// As RFC 3986 has it, in which IAM writes documents.
fn percent_encoded(text: &str) -> String {
    use std::fmt::Write as _;
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[async_trait::async_trait]
impl Service for Iam {
    fn name(&self) -> &'static str {
        "iam"
    }

    async fn call(&self, caller: &Caller, request: http::Request<Bytes>) -> http::Response<Bytes> {
        let (action, result) = match Parameters::parse(request.body()) {
            Ok(parameters) => (parameters.action().to_owned(), self.dispatch(caller, &parameters)),
            Err(fault) => (String::new(), Err(fault)),
        };
        answer(NAMESPACE, &action, &caller.request_id, result)
    }
}
