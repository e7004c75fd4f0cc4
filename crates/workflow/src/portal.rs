//! What customers see of their databases. Each use case takes the scope of whoever asks and asks the catalogue for nothing
//! outside it.

use std::ops::Bound;

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use jiff::SignedDuration;
use recovery::ids::{RecoveryPointId, Region, SourceId};
use recovery::page::Page;
use recovery::portal::{Backup, Database, Details, Restore, Restores};
use recovery::scope::Scope;
use recovery::source::Source;

use crate::Workflow;
use crate::error::{Error, Result};
use crate::query::{PAGE_LIMIT_MAX, RunQuery, SourceQuery, page_size};

/// What went wrong is told of so long a time: a day.
const LOOKED_BACK: SignedDuration = SignedDuration::from_hours(24);

/// Databases that are read at once.
const READ_AT_ONCE: usize = 8;

/// Backups on a page: a day of hourly ones.
const BACKUPS: usize = 24;

/// Restores that are looked at in search of somebody's own, the newest first; the run of each is read.
const RESTORES_LOOKED_AT: usize = 600;

impl Workflow {
    /// A page of the databases in `scope`, by name. One that nothing is known of is listed as such to whom it was promised.
    pub async fn portal(
        &self,
        scope: &Scope,
        cursor: Option<&str>,
        limit: Option<usize>,
    ) -> Result<Page<Database>> {
        let limit = page_size(limit);
        let (asked, next_cursor) = match scope {
            Scope::All => {
                let query = SourceQuery {
                    cursor: cursor.map(str::to_owned),
                    limit: Some(limit),
                    ..SourceQuery::default()
                };
                let (sources, next) = self.listed_sources(&query).await?;
                let sources: Vec<_> = sources
                    .into_iter()
                    .map(|source| (source.id.clone(), Some(source)))
                    .collect();
                (sources, next)
            }
            Scope::Only(own) => {
                let after = cursor.map(str::parse::<SourceId>).transpose().map_err(|_| {
                    Error::Invalid(format!(
                        "{:?} is no cursor of databases",
                        cursor.unwrap_or_default()
                    ))
                })?;
                let from = after.map_or(Bound::Unbounded, Bound::Excluded);
                let mut rest = own.range((from, Bound::Unbounded));
                let ids: Vec<SourceId> = rest.by_ref().take(limit).cloned().collect();
                let next = rest.next().and(ids.last()).map(ToString::to_string);
                let sources = stream::iter(ids)
                    .map(|id| async move {
                        let found = self.if_known(&id).await?;
                        Ok::<_, Error>((id, found))
                    })
                    .buffered(READ_AT_ONCE)
                    .try_collect()
                    .await?;
                (sources, next)
            }
        };
        let ids: Vec<SourceId> = asked.iter().map(|(id, _)| id.clone()).collect();
        let restores = self.restores_of(&ids).await?;
        let restores = &restores;
        let items = stream::iter(asked)
            .map(|(id, source)| self.database(id, source, restores))
            .buffered(READ_AT_ONCE)
            .try_collect()
            .await?;
        Ok(Page { items, next_cursor })
    }

    /// One database in `scope` with a page of its backups, those before the cursor `before`; [`Error::NotFound`].
    pub async fn portal_database(
        &self,
        scope: &Scope,
        id: &SourceId,
        before: Option<&str>,
    ) -> Result<Details> {
        if !scope.holds(id) {
            return Err(no_database(id));
        }
        let source = self.if_known(id).await?;
        if source.is_none() && *scope == Scope::All {
            return Err(no_database(id));
        }
        let restores = self.restores_of(std::slice::from_ref(id)).await?;
        let catalogue = &self.shared.catalogue;
        let page = catalogue.page(id, None, None, before, BACKUPS).await?;
        let older = page.next();
        Ok(Details {
            backups: page
                .items
                .iter()
                .filter_map(|(_, entry)| Backup::of(&entry.point))
                .collect(),
            older,
            restores: restores.runs.iter().map(Restore::of).collect(),
            restores_are_all: restores.are_all,
            database: self.database(id.clone(), source, &restores).await?,
        })
    }

    /// The evidence of the last check of a copy of one of the backups of a database in `scope`: the very bytes that are
    /// stored. [`Error::NotFound`], alike for what others have and for what does not exist.
    pub async fn portal_evidence(
        &self,
        scope: &Scope,
        database: &SourceId,
        backup: &RecoveryPointId,
        region: &Region,
    ) -> Result<Bytes> {
        if !scope.holds(database) {
            return Err(no_database(database));
        }
        let none = || Error::NotFound {
            kind: "evidence",
            id: format!("of {backup} in {region}"),
        };
        let entry = self.shared.catalogue.entry_of(database, backup).await?;
        let point = entry.ok_or_else(none)?.value.point;
        match self.manifest_of(&point, region).await {
            Err(Error::NotFound { .. }) => Err(none()),
            answer => answer,
        }
    }

    async fn if_known(&self, id: &SourceId) -> Result<Option<Source>> {
        match self.shared.catalogue.source(id).await {
            Ok(source) => Ok(Some(source)),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn database(&self, id: SourceId, source: Option<Source>, restores: &Restores) -> Result<Database> {
        let test_days = self.policy_of(&id).restore_test_days;
        let now = self.now();
        let from = now.saturating_sub(LOOKED_BACK).unwrap_or(now);
        let Some(source) = source else {
            return Ok(Database::unknown(id, test_days, now));
        };
        let timelines = self.timelines_of(vec![source], from, now).await?;
        Ok(match timelines.first() {
            Some(timeline) => Database::of(timeline, restores, test_days),
            None => Database::unknown(id, test_days, now),
        })
    }

    /// The restores of these databases among the newest of all.
    async fn restores_of(&self, ids: &[SourceId]) -> Result<Restores> {
        let mut query = RunQuery {
            limit: Some(PAGE_LIMIT_MAX),
            ..RunQuery::default()
        };
        let mut found = Restores::default();
        for _ in 0..RESTORES_LOOKED_AT.div_ceil(PAGE_LIMIT_MAX) {
            let page = self.runs(&query).await?;
            let own = |run: &recovery::run::Run| run.source.as_ref().is_some_and(|id| ids.contains(id));
            found.runs.extend(page.items.into_iter().filter(own));
            query.cursor = page.next_cursor;
            if query.cursor.is_none() {
                found.are_all = true;
                break;
            }
        }
        Ok(found)
    }
}

fn no_database(id: &SourceId) -> Error {
    Error::NotFound {
        kind: "database",
        id: id.to_string(),
    }
}
