//! What could be restored when: every source's lanes over a window of time.

use futures::{StreamExt, TryStreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use recovery::glance::Glance;
use recovery::page::Page;
use recovery::source::{Source, SourceTimeline};
use recovery::timeline::{Lane, lane};

use super::newest::Newest;
use super::sources::SOURCES_AT_ONCE;
use crate::Workflow;
use crate::error::{Error, Result};
use crate::query::SourceQuery;

/// Recovery points of one source in one window: the newest so many are shown.
const POINTS_MAX: usize = 5_000;

impl Workflow {
    /// Every source's lanes between `from` and `to`.
    pub async fn timelines(&self, from: Timestamp, to: Timestamp) -> Result<Vec<SourceTimeline>> {
        self.timelines_of(self.shared.catalogue.sources().await?, from, to)
            .await
    }

    /// The same of a page of sources, by name.
    pub async fn timeline_page(
        &self,
        from: Timestamp,
        to: Timestamp,
        query: &SourceQuery,
    ) -> Result<Page<SourceTimeline>> {
        let (sources, next_cursor) = self.listed_sources(query).await?;
        Ok(Page {
            items: self.timelines_of(sources, from, to).await?,
            next_cursor,
        })
    }

    pub(crate) async fn timelines_of(
        &self,
        sources: Vec<Source>,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<SourceTimeline>> {
        if to <= from {
            return Err(Error::Invalid(format!(
                "a window from {from} to {to} holds no time"
            )));
        }
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
        // Times in keys have no fractions, and what was made at `to` belongs to the window.
        let end = to.saturating_add(SignedDuration::from_secs(1)).unwrap_or(to);
        let regions = self.regions_of(&source);
        let mut newest = Newest::new(regions.clone());
        let mut seen: Vec<Glance> = Vec::new();
        let mut after: Option<String> = None;
        while seen.len() < POINTS_MAX {
            let page = self
                .shared
                .catalogue
                .briefs(&source.id, Some(lead), Some(end), after.as_deref(), None)
                .await?;
            after = page.items.last().map(|(sk, _)| sk.clone()).or(after);
            let has_more = page.next().is_some();
            seen.extend(page.items.into_iter().map(|(_, brief)| brief.glance));
            if !has_more {
                break;
            }
        }
        // What is newer than a window of the past counts for the figures too.
        let is_current = to >= now;
        if is_current {
            for glance in &seen {
                newest.note(glance);
            }
        }
        seen.truncate(POINTS_MAX);
        seen.reverse();
        let lanes = regions
            .iter()
            .map(|region| clip(lane(region, &seen, &source.expected, from, now.min(to)), from))
            .collect();
        Ok(SourceTimeline {
            source: self
                .summary_from(source, newest, after.filter(|_| is_current))
                .await?,
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
            unreachable_since: None,
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
