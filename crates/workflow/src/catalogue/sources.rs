//! Sources with both RPOs per Region.

use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use recovery::ids::{RecoveryPointId, Region, SourceId};
use recovery::rpo::rpo;
use recovery::source::{RegionRpo, Source, SourceSummary};

use crate::Workflow;
use crate::error::Result;

/// Recovery points that are looked at in search of the newest restorable ones: what is older is not within any
/// target, and a Region without any is shown as having none.
const EXAMINED_MAX: usize = 2_000;

/// Recovery points that are read at a time.
const READ_AT_A_TIME: usize = 20;

/// Sources that are read at once.
pub(super) const SOURCES_AT_ONCE: usize = 8;

impl Workflow {
    /// Every source with both RPOs per Region, by name.
    pub async fn sources(&self) -> Result<Vec<SourceSummary>> {
        let sources = self.shared.catalogue.sources().await?;
        stream::iter(sources)
            .map(|source| self.summary(source))
            .buffered(SOURCES_AT_ONCE)
            .try_collect()
            .await
    }

    /// One source; [`crate::Error::NotFound`].
    pub async fn source(&self, id: &SourceId) -> Result<SourceSummary> {
        self.summary(self.shared.catalogue.source(id).await?).await
    }

    /// A source's figures now.
    pub(super) async fn summary(&self, source: Source) -> Result<SourceSummary> {
        let now = self.now();
        let regions = self.regions_of(&source);
        let mut newest: Option<(RecoveryPointId, Timestamp)> = None;
        let mut restorable: Vec<Option<(RecoveryPointId, Timestamp)>> = vec![None; regions.len()];
        let mut after: Option<String> = None;
        let mut examined = 0;
        while examined < EXAMINED_MAX && (newest.is_none() || restorable.iter().any(Option::is_none)) {
            let page = self
                .shared
                .catalogue
                .page(&source.id, None, None, after.as_deref(), READ_AT_A_TIME)
                .await?;
            for (_, entry) in &page.entries {
                let point = &entry.point;
                let found = || Some((point.id.clone(), point.created_at));
                if newest.is_none() && point.state.is_held() {
                    newest = found();
                }
                for (region, restorable) in regions.iter().zip(&mut restorable) {
                    let is_restorable = point
                        .copy_in(region)
                        .is_some_and(|copy| copy.verdict.is_restorable());
                    if restorable.is_none() && is_restorable {
                        *restorable = found();
                    }
                }
            }
            examined += page.entries.len();
            after = page.entries.last().map(|(sk, _)| sk.clone());
            if page.next.is_none() || after.is_none() {
                break;
            }
        }
        let policy = self.policy_of(&source.id);
        let newest_at = newest.as_ref().map(|(_, at)| *at);
        Ok(SourceSummary {
            newest_recovery_point: newest.map(|(id, _)| id),
            regions: regions
                .into_iter()
                .zip(restorable)
                .map(|(region, restorable)| RegionRpo {
                    is_home: region == source.region,
                    rpo: rpo(
                        newest_at,
                        restorable.as_ref().map(|(_, at)| *at),
                        policy.rpo_target(&region),
                        now,
                    ),
                    newest_restorable_at: restorable.as_ref().map(|(_, at)| *at),
                    newest_restorable: restorable.map(|(id, _)| id),
                    region,
                })
                .collect(),
            source,
        })
    }

    /// The Regions that must hold copies of a source, its own first. One that the settings do not name is left out, unless
    /// there is no other: a source that is known from evidence may have run anywhere.
    pub(super) fn regions_of(&self, source: &Source) -> Vec<Region> {
        let policy = self.policy_of(&source.id);
        let expected = policy.regions.iter().map(|expected| &expected.region);
        let configured: Vec<Region> = expected
            .clone()
            .filter(|region| self.settings().regions.contains(region))
            .cloned()
            .collect();
        if configured.is_empty() {
            expected.cloned().collect()
        } else {
            configured
        }
    }
}
