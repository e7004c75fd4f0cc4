//! What a query of recovery points asks for: its filter read, and what need not be read at all because of it.

use std::collections::BTreeSet;

use jiff::Timestamp;
use recovery::filter::{Filter, FilterError, Operator, POINTS, PointFacts, Sort};
use recovery::ids::SourceId;
use recovery::point::{RecoveryPoint, State};

use super::PointEntry;
use super::store::Catalogue;
use crate::Workflow;
use crate::error::{Error, Result};
use crate::query::PointQuery;

/// Sources that a refused filter names as possible.
const NAMED_MAX: usize = 20;

/// A query, made ready.
#[derive(Debug)]
pub(super) struct Wanted {
    /// The sources that it may be of, by name.
    pub(super) sources: Vec<SourceId>,
    /// Made at or after.
    pub(super) from: Option<Timestamp>,
    /// Made before.
    pub(super) to: Option<Timestamp>,
    /// What it is sorted by, where that is not the newest first.
    pub(super) sort: Option<Sort>,
    state: Option<State>,
    filter: Option<Filter>,
    now: Timestamp,
}

impl Workflow {
    /// Reads a query; refuses a filter or an order that is not understood.
    pub(super) async fn wanted(&self, query: &PointQuery) -> Result<Wanted> {
        let filter = query.filter.as_deref().filter(|text| !text.trim().is_empty());
        let filter = filter.map(|text| Filter::parse(text, &POINTS)).transpose()?;
        let sort = query
            .sort
            .as_deref()
            .filter(|text| !matches!(*text, "" | "-made"));
        let sort = sort
            .map(|text| Sort::parse(text, &POINTS))
            .transpose()
            .map_err(|error| Error::Invalid(error.to_string()))?;
        let now = self.now();
        let mut wanted = Wanted {
            sources: self.sources_of(query, filter.as_ref()).await?,
            from: query.from,
            to: query.to,
            sort,
            state: query.state,
            filter: None,
            now,
        };
        if let Some(filter) = &filter {
            for (from, to) in [filter.between("made"), filter.aged("age", now)] {
                wanted.from = wanted.from.max(from);
                wanted.to = match (wanted.to, to) {
                    (Some(one), Some(other)) => Some(one.min(other)),
                    (one, other) => one.or(other),
                };
            }
        }
        wanted.filter = filter;
        Ok(wanted)
    }

    /// The sources that have to be looked at. One that is named and not known is refused.
    async fn sources_of(&self, query: &PointQuery, filter: Option<&Filter>) -> Result<Vec<SourceId>> {
        let catalogue = &self.shared.catalogue;
        if let (Some(source), None) = (&query.source, filter) {
            return Ok(vec![catalogue.source(source).await?.id]);
        }
        let all: BTreeSet<SourceId> = catalogue
            .sources()
            .await?
            .into_iter()
            .map(|source| source.id)
            .collect();
        if let Some(source) = &query.source
            && !all.contains(source)
        {
            return Err(Error::no_source(source));
        }
        let Some(filter) = filter else {
            return Ok(all.into_iter().collect());
        };
        refuse_unknown(filter, all.iter().map(SourceId::as_str))?;
        let only = filter.only("source");
        Ok(all
            .into_iter()
            .filter(|source| query.source.as_ref().is_none_or(|asked| asked == source))
            .filter(|source| only.as_ref().is_none_or(|only| only.contains(source.as_str())))
            .collect())
    }
}

/// Refuses a filter that names a source which is none of `known`.
pub(super) fn refuse_unknown<'a>(
    filter: &Filter,
    known: impl Iterator<Item = &'a str> + Clone,
) -> Result<()> {
    let is_known = |name: &str| known.clone().any(|source| source == name);
    let unknown = filter.conditions().into_iter().find(|condition| {
        condition.property.name == "source"
            && condition.operator != Operator::Contains
            && !is_known(&condition.written)
    });
    match unknown {
        None => Ok(()),
        Some(condition) => Err(Error::Filter(FilterError {
            position: condition.position,
            problem: format!("there is no source {:?}", condition.written),
            possible: known.take(NAMED_MAX).map(str::to_owned).collect(),
        })),
    }
}

impl Wanted {
    /// Whether some recovery points of its time are not asked for.
    pub(super) fn is_narrow(&self) -> bool {
        self.state.is_some() || self.filter.is_some()
    }

    /// The recovery point, whole, where it is asked for.
    pub(super) async fn take(
        &self,
        catalogue: &Catalogue,
        entry: PointEntry,
    ) -> Result<Option<RecoveryPoint>> {
        let is_other = |state| entry.point.state != state;
        if self.state.is_some_and(is_other) || self.sources.binary_search(&entry.point.source).is_err() {
            return Ok(None);
        }
        let Some(filter) = &self.filter else {
            return catalogue.whole(entry).await.map(Some);
        };
        let holds = |point: &RecoveryPoint| filter.matches(&PointFacts { point, now: self.now });
        if PointFacts::OF_TABLES.iter().any(|name| filter.uses(name)) {
            let point = catalogue.whole(entry).await?;
            return Ok(holds(&point).then_some(point));
        }
        if holds(&entry.point) {
            return catalogue.whole(entry).await.map(Some);
        }
        Ok(None)
    }

    /// Which of two recovery points comes first.
    pub(super) fn compare(
        &self,
        sort: Sort,
        one: &RecoveryPoint,
        other: &RecoveryPoint,
    ) -> std::cmp::Ordering {
        let facts = |point| PointFacts { point, now: self.now };
        // Among equals, the newest first.
        sort.compare(&facts(one), &facts(other))
            .then_with(|| other.created_at.cmp(&one.created_at))
            .then_with(|| one.id.cmp(&other.id))
    }
}
