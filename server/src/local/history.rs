//! A day of hourly backups, made by the product's own pipeline under the held clock of the embedded AWS.
//!
//! Nothing is written into the catalogue by hand: each hour, AWS Backup makes its recovery points, the reconciler
//! finds them, RDS exports them, S3 replicates the exports, and the reconciler checks every copy. It is not all
//! green: a backup is missed, a replica lacks an object, an object differs, and at the end one export still runs
//! and one replica has not arrived.

use std::path::PathBuf;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use local_aws::s3::Content;
use recovery::ids::Region;
use recovery::point::{RecoveryPoint, State};
use tokio::sync::watch;
use workflow::{PointQuery, Workflow};

use super::Setup;
use super::cloud::{self, EXPORT_DURATION, EmbeddedCloud, REPLICATION_DELAY};
use super::marker::{Marker, Outage};
use super::sources::Sources;
use crate::cli::{Output, progress};
use crate::failure::{Failure, Result};
use crate::serve::Readiness;

const HOUR: SignedDuration = SignedDuration::from_hours(1);
/// An hour whose copies are not all judged after this many passes is a fault.
const PASSES_MAX: usize = 12;
/// The export that still runs when history ends goes on for this long.
const EXPORT_HELD_FOR: SignedDuration = SignedDuration::from_mins(5);
/// The replica that has not arrived when history ends arrives after this long.
const OUTAGE_FOR: SignedDuration = SignedDuration::from_mins(10);

/// What goes wrong in an hour, counted from the last one (1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// The backup of the first source is missed.
    Missed,
    /// A replica of the last source lacks an object.
    Missing,
    /// A replica of the first source has an object that differs.
    Differing,
    /// The export of the first source still runs, a replica of the last source has not arrived.
    Unfinished,
}

/// A history that is to be made.
#[derive(Debug)]
pub struct History {
    times: Vec<Timestamp>,
    data_dir: PathBuf,
}

impl History {
    /// The history that a data folder lacks; what an earlier start left half is cleared away.
    pub fn plan(marker: &Marker, setup: &Setup) -> Result<Option<Self>> {
        let folder = cloud::folder(&setup.data_dir);
        let is_used = folder
            .read_dir()
            .is_ok_and(|mut entries| entries.next().is_some());
        let wanted = match marker {
            Marker::Made { .. } => false,
            Marker::Making => {
                tracing::info!("the last start was ended while it made history; it is made again");
                std::fs::remove_dir_all(&folder)
                    .or_else(|error| match error.kind() {
                        std::io::ErrorKind::NotFound => Ok(()),
                        _ => Err(error),
                    })
                    .map_err(|error| Failure::file("Clearing", &folder, &error))?;
                setup.mysql.is_none()
            }
            // A folder that `data-restore local-aws` was used with holds somebody's work: nothing is invented there.
            Marker::Absent => setup.mysql.is_none() && !is_used,
        };
        if !wanted {
            if !matches!(marker, Marker::Made { .. }) {
                Marker::Made {
                    at: Timestamp::now(),
                    outage: None,
                }
                .write(&setup.data_dir)?;
            }
            return Ok(None);
        }
        Marker::Making.write(&setup.data_dir)?;
        Ok(Some(Self {
            times: times(Timestamp::now(), setup.history_hours),
            data_dir: setup.data_dir.clone(),
        }))
    }

    /// Where the embedded clock stands first: before the first backup is due.
    pub fn begins_at(&self) -> Timestamp {
        self.times
            .first()
            .map_or_else(Timestamp::now, |first| *first - HOUR)
    }

