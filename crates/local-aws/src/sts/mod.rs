//! STS: who the caller is, over the query protocol of 2011-06-15. There are no roles to assume: an account has one
//! key, and the front knows only those.

use bytes::Bytes;

use crate::control::query::{Fault, Parameters, Xml, answer};
use crate::{Caller, Service};

const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// The embedded STS.
#[derive(Debug)]
pub struct Sts;

#[async_trait::async_trait]
impl Service for Sts {
    fn name(&self) -> &'static str {
        "sts"
    }

    async fn call(&self, caller: &Caller, request: http::Request<Bytes>) -> http::Response<Bytes> {
        let (action, result) = match Parameters::parse(request.body()) {
            Ok(parameters) => (
                parameters.action().to_owned(),
                identify(caller, parameters.action()),
            ),
            Err(fault) => (String::new(), Err(fault)),
        };
        answer(NAMESPACE, &action, &caller.request_id, result)
    }
}

fn identify(caller: &Caller, action: &str) -> Result<Xml, Fault> {
    if action != "GetCallerIdentity" {
        return Err(Fault::new(
            "InvalidAction",
            format!("The embedded STS has no operation {action}"),
        ));
    }
    let mut xml = Xml::default();
    xml.leaf("Arn", &caller.arn);
    xml.leaf("UserId", &caller.account_id);
    xml.leaf("Account", &caller.account_id);
    Ok(xml)
}
