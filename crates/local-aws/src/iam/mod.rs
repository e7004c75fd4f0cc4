//! IAM, as far as roles go: made, read, changed and deleted over the query protocol of 2010-05-08. Who may assume one is
//! decided by its trust policy; what it may do then is not emulated, it acts as its account.

mod role;
mod trust;

use bytes::Bytes;

use crate::control::query::{Fault, Parameters, Xml, answer};
use crate::control::{Plane, Record as _};
use crate::{Caller, Service};

pub(crate) use role::Role;
use trust::TrustPolicy;

const NAMESPACE: &str = "https://iam.amazonaws.com/doc/2010-05-08/";

/// The embedded IAM.
#[derive(Debug)]
pub struct Iam {
    plane: Plane,
}

/// Why a role could not be made, in AWS's words.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct IamFailure(String);

#[async_trait::async_trait]
impl Service for Iam {
    fn name(&self) -> &'static str {
        "iam"
    }

    async fn call(&self, caller: &Caller, request: http::Request<Bytes>) -> http::Response<Bytes> {
        let (action, result) = match Parameters::parse(request.body()) {
            Ok(parameters) => (
                parameters.action().to_owned(),
                self.act(&caller.account_id, &parameters),
            ),
            Err(fault) => (String::new(), Err(fault)),
        };
        answer(NAMESPACE, &action, &caller.request_id, result)
    }
}

impl Iam {
    pub(crate) fn new(plane: Plane) -> Self {
        Self { plane }
    }

    /// Makes a role in an account, or gives the one of that name this trust policy. Its ARN.
    pub fn ensure_role(&self, account: &str, name: &str, trust: &str) -> Result<String, IamFailure> {
        let refused = |fault: Fault| IamFailure(fault.message);
        role::check_name(name).map_err(refused)?;
        TrustPolicy::parse(trust).map_err(refused)?;
        let mut role = match self.role(account, name).map_err(refused)? {
            Some(role) => role,
            None => Role::new(
                account,
                name,
                &Parameters::default(),
                trust,
                self.plane.clock.now(),
            )
            .map_err(refused)?,
        };
        trust.clone_into(&mut role.trust);
        self.plane
            .records
            .put(&role)
            .map_err(|error| IamFailure(error.to_string()))?;
        Ok(role.arn)
    }

    fn act(&self, account: &str, parameters: &Parameters) -> Result<Xml, Fault> {
        let name = || parameters.require("RoleName");
        let mut xml = Xml::default();
        match parameters.action() {
            "CreateRole" => {
                let name = name()?;
                role::check_name(name)?;
                let document = parameters.require("AssumeRolePolicyDocument")?;
                TrustPolicy::parse(document)?;
                if self.role(account, name)?.is_some() {
                    return Err(Fault {
                        status: http::StatusCode::CONFLICT,
                        code: "EntityAlreadyExists",
                        message: format!("Role with name {name} already exists."),
                    });
                }
                let role = Role::new(account, name, parameters, document, self.plane.clock.now())?;
                self.plane.records.put(&role)?;
                xml.node("Role", |xml| role.describe(xml));
            }
            "GetRole" => {
                let role = self.require(account, name()?)?;
                xml.node("Role", |xml| role.describe(xml));
            }
            "UpdateAssumeRolePolicy" => {
                let mut role = self.require(account, name()?)?;
                let document = parameters.require("PolicyDocument")?;
                TrustPolicy::parse(document)?;
                document.clone_into(&mut role.trust);
                self.plane.records.put(&role)?;
            }
            "DeleteRole" => {
                let role = self.require(account, name()?)?;
                self.plane.records.remove::<Role>(&role.place(), &role.name)?;
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

    fn role(&self, account: &str, name: &str) -> Result<Option<Role>, Fault> {
        Ok(self.plane.records.get(&role::place(account), name)?)
    }

    fn require(&self, account: &str, name: &str) -> Result<Role, Fault> {
        self.role(account, name)?.ok_or_else(|| {
            Fault::not_found(
                "NoSuchEntity",
                format!("The role with name {name} cannot be found."),
            )
        })
    }

    /// The role of an ARN, where its trust policy lets `caller` assume it with this external id.
    pub(crate) fn assumable(
        &self,
        caller: &Caller,
        arn: &str,
        external_id: Option<&str>,
    ) -> Result<Role, Fault> {
        let found = role::account_and_name(arn).and_then(|(account, name)| {
            let role = self.role(account, name).transpose()?;
            Some(role.map(|role| (role.arn == arn).then_some(role)))
        });
        let role = found.transpose()?.flatten();
        let trusted = role.filter(|role| {
            TrustPolicy::parse(&role.trust)
                .is_ok_and(|trust| trust.allows(&caller.account_id, &caller.principal.arn, external_id))
        });
        // STS tells nobody whether the role is not there or does not trust them.
        trusted.ok_or_else(|| {
            Fault::denied(format!(
                "User: {} is not authorized to perform: sts:AssumeRole on resource: {arn}",
                caller.principal.arn
            ))
        })
    }
}
