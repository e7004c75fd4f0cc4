//! What sources can be filtered by.

use super::schema::{Fact, Facts, Kind, Property, Schema};
use crate::source::{RegionRpo, SourceSummary};

/// The properties of sources.
pub static SOURCES: Schema = Schema {
    things: "sources",
    properties: &[
        Property::one("source", Kind::Text, "its id"),
        Property::one(
            "standing",
            Kind::Choice(&["within", "behind", "nothing"]),
            "whether every Region is within its target, one is behind it, or nothing can be restored at all",
        ),
        Property::one(
            "newest_age",
            Kind::Duration,
            "how long ago its newest recovery point was made",
        ),
        Property::one(
            "restorable_age",
            Kind::Duration,
            "the same of the newest that can be restored, in the Region that is furthest behind",
        ),
        Property::many(
            "restorable_in",
            Kind::Region,
            "a Region that it can be restored from",
        ),
        Property::many("behind_in", Kind::Region, "a Region that is behind its target"),
        Property::one("target", Kind::Duration, "RPO target of its own Region"),
        Property::one(
            "interval",
            Kind::Duration,
            "how often a recovery point is expected",
        ),
        Property::one("engine", Kind::Text, "engine and version"),
        Property::one("class", Kind::Text, "DB instance class"),
        Property::one("region", Kind::Region, "where it runs"),
        Property::one("account", Kind::Account, "whose it is"),
        Property::one("arn", Kind::Text, "its ARN in RDS"),
    ],
};

/// A source as a filter sees it.
#[derive(Clone, Copy, Debug)]
pub struct SourceFacts<'a>(pub &'a SourceSummary);

impl SourceFacts<'_> {
    /// `within`, `behind` or `nothing`. Missing data is never within.
    pub fn standing(&self) -> &'static str {
        let regions = &self.0.regions;
        if regions.iter().all(|region| region.newest_restorable.is_none()) {
            "nothing"
        } else if regions.iter().all(|region| region.rpo.within_target) {
            "within"
        } else {
            "behind"
        }
    }

    fn regions(&self, is: impl Fn(&RegionRpo) -> bool) -> Vec<Fact<'_>> {
        self.0
            .regions
            .iter()
            .filter(|region| is(region))
            .map(|region| region.region.as_str().into())
            .collect()
    }
}

fn seconds(seconds: Option<i64>) -> Vec<Fact<'static>> {
    let seconds = seconds.and_then(|seconds| u64::try_from(seconds).ok());
    seconds.map(Fact::Number).into_iter().collect()
}

impl Facts for SourceFacts<'_> {
    fn facts(&self, property: &str) -> Vec<Fact<'_>> {
        let source = &self.0.source;
        let ages = self.0.regions.iter();
        match property {
            "source" => vec![source.id.as_str().into()],
            "standing" => vec![self.standing().into()],
            "newest_age" => seconds(
                ages.filter_map(|region| region.rpo.recovery_point_age_seconds)
                    .max(),
            ),
            "restorable_age" => seconds(ages.filter_map(|region| region.rpo.restorable_age_seconds).max()),
            "restorable_in" => self.regions(|region| region.newest_restorable.is_some()),
            "behind_in" => self.regions(|region| !region.rpo.within_target),
            "target" => seconds(Some(source.rpo_target_seconds)),
            "interval" => seconds(Some(source.interval_seconds)),
            "engine" => source.engine.as_deref().map(Fact::from).into_iter().collect(),
            "class" => source.class.as_deref().map(Fact::from).into_iter().collect(),
            "region" => vec![source.region.as_str().into()],
            "account" => vec![source.account.as_str().into()],
            "arn" => vec![source.arn.as_str().into()],
            _ => Vec::new(),
        }
    }
}
