//! The report of one source.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use recovery::compliance::{DAYS_MAX, Material, Report, Restored, report, start_of};
use recovery::ids::SourceId;
use recovery::source::Source;
use recovery::timeline::Lane;

use super::observed::day;
use crate::Workflow;
use crate::error::{Error, Result};
use crate::query::{PAGE_LIMIT_MAX, RunQuery, RunState};

/// Days whose recovery points are read together: so many that they are read whole even where one is made every few minutes.
const DAYS_AT_A_TIME: i64 = 7;

impl Workflow {
    /// How the controls of a source stood on each of `days` days, the last of them `last` or today;
    /// [`crate::Error::NotFound`].
    pub async fn compliance(&self, id: &SourceId, days: usize, last: Option<Date>) -> Result<Report> {
        let source = self.shared.catalogue.source(id).await?;
        let now = self.now();
        let today = day(now);
        let last = last.unwrap_or(today);
        if days == 0 || days > DAYS_MAX {
            return Err(Error::Invalid(format!(
                "a compliance report of {days} days: it may have 1 to {DAYS_MAX}"
            )));
        }
        if last > today {
            return Err(Error::Invalid(format!(
                "a compliance report until {last}: the newest day is {today} (UTC)"
            )));
        }
        let before = i64::try_from(days - 1).unwrap_or(i64::MAX);
        let first = last.checked_sub(before.days()).map_err(|_| {
            Error::Invalid(format!(
                "a compliance report of {days} days until {last}: it begins before time does"
            ))
        })?;
        let policy = self.policy_of(id);
        let tested = SignedDuration::from_hours(24 * i64::from(policy.restore_test_days));
        let since = start_of(first).saturating_sub(tested).unwrap_or(Timestamp::MIN);
        Ok(report(&Material {
            source: id,
            policy: &policy,
            since: source.expected.first().map(|expected| expected.since),
            days: (first, last),
            lanes: &self.lanes_of(&source, first, last).await?,
            settings: &self.observed(id, first, last).await?,
            restored: &self.restored(id, since).await?,
            now,
        }))
    }

    /// A source's lanes over whole days.
    async fn lanes_of(&self, source: &Source, first: Date, last: Date) -> Result<Vec<Lane>> {
        let end = start_of(last.tomorrow().unwrap_or(last)).min(self.now());
        let mut lanes: Vec<Lane> = Vec::new();
        let mut from = start_of(first);
        while from < end {
            let span = SignedDuration::from_hours(24 * DAYS_AT_A_TIME);
            let to = from.saturating_add(span).unwrap_or(end).min(end);
            for timeline in self.timelines_of(vec![source.clone()], from, to).await? {
                for mut lane in timeline.lanes {
                    // What was made at the very end belongs to the next days.
                    lane.marks.retain(|mark| mark.at < to);
                    match lanes.iter_mut().find(|known| known.region == lane.region) {
                        Some(known) => known.marks.extend(lane.marks),
                        None => lanes.push(lane),
                    }
                }
            }
            from = to;
        }
        Ok(lanes)
    }

    /// The proven restores of a source that were asked for at or after `since`.
    async fn restored(&self, source: &SourceId, since: Timestamp) -> Result<Vec<Restored>> {
        let mut query = RunQuery {
            state: Some(RunState::Proven),
            cursor: None,
            limit: Some(PAGE_LIMIT_MAX),
        };
        let mut restored = Vec::new();
        loop {
            let page = self.runs(&query).await?;
            let is_older = page.items.iter().any(|run| run.requested_at < since);
            for run in page.items {
                if run.source.as_ref() != Some(source) {
                    continue;
                }
                if let Some(at) = run.ended_at {
                    restored.push(Restored {
                        rows: run.tables.iter().map(recovery::run::TableRun::rows_proven).sum(),
                        run: run.run_id,
                        at,
                        region: run.region,
                    });
                }
            }
            query.cursor = page.next_cursor;
            if is_older || query.cursor.is_none() {
                return Ok(restored);
            }
        }
    }
}
