//! The thaw that a run waits for before it begins: what was agreed to, and how far it is.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::archive::{Archived, ThawOption, Tier};

/// Days that thawed objects stay readable where nobody says how many.
const DAYS: u32 = 3;

/// Days that they may stay readable at most.
const DAYS_MAX: u32 = 365;

/// What is wrong with so many days; `None` where thawed objects can stay readable for them.
pub fn days_fault(days: u32) -> Option<String> {
    (!(1..=DAYS_MAX).contains(&days))
        .then(|| format!("days of the thaw must be 1 to {DAYS_MAX}, it is {days}"))
}

/// A thaw that whoever starts a run agrees to, with what it costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ThawAgreement {
    /// How fast.
    pub tier: Tier,
    /// Days that the thawed objects stay readable, 1 to 365: the run has to have read them by then.
    #[serde(default = "days")]
    pub days: u32,
}

fn days() -> u32 {
    DAYS
}

impl ThawAgreement {
    /// So fast, and readable for three days.
    pub fn new(tier: Tier) -> Self {
        Self { tier, days: DAYS }
    }
}

/// How it stands with the thaw of a run's copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AwaitedThaw {
    /// What was agreed to: the tier, what it takes and costs.
    pub option: ThawOption,
    /// Days that the thawed objects stay readable.
    pub days: u32,
    /// Objects that lie in the archive.
    pub objects: u64,
    /// Of them, those that can be read.
    pub readable: u64,
    /// Since when S3 has been asked for every one; `None` until then. It is asked once.
    pub asked_at: Option<Timestamp>,
    /// When it should be done, by the longest time that AWS states for the tier.
    pub expected_by: Option<Timestamp>,
    /// What hinders it; it is tried again.
    pub obstacle: Option<String>,
    /// When all could be read and the run went on.
    pub over_at: Option<Timestamp>,
}

impl AwaitedThaw {
    /// Agreed to and not asked for yet.
    pub fn agreed(option: ThawOption, days: u32, archived: &Archived) -> Self {
        Self {
            option,
            days,
            objects: archived.objects,
            readable: archived.readable,
            asked_at: None,
            expected_by: None,
            obstacle: None,
            over_at: None,
        }
    }

    /// Notes that S3 has been asked for everything.
    pub fn asked(&mut self, archived: Option<&Archived>, class: &str, now: Timestamp) {
        self.obstacle = None;
        self.asked_at = Some(now);
        self.expected_by = self.option.tier.at_most(class).map(|longest| now + longest);
        self.seen(archived);
    }

    /// Takes up what a look at the copy has seen.
    pub fn seen(&mut self, archived: Option<&Archived>) {
        match archived {
            Some(archived) => {
                self.objects = archived.objects;
                self.readable = archived.readable;
            }
            None => self.readable = self.objects,
        }
    }

    /// `standard, readable for 3 days; takes 3 to 5 hours, costs 0.05 USD`.
    pub fn terms(&self) -> String {
        let days = if self.days == 1 { "day" } else { "days" };
        format!(
            "{}, readable for {} {days}; {}",
            self.option.tier.name(),
            self.days,
            self.option.takes_and_costs()
        )
    }
}

impl Tier {
    /// The longest time that AWS states for it; `None` where the class does not have it.
    pub fn at_most(self, class: &str) -> Option<SignedDuration> {
        self.takes(class)?;
        let hours = match (class, self) {
            (_, Self::Expedited) => return Some(SignedDuration::from_mins(5)),
            ("DEEP_ARCHIVE", Self::Bulk) => 48,
            ("DEEP_ARCHIVE", Self::Standard) | (_, Self::Bulk) => 12,
            (_, Self::Standard) => 5,
        };
        Some(SignedDuration::from_hours(hours))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::ThawPrices;

    #[test]
    fn a_thaw_is_expected_by_the_longest_time_that_aws_states() {
        let check = |class: &str, tier: Tier, expected: Option<SignedDuration>| {
            assert_eq!(tier.at_most(class), expected, "{class} {tier:?}");
        };
        check("GLACIER", Tier::Expedited, Some(SignedDuration::from_mins(5)));
        check("GLACIER", Tier::Standard, Some(SignedDuration::from_hours(5)));
        check("GLACIER", Tier::Bulk, Some(SignedDuration::from_hours(12)));
        check("DEEP_ARCHIVE", Tier::Expedited, None);
        check(
            "DEEP_ARCHIVE",
            Tier::Standard,
            Some(SignedDuration::from_hours(12)),
        );
        check("DEEP_ARCHIVE", Tier::Bulk, Some(SignedDuration::from_hours(48)));
    }

    #[test]
    fn what_was_agreed_to_is_said_with_its_time_and_money() {
        let archived = Archived {
            class: "GLACIER".to_owned(),
            objects: 1000,
            bytes: 0,
            thawing: 0,
            readable: 0,
            readable_until: None,
        };
        let options = archived.thaws(&"us-west-2".parse().unwrap(), &ThawPrices::default());
        let standard = options
            .into_iter()
            .find(|option| option.tier == Tier::Standard)
            .unwrap();
        let mut thaw = AwaitedThaw::agreed(standard, 3, &archived);
        assert_eq!(
            thaw.terms(),
            "standard, readable for 3 days; takes 3 to 5 hours and costs 0.05 USD"
        );
        let now: Timestamp = "2026-11-20T08:00:00Z".parse().unwrap();
        thaw.asked(Some(&archived), "GLACIER", now);
        assert_eq!(thaw.expected_by, Some("2026-11-20T13:00:00Z".parse().unwrap()));
        thaw.seen(None);
        assert_eq!(
            thaw.readable, 1000,
            "what lies in no archive any more can be read"
        );
    }
}
