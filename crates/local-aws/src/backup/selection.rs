//! Selections: which resources a plan backs up.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::route::Route;
use super::{Backup, Fault, seconds};
use crate::control::{Place, Record};

/// A selection of a plan.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Selection {
    place: Place,
    id: String,
    pub plan: String,
    name: String,
    pub role_arn: String,
    resources: Vec<String>,
    except: Vec<String>,
    given: Value,
    created_at: Timestamp,
    creator_request_id: Option<String>,
}

impl Record for Selection {
    const KIND: &'static str = "backup-selection";

    fn place(&self) -> Place {
        self.place.clone()
    }

    fn id(&self) -> &str {
        &self.id
    }
}

impl Selection {
    /// Whether the selection takes the resource `arn`.
    pub fn covers(&self, arn: &str) -> bool {
        self.resources.iter().any(|pattern| matches(pattern, arn))
            && !self.except.iter().any(|pattern| matches(pattern, arn))
    }

    /// What is answered to whoever makes it.
    fn made(&self) -> Value {
        json!({
            "SelectionId": self.id,
            "BackupPlanId": self.plan,
            "CreationDate": seconds(self.created_at),
        })
    }

    /// What stands in a list.
    fn summary(&self) -> Value {
        let mut summary = self.made();
        summary["SelectionName"] = json!(self.name);
        summary["IamRoleArn"] = json!(self.role_arn);
        summary["CreatorRequestId"] = json!(self.creator_request_id);
        summary
    }
}

impl Backup {
    pub(super) fn create_selection(
        &self,
        place: &Place,
        plan: &str,
        route: &Route<'_>,
    ) -> Result<Value, Fault> {
        // This operation knows no other word for a plan that is not there.
        let plan = self.plan(place, plan).map_err(|fault| match fault.code {
            "ResourceNotFoundException" => Fault::invalid(fault.message),
            _ => fault,
        })?;
        let given = route.body("BackupSelection");
        let text = |name: &'static str| {
            given[name]
                .as_str()
                .filter(|text| !text.is_empty())
                .ok_or_else(|| Fault::missing(name))
        };
        let (name, role_arn) = (text("SelectionName")?, text("IamRoleArn")?);
        let texts = |name: &str| -> Vec<String> {
            given[name]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|arn| arn.as_str().map(str::to_owned))
                .collect()
        };
        let has = |name: &str| given[name].as_array().is_some_and(|list| !list.is_empty());
        if has("ListOfTags")
            || given["Conditions"]
                .as_object()
                .is_some_and(|c| c.values().any(|v| v.as_array().is_some_and(|v| !v.is_empty())))
        {
            return Err(Fault::invalid(
                "The embedded AWS Backup selects resources by ARN only: its DB instances have no tags.",
            ));
        }
        let resources = texts("Resources");
        if resources.is_empty() {
            return Err(Fault::missing("Resources"));
        }
        let selections: Vec<Selection> = self.plane.records.list(place)?;
        if selections
            .iter()
            .any(|selection| selection.plan == plan.id && selection.name == name)
        {
            return Err(Fault::exists(format!(
                "Backup selection with the same name {name} already exists."
            )));
        }
        let selection = Selection {
            place: place.clone(),
            id: uuid::Uuid::new_v4().to_string(),
            plan: plan.id,
            name: name.to_owned(),
            role_arn: role_arn.to_owned(),
            resources,
            except: texts("NotResources"),
            given: given.clone(),
            created_at: self.plane.clock.now(),
            creator_request_id: route.body("CreatorRequestId").as_str().map(str::to_owned),
        };
        self.plane.records.put(&selection)?;
        Ok(selection.made())
    }

    pub(super) fn get_selection(&self, place: &Place, plan: &str, id: &str) -> Result<Value, Fault> {
        let selection = self.selection(place, plan, id)?;
        let mut answer = selection.made();
        answer["CreatorRequestId"] = json!(selection.creator_request_id);
        answer["BackupSelection"] = selection.given;
        Ok(answer)
    }

    pub(super) fn list_selections(
        &self,
        place: &Place,
        plan: &str,
        route: &Route<'_>,
    ) -> Result<Value, Fault> {
        let plan = self.plan(place, plan)?;
        let mut selections: Vec<Selection> = self.plane.records.list(place)?;
        selections.retain(|selection| selection.plan == plan.id);
        route.page(
            "BackupSelectionsList",
            selections,
            |selection| &selection.id,
            Selection::summary,
        )
    }

    pub(super) fn delete_selection(&self, place: &Place, plan: &str, id: &str) -> Result<Value, Fault> {
        let selection = self.selection(place, plan, id)?;
        self.plane.records.remove::<Selection>(place, &selection.id)?;
        Ok(json!({}))
    }

    fn selection(&self, place: &Place, plan: &str, id: &str) -> Result<Selection, Fault> {
        let selection: Option<Selection> = self.plane.records.get(place, id)?;
        selection
            .filter(|selection| selection.plan == plan)
            .ok_or_else(|| Fault::not_found(format!("Backup selection {id} of plan {plan} cannot be found.")))
    }
}

/// Whether `text` is what `pattern` says, where `*` stands for anything.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(text) = text.strip_prefix(first) else {
        return false;
    };
    let starts = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    starts.into_iter().any(|at| matches(rest, &text[at..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_anything() {
        let arn = "arn:aws:rds:us-east-1:111122223333:db:tvshows";
        for pattern in ["*", "arn:aws:rds:*:*:db:*", arn, "arn:aws:rds:*tv*"] {
            assert!(matches(pattern, arn), "{pattern}");
        }
        for pattern in [
            "",
            "arn:aws:rds:*:*:cluster:*",
            "arn:aws:rds:us-east-1:111122223333:db:tv",
        ] {
            assert!(!matches(pattern, arn), "{pattern}");
        }
    }
}
