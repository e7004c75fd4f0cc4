//! What could be restored when: every source's lanes over a window of time.

use futures::{StreamExt, TryStreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use recovery::point::RecoveryPoint;
use recovery::source::{Source, SourceTimeline};
use recovery::timeline::{Lane, lane};

use super::sources::SOURCES_AT_ONCE;
use crate::Workflow;
use crate::error::{Error, Result};

/// Recovery points of one source in one window: the newest so many are shown.
const POINTS_MAX: usize = 5_000;

impl Workflow {
    /// Every source's lanes between `from` and `to`.
    pub async fn timelines(&self, from: Timestamp, to: Timestamp) -> Result<Vec<SourceTimeline>> {
        if to <= from {
            return Err(Error::Invalid(format!(
                "a window from {from} to {to} holds no time"
            )));
        }
        let sources = self.shared.catalogue.sources().await?;
        stream::iter(sources)
            .map(|source| self.timeline(source, from, to))
            .buffered(SOURCES_AT_ONCE)
            .try_collect()
            .await
    }

    async fn timeline(&self, source: Source, from: Timestamp, to: Timestamp) -> Result<SourceTimeline> {
        let now = self.now();
        // What lies before the window decides which band and which due time it begins with.
        let longest = source
            .expected
            .iter()
            .map(|expected| expected.schedule.interval_seconds)
            .max();
        let interval = SignedDuration::from_secs(longest.unwrap_or(source.interval_seconds).max(1));
        let lead = from.saturating_sub(interval.saturating_mul(3)).unwrap_or(from);
        let entries = self
            .shared
            .catalogue
            .between(&source.id, lead, to, POINTS_MAX)
            .await?;
        let points: Vec<RecoveryPoint> = entries.into_iter().map(|entry| entry.point).collect();
        let lanes = self
            .regions_of(&source)
            .iter()
            .map(|region| clip(lane(region, &points, &source.expected, from, now.min(to)), from))
            .collect();
        Ok(SourceTimeline {
            source: self.summary(source).await?,
            lanes,
            from,
            to,
            now,
        })
    }
}

/// The part of a lane that begins at `from`.
fn clip(mut lane: Lane, from: Timestamp) -> Lane {
    lane.marks.retain(|mark| mark.at >= from);
    lane.bands.retain_mut(|band| {
        band.from = band.from.max(from);
        band.from < band.to
    });
    lane
}

#[cfg(test)]
mod tests {
    use recovery::timeline::Band;

    use super::*;

    #[test]
    fn a_band_that_began_before_the_window_begins_with_it() {
        let at = |hour: i64| Timestamp::from_second(hour * 3600).unwrap();
        let lane = Lane {
            region: "us-east-1".parse().unwrap(),
            marks: Vec::new(),
            bands: vec![
                Band {
                    from: at(1),
                    to: at(2),
                },
                Band {
                    from: at(2),
                    to: at(5),
                },
            ],
        };
        assert_eq!(
            clip(lane, at(3)).bands,
            [Band {
                from: at(3),
                to: at(5)
            }]
        );
    }
}
