//! What recovery points can be filtered by.

use jiff::Timestamp;

use super::schema::{Fact, Facts, Kind, Property, Schema};
use crate::point::{RecoveryPoint, State};
use crate::verdict::Verdict;

const STATES: [&str; State::ALL.len()] = {
    let mut names = [""; State::ALL.len()];
    let mut index = 0;
    while index < names.len() {
        names[index] = State::ALL[index].name();
        index += 1;
    }
    names
};

const YES_NO: [&str; 2] = ["yes", "no"];

/// The properties of recovery points.
pub static POINTS: Schema = Schema {
    things: "recovery points",
    properties: &[
        Property::one("source", Kind::Text, "what was backed up"),
        Property::one("state", Kind::Choice(&STATES), "where it stands"),
        Property::one("made", Kind::Time, "when AWS Backup made it"),
        Property::one("age", Kind::Duration, "how long ago that was"),
        Property::one("rows", Kind::Count, "rows over all tables of its export"),
        Property::one(
            "size",
            Kind::Bytes,
            "bytes of Parquet over all tables of its export",
        ),
        Property::many("table", Kind::Text, "a table of its export, DATABASE.TABLE"),
        Property::many(
            "copy_in",
            Kind::Region,
            "a Region that has a copy or is to get one",
        ),
        Property::many("verified_in", Kind::Region, "a Region whose copy is verified"),
        Property::many(
            "pending_in",
            Kind::Region,
            "a Region whose copy still arrives or is not checked yet",
        ),
        Property::many(
            "incomplete_in",
            Kind::Region,
            "a Region whose copy lacks objects or differs",
        ),
        Property::many(
            "unreachable_in",
            Kind::Region,
            "a Region whose copy cannot be reached",
        ),
        Property::one("late", Kind::Choice(&YES_NO), "whether it came after its grace"),
        Property::one(
            "copied",
            Kind::Choice(&YES_NO),
            "whether AWS Backup copied it from another vault",
        ),
        Property::one(
            "adopted",
            Kind::Choice(&YES_NO),
            "whether it is known from the evidence beside its copies alone",
        ),
        Property::one("expires", Kind::Time, "when its lifecycle ends it"),
        Property::one("ended", Kind::Time, "when it ended"),
        Property::one("region", Kind::Region, "where AWS Backup keeps it"),
        Property::one("account", Kind::Account, "whose it is"),
        Property::one("vault", Kind::Text, "its backup vault"),
        Property::one("id", Kind::Text, "its label, the same in every Region"),
        Property::one("arn", Kind::Text, "its ARN in AWS Backup"),
    ],
};

/// A recovery point as a filter sees it.
#[derive(Clone, Copy, Debug)]
pub struct PointFacts<'a> {
    /// The recovery point.
    pub point: &'a RecoveryPoint,
    /// Now, for its age.
    pub now: Timestamp,
}

impl PointFacts<'_> {
    /// The properties that are known only once its tables have been read.
    pub const OF_TABLES: [&'static str; 3] = ["rows", "size", "table"];

    fn copies(&self, is: impl Fn(&Verdict) -> bool) -> Vec<Fact<'_>> {
        self.point
            .copies
            .iter()
            .filter(|copy| is(&copy.verdict))
            .map(|copy| copy.region.as_str().into())
            .collect()
    }
}

fn yes_no(is: bool) -> Vec<Fact<'static>> {
    vec![if is { "yes" } else { "no" }.into()]
}

impl Facts for PointFacts<'_> {
    fn facts(&self, property: &str) -> Vec<Fact<'_>> {
        let point = self.point;
        let is_exported = !point.tables.is_empty();
        match property {
            "source" => vec![point.source.as_str().into()],
            "state" => vec![point.state.name().into()],
            "made" => vec![Fact::Time(point.created_at)],
            "age" => {
                let seconds = self.now.duration_since(point.created_at).as_secs().max(0);
                vec![Fact::Number(seconds.unsigned_abs())]
            }
            "rows" => is_exported
                .then(|| Fact::Number(point.rows()))
                .into_iter()
                .collect(),
            "size" => is_exported
                .then(|| Fact::Number(point.bytes()))
                .into_iter()
                .collect(),
            "table" => point
                .tables
                .iter()
                .map(|table| Fact::Text(table.name.to_string().into()))
                .collect(),
            "copy_in" => self.copies(|_| true),
            "verified_in" => self.copies(Verdict::is_restorable),
            "pending_in" => self.copies(|verdict| matches!(verdict, Verdict::Pending)),
            "incomplete_in" => self.copies(|verdict| matches!(verdict, Verdict::Incomplete { .. })),
            "unreachable_in" => self.copies(|verdict| matches!(verdict, Verdict::Unknown { .. })),
            "late" => yes_no(point.late_by_seconds.is_some()),
            "copied" => yes_no(point.copied_from.is_some()),
            "adopted" => yes_no(point.adopted_at.is_some()),
            "expires" => point.expires_at.map(Fact::Time).into_iter().collect(),
            "ended" => point.ended_at.map(Fact::Time).into_iter().collect(),
            "region" => vec![point.region.as_str().into()],
            "account" => vec![point.account.as_str().into()],
            "vault" => vec![point.vault.as_str().into()],
            "id" => vec![point.id.as_str().into()],
            "arn" => vec![point.arn.as_str().into()],
            _ => Vec::new(),
        }
    }
}