    /// Makes it, and leaves the clock held at the machine's time.
    pub async fn make(
        self,
        embedded: &EmbeddedCloud,
        workflow: &Workflow,
        sources: &Sources,
        ready: &watch::Sender<Readiness>,
        output: &Output,
    ) -> Result<()> {
        let began = std::time::Instant::now();
        let hours = self.times.len();
        let bar = progress::steps(output, "Making a day of backups", hours);
        sources.back_up(embedded, Duration::from_hours(1), false)?;
        for (index, at) in self.times.iter().enumerate() {
            ready.send_replace(Readiness::Preparing(format!(
                "making history, hour {} of {hours}",
                index + 1
            )));
            let fault = fault(hours - index, hours);
            Making {
                embedded,
                workflow,
                sources,
                at: *at,
                fault,
            }
            .hour()
            .await?;
            bar.step();
        }
        bar.end();
        let now = Timestamp::now();
        embedded.clock().advance_to(now);
        let outage = (fault(1, hours) == Some(Fault::Unfinished)).then(|| Outage {
            region: late_region(embedded).to_string(),
            until: now + OUTAGE_FOR,
        });
        Marker::Made { at: now, outage }.write(&self.data_dir)?;
        tracing::info!(hours, seconds = began.elapsed().as_secs_f64(), "history is made");
        Ok(())
    }
}

/// One whole hour each, as AWS Backup's `cron(0 * …)` makes them, the last at least a minute ago.
fn times(now: Timestamp, hours: u16) -> Vec<Timestamp> {
    let latest = now.as_second() - 60;
    let last = Timestamp::from_second(latest - latest.rem_euclid(3600)).unwrap_or(now);
    (0..i64::from(hours))
        .rev()
        .map(|back| last - SignedDuration::from_hours(back))
        .collect()
}

/// What goes wrong in the hour that is `from_end` hours from the end of `hours`.
fn fault(from_end: usize, hours: usize) -> Option<Fault> {
    match from_end {
        1 if hours > 1 => Some(Fault::Unfinished),
        5 => Some(Fault::Differing),
        7 => Some(Fault::Missing),
        // The first hour's backup is never the missed one: nothing would say that it was due.
        10 if hours > 10 => Some(Fault::Missed),
        _ => None,
    }
}

/// The Region whose replica is late at the end: the last one.
fn late_region(embedded: &EmbeddedCloud) -> &Region {
    embedded.regions().last().unwrap_or(&embedded.regions()[0])
}

/// One hour being made.
struct Making<'a> {
    embedded: &'a EmbeddedCloud,
    workflow: &'a Workflow,
    sources: &'a Sources,
    at: Timestamp,
    fault: Option<Fault>,
}

