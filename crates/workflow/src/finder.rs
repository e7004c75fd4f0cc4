//! Finding a source, a recovery point or a restore by what somebody remembers of its name.

use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use recovery::glance::Glance;
use recovery::ids::{RecoveryPointId, RunId, SourceId};
use recovery::run::Run;

use crate::Workflow;
use crate::control::{Key, Listing};
use crate::error::Result;
use crate::query::RunQuery;

/// Of each kind, so many are found.
const FOUND_MAX: usize = 8;

/// Sources whose recovery points are looked at.
const SOURCES_LOOKED_AT: usize = 5;

/// Recovery points of a source that are looked at, the newest first: eight days of hourly ones.
const POINTS_LOOKED_AT: usize = 200;

/// Restores that are looked at, the newest first.
const RUNS_LOOKED_AT: usize = 50;

/// The longest text that is searched for, characters.
const TEXT_MAX: usize = 200;

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Sources, by name.
    pub sources: Vec<SourceId>,
    /// Recovery points with their source, the newest of each source first.
    pub points: Vec<(SourceId, Glance)>,
    /// Restores, newest first.
    pub runs: Vec<Run>,
}

impl Workflow {
    /// What contains every word of `text`: names of sources; labels and times of their recovery points; ids, sources and
    /// tables of restores. Whole ids, and times of labels, are found however old they are; of the rest, the newest are looked at.
    pub async fn find(&self, text: &str) -> Result<Found> {
        let text: String = text.chars().take(TEXT_MAX).collect::<String>().to_lowercase();
        let words: Vec<&str> = text.split_whitespace().collect();
        if words.is_empty() {
            return Ok(Found::default());
        }
        let sources = self.source_ids().await?;
        let (points, runs) = futures::try_join!(self.find_points(&words, &sources), self.find_runs(&words))?;
        Ok(Found {
            sources: sources
                .into_iter()
                .filter(|source| contains(&source.as_str().to_lowercase(), &words))
                .take(FOUND_MAX)
                .collect(),
            points,
            runs,
        })
    }

    async fn find_points(&self, words: &[&str], sources: &[SourceId]) -> Result<Vec<(SourceId, Glance)>> {
        let catalogue = &self.shared.catalogue;
        if let [id] = words
            && let Ok(id) = id.parse::<RecoveryPointId>()
            && let Some(record) = catalogue.entry(&id).await?
        {
            let point = record.value.point;
            return Ok(vec![(point.source.clone(), Glance::of(&point))]);
        }
        let is_meant = |source: &&SourceId| {
            let name = source.as_str().to_lowercase();
            let label = name.replace('.', "-");
            words
                .iter()
                .any(|word| name.contains(word) || word.starts_with(&format!("{label}-")))
        };
        let meant: Vec<SourceId> = sources
            .iter()
            .filter(is_meant)
            .take(SOURCES_LOOKED_AT)
            .cloned()
            .collect();
        let (from, to) = words
            .iter()
            .find_map(|word| label_times(word))
            .map_or((None, None), |(from, to)| (Some(from), Some(to)));
        let mut found = Vec::new();
        let pages: Vec<(SourceId, Vec<Glance>)> = stream::iter(meant)
            .map(|source| async move {
                let page = catalogue
                    .briefs(&source, from, to, None, Some(POINTS_LOOKED_AT))
                    .await?;
                let glances = page.items.into_iter().map(|(_, brief)| brief.glance).collect();
                Ok::<_, crate::Error>((source, glances))
            })
            .buffered(SOURCES_LOOKED_AT)
            .try_collect()
            .await?;
        for (source, glances) in pages {
            let matching = glances
                .into_iter()
                .filter(|glance| contains(&told(&source, glance), words));
            found.extend(matching.take(FOUND_MAX).map(|glance| (source.clone(), glance)));
        }
        found.truncate(FOUND_MAX);
        Ok(found)
    }

    async fn find_runs(&self, words: &[&str]) -> Result<Vec<Run>> {
        if let [id] = words
            && id.starts_with("r-")
        {
            let listing = Listing::all(Key::RUNS)
                .begins_with(*id)
                .newest_first()
                .limit(FOUND_MAX);
            let (rows, _) = self.shared.control.page(&listing, None).await?;
            let ids: Vec<RunId> = rows.iter().filter_map(|row| row.sk.parse().ok()).collect();
            return stream::iter(ids)
                .map(|id| async move { self.run(&id).await })
                .buffered(FOUND_MAX)
                .try_collect()
                .await;
        }
        let query = RunQuery {
            limit: Some(RUNS_LOOKED_AT),
            ..RunQuery::default()
        };
        let runs = self.runs(&query).await?.items;
        Ok(runs
            .into_iter()
            .filter(|run| contains(&told_of_run(run), words))
            .take(FOUND_MAX)
            .collect())
    }
}

fn contains(text: &str, words: &[&str]) -> bool {
    words.iter().all(|word| text.contains(word))
}

/// What a recovery point is searched in.
fn told(source: &SourceId, glance: &Glance) -> String {
    let at = glance.created_at.strftime("%Y-%m-%d %H:%M %-d %b");
    format!("{} {source} {at} {}", glance.id, glance.state.name()).to_lowercase()
}

fn told_of_run(run: &Run) -> String {
    let source = run.source.as_ref().map(ToString::to_string).unwrap_or_default();
    let tables: Vec<String> = run
        .tables
        .iter()
        .map(|table| format!("{} {}", table.source, table.target))
        .collect();
    format!(
        "{} {source} {} {} {}",
        run.run_id,
        tables.join(" "),
        run.target_region,
        run.requested_by
    )
    .to_lowercase()
}

/// The times that a label, or the begin of one, leaves open: `tvshows-20261120t08` is an hour.
fn label_times(word: &str) -> Option<(Timestamp, Timestamp)> {
    const FULL: &str = "00000101t000000z";
    const LAST: &str = "99991231t235959z";
    let is_time = |part: &&str| {
        part.len() >= 8 && part.len() <= FULL.len() && part[..8].bytes().all(|b| b.is_ascii_digit())
    };
    let part = word.split('-').find(is_time)?;
    let at = |rest: &str| {
        let text = format!("{part}{}", &rest[part.len()..]);
        let time = DateTime::strptime("%Y%m%dt%H%M%Sz", text).ok()?;
        Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp())
    };
    let to = at(LAST)?.checked_add(jiff::SignedDuration::from_secs(1)).ok()?;
    Some((at(FULL)?, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_begin_of_a_label_tells_its_times() {
        let times = |word: &str| label_times(word).map(|(from, to)| format!("{from} {to}"));
        assert_eq!(
            times("tvshows-20261120").as_deref(),
            Some("2026-11-20T00:00:00Z 2026-11-21T00:00:00Z")
        );
        assert_eq!(
            times("tv-shows-20261120t08").as_deref(),
            Some("2026-11-20T08:00:00Z 2026-11-20T09:00:00Z")
        );
        assert_eq!(
            times("tvshows-20261120t080000z-3f").as_deref(),
            Some("2026-11-20T08:00:00Z 2026-11-20T08:00:01Z")
        );
        for other in [
            "tvshows", "tvshows-2026", "20269999", "r-01jd3k0000000000", "20261120é",
        ] {
            assert_eq!(times(other), None, "{other}");
        }
    }
}
