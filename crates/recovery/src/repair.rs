//! Which objects of a copy are to be copied anew, and which may not be touched. Pure: it is shown or executed by others.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::ids::Region;
use crate::inventory::{Comparison, ObjectFact};
use crate::point::RecoveryPoint;

/// What a repair copies and what it leaves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepairPlan {
    /// What is copied.
    pub steps: Vec<RepairStep>,
    /// What is left as it is, and why.
    pub refused: Vec<RefusedRepair>,
}

/// One object to copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepairStep {
    /// Below both prefixes.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// The version at the verified copy, where its bucket keeps versions.
    pub version_id: Option<String>,
    /// The ETag that the object must still have at the verified copy.
    pub etag: Option<String>,
    /// The ETag of the differing object that the new version is laid over; `None` where there must be none.
    pub over: Option<String>,
}

/// An object that is left as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RefusedRepair {
    /// Below the copy's prefix.
    pub path: String,
    /// Why, and what to do.
    pub why: String,
}

/// What was done for the copy in one Region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RepairedCopy {
    /// The copy's Region.
    pub region: Region,
    /// The Region of the verified copy that was copied from.
    pub from: Region,
    /// Objects that were copied.
    pub copied: u64,
    /// Their bytes.
    pub bytes: u64,
    /// What was left as it is.
    pub refused: Vec<RefusedRepair>,
    /// Why it broke off, where it did. What was copied before stays.
    pub failed: Option<String>,
}

/// A recovery point after a repair, and what was done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Repaired {
    /// The recovery point, all copies checked again.
    pub point: RecoveryPoint,
    /// What was done for each copy that needed it.
    pub copies: Vec<RepairedCopy>,
}

impl RepairedCopy {
    /// One line for logs.
    pub fn summary(&self) -> String {
        let mut parts = vec![format!(
            "{} from {}: {} objects copied, {} bytes",
            self.region, self.from, self.copied, self.bytes
        )];
        parts.extend(self.refused.first().map(|first| {
            format!(
                "{} left as they are, the first {}: {}",
                self.refused.len(),
                first.path,
                first.why
            )
        }));
        parts.extend(self.failed.as_ref().map(|failed| format!("broken off: {failed}")));
        parts.join("; ")
    }
}

/// What makes `copy` equal to `original`, of which `comparison` tells how they differ.
///
/// What is laid over keeps its old version, so a differing object in a bucket without versions is refused, as is one
/// under legal hold: it must stay what readers see. Retention by object lock keeps versions and does not hinder new
/// ones. What S3 still brings (`arriving`) is left to S3.
pub fn plan(
    original: &[ObjectFact],
    copy: &[ObjectFact],
    comparison: &Comparison,
    arriving: &[String],
) -> RepairPlan {
    let sources: BTreeMap<&str, &ObjectFact> = by_path(original);
    let there: BTreeMap<&str, &ObjectFact> = by_path(copy);
    let arriving: BTreeSet<&str> = arriving.iter().map(String::as_str).collect();
    let mut plan = RepairPlan::default();
    let paths = comparison
        .missing
        .iter()
        .filter(|path| !arriving.contains(path.as_str()))
        .chain(&comparison.different);
    for path in paths {
        let Some(source) = sources.get(path.as_str()) else {
            plan.refused.push(RefusedRepair {
                path: path.clone(),
                why: "the verified copy does not have it any more; check it again".to_owned(),
            });
            continue;
        };
        let over = match there.get(path.as_str()) {
            None => None,
            Some(object) => match why_not_over(object) {
                None => object.etag.clone(),
                Some(why) => {
                    let path = path.clone();
                    plan.refused.push(RefusedRepair { path, why });
                    continue;
                }
            },
        };
        plan.steps.push(RepairStep {
            path: path.clone(),
            size: source.size,
            version_id: source.version_id.clone(),
            etag: source.etag.clone(),
            over,
        });
    }
    plan
}

fn why_not_over(object: &ObjectFact) -> Option<String> {
    if object.legal_hold {
        return Some(
            "a legal hold keeps the object that differs as what readers see; whoever set the hold has to lift it \
             first"
                .to_owned(),
        );
    }
    if object
        .version_id
        .as_deref()
        .is_none_or(|version| version == "null")
    {
        return Some(
            "the bucket keeps no version of the object that differs, so it would be lost; turn versioning on and \
             remove or rename the object first"
                .to_owned(),
        );
    }
    object
        .etag
        .is_none()
        .then(|| "S3 told no ETag of the object that differs, so it cannot be laid over safely".to_owned())
}

fn by_path(facts: &[ObjectFact]) -> BTreeMap<&str, &ObjectFact> {
    facts.iter().map(|fact| (fact.path.as_str(), fact)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(path: &str, version: Option<&str>, legal_hold: bool) -> ObjectFact {
        ObjectFact {
            path: path.into(),
            size: 7,
            etag: Some(format!("\"{path}\"")),
            version_id: version.map(str::to_owned),
            legal_hold,
            ..ObjectFact::default()
        }
    }

    #[test]
    fn only_what_differs_is_copied_and_nothing_is_lost() {
        let original: Vec<ObjectFact> = ["equal", "lost", "late", "kept", "held", "bare"]
            .map(|path| object(path, Some("o1"), false))
            .to_vec();
        let copy = [
            object("equal", Some("c1"), false),
            object("kept", Some("c1"), false),
            object("held", Some("c1"), true),
            object("bare", None, false),
        ];
        let comparison = Comparison {
            missing: vec!["lost".into(), "late".into(), "gone".into()],
            different: vec!["kept".into(), "held".into(), "bare".into()],
            ..Comparison::default()
        };
        let plan = plan(&original, &copy, &comparison, &["late".into()]);
        let steps: Vec<(&str, Option<&str>)> = plan
            .steps
            .iter()
            .map(|step| (step.path.as_str(), step.over.as_deref()))
            .collect();
        assert_eq!(steps, [("lost", None), ("kept", Some("\"kept\""))]);
        let refused: Vec<(&str, bool)> = plan
            .refused
            .iter()
            .map(|refused| (refused.path.as_str(), refused.why.contains("legal hold")))
            .collect();
        assert_eq!(refused, [("gone", false), ("held", true), ("bare", false)]);
    }
}
