//! What recovery points and restores show of a policy's controls, day by day.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::{Cell, Control, Report, Row, Settings, Standing};
use crate::ids::{Region, RunId, SourceId};
use crate::policy::Policy;
use crate::timeline::{Lane, Mark, MarkState};

/// Days that one report may have.
pub const DAYS_MAX: usize = 400;

/// Days of a report where none are asked for.
pub const DAYS: usize = 35;

/// What a report is made of.
#[derive(Clone, Debug)]
pub struct Material<'a> {
    /// The source.
    pub source: &'a SourceId,
    /// What is expected of it today.
    pub policy: &'a Policy,
    /// Since when recovery points are expected of it; `None`: it has none yet.
    pub since: Option<Timestamp>,
    /// The first day and the last one (UTC).
    pub days: (Date, Date),
    /// Its lanes over these days, its own Region's first.
    pub lanes: &'a [Lane],
    /// What was seen of plans and vaults.
    pub settings: &'a BTreeMap<Date, Settings>,
    /// Restores of it that were proven, in any order, those of [`Policy::restore_test_days`] before the first day among them.
    pub restored: &'a [Restored],
    /// Now.
    pub now: Timestamp,
}

/// A restore that was proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// The run.
    pub run: RunId,
    /// When it ended.
    pub at: Timestamp,
    /// Rows that it proved.
    pub rows: u64,
    /// The Region that it read from.
    pub region: Region,
}

/// The controls of a source, day by day: at most 400 days, the newest.
pub fn report(material: &Material<'_>) -> Report {
    let (first, last) = material.days;
    let mut days: Vec<Date> = first
        .series(jiff::ToSpan::day(1))
        .take_while(|day| *day <= last)
        .collect();
    let surplus = days.len().saturating_sub(DAYS_MAX);
    days.drain(..surplus);
    let rows = Control::ALL
        .into_iter()
        .map(|control| Row {
            control,
            requirement: material.requirement(control),
            cells: days.iter().map(|day| material.cell(control, *day)).collect(),
        })
        .collect();
    Report {
        source: material.source.clone(),
        days,
        rows,
        now: material.now,
    }
}

/// Marks of one lane on one day, counted.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    verified: usize,
    late: usize,
    under_way: usize,
    unreachable: usize,
    /// Incomplete copies, failed exports, what was deleted before it was exported.
    wrong: usize,
    /// What its lifecycle has ended.
    ended: usize,
    partial: usize,
    missed: usize,
}

impl Counts {
    fn of<'a>(marks: impl Iterator<Item = &'a Mark>) -> Self {
        let mut counts = Self::default();
        for mark in marks {
            match mark.state {
                MarkState::Verified => counts.verified += 1,
                MarkState::Late => {
                    counts.verified += 1;
                    counts.late += 1;
                }
                MarkState::Exporting | MarkState::Pending => counts.under_way += 1,
                MarkState::Unreachable => counts.unreachable += 1,
                MarkState::Incomplete | MarkState::Failed | MarkState::Deleted => counts.wrong += 1,
                MarkState::Expired => counts.ended += 1,
                MarkState::Partial => counts.partial += 1,
                MarkState::Missed => counts.missed += 1,
            }
        }
        counts
    }

    /// Recovery points that were made whole.
    fn made(self) -> usize {
        self.verified + self.under_way + self.unreachable + self.wrong + self.ended
    }

    /// How copies stand, and in words: `23 of 24 verified, 1 not whole`.
    fn copies(self) -> (Standing, String) {
        let standing = if self.wrong > 0 {
            Standing::NotMet
        } else if self.unreachable > 0 {
            Standing::Unknown
        } else if self.under_way > 0 {
            Standing::Open
        } else {
            Standing::Met
        };
        let mut words = vec![format!(
            "{} of {} verified",
            self.verified,
            self.made() - self.ended
        )];
        for (count, what) in [
            (self.wrong, "not whole"),
            (self.unreachable, "cannot be reached"),
            (self.under_way, "under way"),
            (self.ended, "ended by lifecycle"),
        ] {
            if count > 0 {
                words.push(format!("{count} {what}"));
            }
        }
        (standing, words.join(", "))
    }
}

