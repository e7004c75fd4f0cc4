//! What is wrong with all sources together. Where there are many, it is looked at now and then, not for each reader.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use recovery::situation::{Situation, situation};
use recovery::source::SourceSummary;
use tokio::sync::Mutex;

use crate::Workflow;
use crate::error::Result;

/// How far back the situation looks.
const LOOKS_BACK: SignedDuration = SignedDuration::from_hours(24);

/// So many sources are looked at anew for each reader.
const FEW: usize = 20;

/// What is seen of more is shown for so many times as long as looking took: it takes a twentieth of one core at most.
const SHOWN_FOR: u32 = 20;

/// Remarks that are kept; the others are counted.
const REMARKS_MAX: usize = 100;

/// What was last seen.
#[derive(Debug, Default)]
pub(crate) struct SeenOverview {
    seen: std::sync::Mutex<Option<Seen>>,
    /// Held by whoever looks.
    looking: Arc<Mutex<()>>,
}

#[derive(Clone, Debug)]
pub(super) struct Seen {
    situation: Arc<Situation>,
    /// By name.
    pub(super) sources: Arc<[SourceSummary]>,
    /// When it was so.
    pub(super) now: Timestamp,
    at: Instant,
    took: Duration,
}

impl Seen {
    fn is_stale(&self) -> bool {
        self.sources.len() <= FEW || self.at.elapsed() > self.took * SHOWN_FOR
    }
}

impl SeenOverview {
    fn last(&self) -> Option<Seen> {
        let seen = self.seen.lock();
        seen.unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    fn keep(&self, seen: Seen) {
        let mut last = self
            .seen
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        *last = Some(seen);
    }
}

impl Workflow {
    /// What is wrong with all sources, over the last day. Where there are many, what was seen a moment ago is answered, and
    /// they are looked at again meanwhile.
    pub async fn situation(&self) -> Result<Situation> {
        Ok((*self.seen().await?.situation).clone())
    }

    /// What was last seen of all sources, or is seen now.
    pub(super) async fn seen(&self) -> Result<Seen> {
        let overview = &self.shared.overview;
        if let Some(seen) = overview.last()
            && seen.sources.len() > FEW
        {
            if seen.is_stale()
                && let Ok(looking) = Arc::clone(&overview.looking).try_lock_owned()
            {
                let workflow = self.clone();
                tokio::spawn(async move {
                    if let Err(error) = workflow.look().await {
                        tracing::warn!(%error, "the sources could not be looked at");
                    }
                    drop(looking);
                });
            }
            return Ok(seen);
        }
        let _looking = overview.looking.lock().await;
        self.look().await
    }

    /// Looks at all sources, unless that was done a moment ago, and keeps their figures for the metrics.
    pub(crate) async fn look_at_all(&self) -> Result<()> {
        let overview = &self.shared.overview;
        let _looking = overview.looking.lock().await;
        if overview.last().is_none_or(|seen| seen.is_stale()) {
            self.look().await?;
        }
        Ok(())
    }

    async fn look(&self) -> Result<Seen> {
        let (began, now) = (Instant::now(), self.now());
        let timelines = self
            .timelines(now.saturating_sub(LOOKS_BACK).unwrap_or(now), now)
            .await?;
        let situation = situation(&timelines).shortened(REMARKS_MAX);
        let figures: Vec<SourceSummary> = timelines.into_iter().map(|timeline| timeline.source).collect();
        self.shared.meter.rpo(&figures);
        let seen = Seen {
            situation: Arc::new(situation),
            sources: figures.into(),
            now,
            at: Instant::now(),
            took: began.elapsed(),
        };
        self.shared.overview.keep(seen.clone());
        Ok(seen)
    }
}