impl Making<'_> {
    async fn hour(&self) -> Result<()> {
        let (clock, control) = (self.embedded.clock(), self.embedded.aws().control());
        clock.advance_to(self.at);
        let first = self.sources.ids().next().unwrap_or_default();
        match self.fault {
            Some(Fault::Missed) => control.faults().skip_next_backup(first),
            Some(Fault::Unfinished) => {
                let until_now = Timestamp::now().duration_since(self.at);
                control
                    .faults()
                    .hold_next_export(first, until_now + EXPORT_HELD_FOR);
                let region = late_region(self.embedded);
                self.embedded
                    .aws()
                    .s3()
                    .set_replication_outage(region.as_str(), true)
                    .await
                    .map_err(|error| self.failed("holding replication back", &error))?;
            }
            Some(Fault::Missing | Fault::Differing) | None => {}
        }
        self.run_due().await?;
        for pass in 0..PASSES_MAX {
            self.reconcile().await?;
            self.pass(EXPORT_DURATION).await?;
            self.pass(REPLICATION_DELAY).await?;
            if pass == 0 {
                self.damage().await?;
            }
            self.reconcile().await?;
            if self.is_settled().await? {
                return Ok(());
            }
        }
        Err(Failure::new(
            "history",
            format!(
                "Making history failed: the backups of {} were not judged after {PASSES_MAX} passes",
                self.at
            ),
        )
        .hint("The logs say why. Remove the data folder to begin anew, or name another one with --data-dir."))
    }

    /// Lets `time` pass in the embedded AWS, and everything happen that is due then.
    async fn pass(&self, time: Duration) -> Result<()> {
        let time = SignedDuration::try_from(time).unwrap_or_default() + SignedDuration::from_secs(1);
        self.embedded.clock().advance(time);
        self.run_due().await
    }

    async fn run_due(&self) -> Result<()> {
        let aws = self.embedded.aws();
        aws.control()
            .run_due()
            .await
            .map_err(|error| self.failed("backing up and exporting", &error))?;
        aws.s3()
            .replicate_due()
            .await
            .map(|_| ())
            .map_err(|error| self.failed("replicating", &error))
    }

    async fn reconcile(&self) -> Result<()> {
        loop {
            let events = self.workflow.consume_events().await?;
            if events.received == 0 {
                break;
            }
        }
        let done = self.workflow.reconcile().await?;
        for error in &done.errors {
            tracing::warn!(error, "a step of the pipeline failed while history was made");
        }
        Ok(())
    }

    /// The recovery points of this hour.
    async fn points(&self) -> Result<Vec<RecoveryPoint>> {
        let query = PointQuery {
            from: Some(self.at),
            ..PointQuery::default()
        };
        Ok(self.workflow.recovery_points(&query).await?.items)
    }

    async fn is_settled(&self) -> Result<bool> {
        let points = self.points().await?;
        let missed = usize::from(self.fault == Some(Fault::Missed));
        let expected = self.sources.ids().count() - missed;
        let settled = points.iter().filter(|point| {
            matches!(point.state, State::Verified | State::Incomplete)
                || (self.fault == Some(Fault::Unfinished)
                    && matches!(point.state, State::Exporting | State::Replicating))
        });
        Ok(settled.count() >= expected)
    }

    /// Harms a replica, as a person or a fault of a disk might.
    async fn damage(&self) -> Result<()> {
        let (source, region) = match self.fault {
            Some(Fault::Missing) => (self.sources.ids().last(), self.embedded.regions().get(1)),
            Some(Fault::Differing) => (self.sources.ids().next(), self.embedded.regions().last()),
            Some(Fault::Missed | Fault::Unfinished) | None => return Ok(()),
        };
        let (Some(source), Some(region)) = (source, region) else {
            return Ok(());
        };
        let points = self.points().await?;
        let point = points.iter().find(|point| point.source.as_str() == source);
        let (Some(point), Some(bucket)) = (point, self.workflow.settings().buckets.get(region)) else {
            return Ok(());
        };
        let s3 = self.embedded.aws().s3();
        let (home, region, bucket) = (
            self.embedded.home().as_str(),
            region.as_str(),
            bucket.name.as_str(),
        );
        let prefix = format!("{}/{}/", self.workflow.settings().prefix, point.id);
        let failed = |error| self.failed("harming a replica", &error);
        let objects = s3.list(home, region, bucket, &prefix).await.map_err(failed)?;
        let Some(object) = objects.iter().find(|object| object.key.ends_with(".parquet")) else {
            return Ok(());
        };
        if self.fault == Some(Fault::Missing) {
            return s3.delete(home, region, bucket, &object.key).await.map_err(failed);
        }
        let mut content = s3
            .get(home, region, bucket, &object.key)
            .await
            .map_err(failed)?
            .to_vec();
        let middle = content.len() / 2;
        if let Some(byte) = content.get_mut(middle) {
            *byte ^= 0x20;
        }
        s3.put_file(home, region, bucket, &object.key, Content::Bytes(content.into()))
            .await
            .map(|_| ())
            .map_err(failed)
    }

    fn failed(&self, what: &str, error: &dyn std::fmt::Display) -> Failure {
        Failure::new(
            "history",
            format!("Making history failed at {}, {what}: {error}", self.at),
        )
        .hint("Remove the data folder to begin anew, or name another one with --data-dir.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backups_stand_at_whole_hours_and_none_lies_in_the_future() {
        let now: Timestamp = "2026-11-20T10:00:30Z".parse().unwrap();
        let hours: Vec<String> = times(now, 3).iter().map(ToString::to_string).collect();
        assert_eq!(
            hours,
            [
                "2026-11-20T07:00:00Z", "2026-11-20T08:00:00Z", "2026-11-20T09:00:00Z"
            ]
        );
    }

    #[test]
    fn a_day_holds_every_fault_and_a_short_history_something_restorable() {
        let faults = |hours: usize| {
            (1..=hours)
                .filter_map(|from_end| fault(from_end, hours))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            faults(24),
            [Fault::Unfinished, Fault::Differing, Fault::Missing, Fault::Missed]
        );
        assert_eq!(faults(2), [Fault::Unfinished]);
        assert_eq!(faults(1), []);
    }
}