impl Material<'_> {
    fn requirement(&self, control: Control) -> String {
        let policy = self.policy;
        match control {
            Control::Frequency => format!(
                "A recovery point every {}.",
                span(policy.schedule.interval_seconds)
            ),
            Control::Verified => "The export of every recovery point is whole.".to_owned(),
            Control::CrossRegionCopy => match self.other_regions().collect::<Vec<_>>()[..] {
                [] => "The policy names one Region only.".to_owned(),
                ref regions => format!(
                    "Every recovery point has a verified copy in {}.",
                    regions
                        .iter()
                        .map(|region| region.as_str())
                        .collect::<Vec<_>>()
                        .join(", ")
                ),
            },
            Control::CrossAccountCopy => {
                "Recovery points are copied to the accounts that the policy names.".to_owned()
            }
            Control::Retention => "They are kept as many days as the policy says.".to_owned(),
            Control::Encryption => "Every vault has a KMS key, the policy's where it names one.".to_owned(),
            Control::Immutability => {
                "Every vault is locked for good (compliance mode) or air-gapped.".to_owned()
            }
            Control::RestoreTested => format!(
                "A restore was proven within the last {} days.",
                policy.restore_test_days
            ),
        }
    }

    fn cell(&self, control: Control, day: Date) -> Cell {
        let (begin, end) = (start_of(day), start_of(day.tomorrow().unwrap_or(Date::MAX)));
        if begin > self.now {
            return Cell::new(Standing::Open, "The day has not come.");
        }
        if let Some(cell) = self.before_the_first(end) {
            return cell;
        }
        match control {
            Control::Frequency => self.frequency(begin, end),
            Control::Verified => self.verified(begin, end),
            Control::CrossRegionCopy => self.cross_region_copy(begin, end),
            Control::RestoreTested => self.restore_tested(end.min(self.now)),
            Control::CrossAccountCopy | Control::Retention | Control::Encryption | Control::Immutability => {
                self.settings
                    .get(&day)
                    .and_then(|settings| settings.of(control))
                    .cloned()
                    .unwrap_or_else(|| {
                        Cell::new(
                            Standing::Unknown,
                            "Plans and vaults were not looked at on that day.",
                        )
                    })
            }
        }
    }

    /// Nothing is asked of days before the source's first recovery point.
    fn before_the_first(&self, end: Timestamp) -> Option<Cell> {
        match self.since {
            None => Some(Cell::new(Standing::Unknown, "It has no recovery point yet.")),
            Some(since) if since >= end => Some(Cell::new(
                Standing::NotRequired,
                "Its first recovery point came later.",
            )),
            Some(_) => None,
        }
    }

    fn frequency(&self, begin: Timestamp, end: Timestamp) -> Cell {
        let counts = counts(self.lanes.first(), begin, end);
        let (made, lacking) = (counts.made(), counts.missed + counts.partial);
        let mut words = vec![format!("{made} made")];
        for (count, what) in [
            (counts.missed, "missed"),
            (counts.partial, "partial"),
            (counts.late, "late"),
        ] {
            if count > 0 {
                words.push(format!("{count} {what}"));
            }
        }
        let words = words.join(", ");
        let standing = if lacking > 0 {
            Standing::NotMet
        } else if end > self.now {
            Standing::Open
        } else if made == 0 {
            return Cell::new(Standing::NotRequired, "None was due.");
        } else {
            Standing::Met
        };
        let so_far = if end > self.now { " so far" } else { "" };
        Cell::new(standing, format!("{words}{so_far}."))
    }

    fn verified(&self, begin: Timestamp, end: Timestamp) -> Cell {
        let counts = counts(self.lanes.first(), begin, end);
        if let Some(cell) = self.none_made(counts, end) {
            return cell;
        }
        let (standing, words) = counts.copies();
        Cell::new(self.of_a_day(standing, end), format!("{words}."))
    }

    fn cross_region_copy(&self, begin: Timestamp, end: Timestamp) -> Cell {
        let mut regions = self.other_regions().peekable();
        if regions.peek().is_none() {
            return Cell::new(Standing::NotRequired, "The policy names one Region only.");
        }
        let at_home = counts(self.lanes.first(), begin, end);
        if let Some(cell) = self.none_made(at_home, end) {
            return cell;
        }
        let (mut standing, mut words) = (Standing::NotRequired, Vec::new());
        for region in regions {
            let lane = self.lanes.iter().find(|lane| lane.region == *region);
            let (here, said) = match lane {
                Some(lane) => counts(Some(lane), begin, end).copies(),
                None => (Standing::Unknown, "not looked at".to_owned()),
            };
            standing = standing.worse(here);
            words.push(format!("{region}: {said}"));
        }
        Cell::new(self.of_a_day(standing, end), format!("{}.", words.join("; ")))
    }

    fn restore_tested(&self, by: Timestamp) -> Cell {
        let days = self.policy.restore_test_days;
        let since = by
            .saturating_sub(SignedDuration::from_hours(24 * i64::from(days)))
            .unwrap_or(Timestamp::MIN);
        let last = self
            .restored
            .iter()
            .filter(|restored| restored.at <= by)
            .max_by_key(|restored| restored.at);
        match last {
            None => Cell::new(Standing::NotMet, "No restore of it was proven until then."),
            Some(last) => {
                let is_recent = last.at >= since;
                let mut cell = Cell::new(
                    if is_recent {
                        Standing::Met
                    } else {
                        Standing::NotMet
                    },
                    format!(
                        "{} rows restored out of {} and proven on {}.",
                        last.rows,
                        last.region,
                        last.at.strftime("%Y-%m-%d")
                    ),
                );
                cell.run = Some(last.run.clone());
                cell
            }
        }
    }

    /// On a day on which nothing was made, copies show nothing: whether that was wrong is the schedule's to say.
    fn none_made(&self, counts: Counts, end: Timestamp) -> Option<Cell> {
        if counts.made() > 0 {
            return None;
        }
        let standing = if counts.missed + counts.partial > 0 {
            Standing::NotMet
        } else if end > self.now {
            Standing::Open
        } else {
            Standing::NotRequired
        };
        Some(Cell::new(standing, "No recovery point was made."))
    }

    /// A day that is not over has met nothing yet.
    fn of_a_day(&self, standing: Standing, end: Timestamp) -> Standing {
        if end > self.now {
            standing.worse(Standing::Open)
        } else {
            standing
        }
    }

    /// The policy's Regions but the source's own.
    fn other_regions(&self) -> impl Iterator<Item = &Region> {
        self.policy
            .regions
            .iter()
            .skip(1)
            .map(|expected| &expected.region)
    }
}

fn counts(lane: Option<&Lane>, begin: Timestamp, end: Timestamp) -> Counts {
    let marks = lane.map_or(&[][..], |lane| &lane.marks);
    let first = marks.partition_point(|mark| mark.at < begin);
    let last = marks.partition_point(|mark| mark.at < end);
    Counts::of(marks[first..last].iter())
}

/// A span in the largest unit that it is whole multiples of: `hour`, `90 minutes`.
fn span(seconds: i64) -> String {
    let units = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
    let whole = units.into_iter().find(|(unit, _)| seconds % unit == 0);
    let (unit, name) = whole.unwrap_or((1, "second"));
    match seconds / unit {
        1 => name.to_owned(),
        count => format!("{count} {name}s"),
    }
}

/// When a day begins (UTC).
pub fn start_of(day: Date) -> Timestamp {
    day.to_zoned(TimeZone::UTC)
        .map_or(Timestamp::MAX, |zoned| zoned.timestamp())
}
