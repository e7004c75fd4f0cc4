//! The body of `POST /restores`: a plan that was reviewed, or what a plan is made from.

use std::borrow::Cow;

use recovery::awaited_thaw::ThawAgreement;
use recovery::plan::Plan;
use recovery::request::{Approval, PlanRequest};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, OneOfBuilder, Type};
use utoipa::openapi::{AllOfBuilder, Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// Longer reasons do not fit into the audit log's entries.
const REASON_LENGTH_MAX: usize = 1000;

/// `{"plan": …, "reason": …, "overwrite": […], "thaw": …}`, or a plan request with the other three beside its fields.
#[derive(Clone, Debug, PartialEq)]
pub struct RestoreRequest {
    /// What is to be run.
    pub what: What,
    /// Why, what may be overwritten, and the thaw that is agreed to.
    pub approval: Approval,
}

/// What is to be run.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// Exactly this plan.
    Plan(Box<Plan>),
    /// A plan made from this, unless its preflight blocks it.
    Request(PlanRequest),
}

impl<'de> Deserialize<'de> for RestoreRequest {
    // By hand, because an untagged enum would answer "did not match any variant" to every typing error.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let mut fields = Map::deserialize(deserializer)?;
        let reason = match fields.remove("reason") {
            None | Some(Value::Null) => None,
            Some(Value::String(reason)) => Some(reason.trim().to_owned()).filter(|reason| !reason.is_empty()),
            Some(_) => return Err(D::Error::custom("reason is not text")),
        };
        if reason
            .as_ref()
            .is_some_and(|reason| reason.chars().count() > REASON_LENGTH_MAX)
        {
            return Err(D::Error::custom(format!(
                "reason is longer than {REASON_LENGTH_MAX} characters"
            )));
        }
        let overwrite = match fields.remove("overwrite") {
            None | Some(Value::Null) => Vec::new(),
            Some(names) => serde_json::from_value(names)
                .map_err(|error| D::Error::custom(format!("overwrite: {error}")))?,
        };
        let thaw = match fields.remove("thaw") {
            None | Some(Value::Null) => None,
            Some(thaw) => Some(
                serde_json::from_value(thaw).map_err(|error| D::Error::custom(format!("thaw: {error}")))?,
            ),
        };
        let what = match fields.remove("plan") {
            Some(plan) => {
                if let Some(field) = fields.keys().next() {
                    return Err(D::Error::custom(format!(
                        "field `{field}` is not known beside plan, reason, overwrite and thaw"
                    )));
                }
                let plan = serde_json::from_value(plan)
                    .map_err(|error| D::Error::custom(format!("plan: {error}")))?;
                What::Plan(Box::new(plan))
            }
            None => What::Request(serde_json::from_value(Value::Object(fields)).map_err(D::Error::custom)?),
        };
        let approval = Approval {
            reason,
            overwrite,
            thaw,
        };
        Ok(Self { what, approval })
    }
}

impl PartialSchema for RestoreRequest {
    fn schema() -> RefOr<Schema> {
        let reason = || {
            ObjectBuilder::new()
                .schema_type(Type::String)
                .max_length(Some(REASON_LENGTH_MAX))
                .description(Some("Why, for the audit log"))
        };
        let overwrite = || {
            ArrayBuilder::new()
                .items(ObjectBuilder::new().schema_type(Type::String))
                .description(Some(
                    "The targets whose items may be overwritten, each by its name",
                ))
        };
        let thaw = || Ref::from_schema_name("ThawAgreement");
        let planned = ObjectBuilder::new()
            .description(Some("A plan that was reviewed"))
            .property("plan", Ref::from_schema_name("Plan"))
            .required("plan")
            .property("reason", reason())
            .property("overwrite", overwrite())
            .property("thaw", thaw());
        let requested = AllOfBuilder::new()
            .description(Some("What a plan is made from"))
            .item(Ref::from_schema_name("PlanRequest"))
            .item(
                ObjectBuilder::new()
                    .property("reason", reason())
                    .property("overwrite", overwrite())
                    .property("thaw", thaw()),
            );
        OneOfBuilder::new().item(planned).item(requested).into()
    }
}

impl ToSchema for RestoreRequest {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("RestoreRequest")
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push(("Plan".to_owned(), Plan::schema()));
        Plan::schemas(schemas);
        schemas.push(("PlanRequest".to_owned(), PlanRequest::schema()));
        PlanRequest::schemas(schemas);
        schemas.push(("ThawAgreement".to_owned(), ThawAgreement::schema()));
        ThawAgreement::schemas(schemas);
    }
}

#[cfg(test)]
mod tests {
    use recovery::archive::Tier;

    use super::*;

    fn check(json: &str, expected: &str) {
        match serde_json::from_str::<RestoreRequest>(json) {
            Ok(_) => panic!("accepted: {json}"),
            Err(error) => assert!(error.to_string().contains(expected), "{json}: {error}"),
        }
    }

    #[test]
    fn both_forms_are_read_and_what_is_wrong_is_named() {
        let request: RestoreRequest = serde_json::from_str(
            r#"{"recovery_point":"tvshows-1","region":"us-west-2","target_region":"us-west-2",
                "tables":[{"source":"tvshows.shows","target":"shows","partition":"id"}],"reason":" drill "}"#,
        )
        .unwrap();
        assert_eq!(request.approval, Approval::because("drill"));
        assert!(matches!(request.what, What::Request(_)));
        let request: RestoreRequest = serde_json::from_str(
            r#"{"recovery_point":"tvshows-1","region":"us-west-2","target_region":"us-west-2","tables":[],
                "thaw":{"tier":"bulk"}}"#,
        )
        .unwrap();
        assert_eq!(request.approval.thaw, Some(ThawAgreement::new(Tier::Bulk)));

        check("{}", "recovery_point");
        check(r#"{"recovery_point":"tvshows-1","regoin":"x"}"#, "regoin");
        check(r#"{"plan":{},"reason":""}"#, "plan: missing field");
        check(r#"{"plan":{},"tables":[]}"#, "tables");
        check(r#"{"reason":5}"#, "reason is not text");
        check(r#"{"overwrite":"shows"}"#, "overwrite: ");
        check(r#"{"thaw":{"tier":"slow"}}"#, "thaw: unknown variant");
        check(
            &format!(r#"{{"reason":"{}"}}"#, "x".repeat(1001)),
            "1000 characters",
        );
    }
}
