//! Reading runs.

use futures::{StreamExt, TryStreamExt, stream};
use recovery::ids::RunId;
use recovery::page::Page;
use recovery::plan::Plan;
use recovery::run::Run;
use recovery::schema_record::SchemaRecord;

use crate::Workflow;
use crate::control::{Key, Listing};
use crate::error::{Error, Result};
use crate::query::{RunQuery, RunState, page_size};

/// Runs that one page may look at while it searches for a state; the rest is behind its cursor.
const EXAMINED_MAX: usize = 2_000;

/// Runs that are read at once.
const READ_AT_ONCE: usize = 16;

impl Workflow {
    /// A page of runs, newest first.
    pub async fn runs(&self, query: &RunQuery) -> Result<Page<Run>> {
        let limit = page_size(query.limit);
        if let Some(cursor) = &query.cursor
            && cursor.parse::<RunId>().is_err()
        {
            return Err(Error::Invalid(format!("{cursor:?} is no cursor of the runs")));
        }
        let mut after = query.cursor.clone();
        let mut items: Vec<Run> = Vec::new();
        let mut examined = 0;
        loop {
            let listing = Listing::all(Key::RUNS)
                .newest_first()
                .limit(limit - items.len() + 1);
            let (rows, next) = self.shared.control.page(&listing, after.as_deref()).await?;
            let is_end = next.is_none();
            let ids: Vec<RunId> = rows.iter().filter_map(|row| row.sk.parse().ok()).collect();
            let runs: Vec<Run> = stream::iter(ids)
                .map(|id| async move { Ok::<_, Error>(self.run_record(&id).await?.value) })
                .buffered(READ_AT_ONCE)
                .try_collect()
                .await?;
            let count = runs.len();
            for (index, run) in runs.into_iter().enumerate() {
                examined += 1;
                after = Some(run.run_id.to_string());
                if query.state.is_none_or(|state| RunState::of(run.outcome) == state) {
                    items.push(run);
                }
                let is_last = is_end && index + 1 == count;
                if items.len() == limit && !is_last {
                    return Ok(Page {
                        items,
                        next_cursor: after,
                    });
                }
            }
            if is_end {
                return Ok(Page {
                    items,
                    next_cursor: None,
                });
            }
            if examined >= EXAMINED_MAX {
                return Ok(Page {
                    items,
                    next_cursor: after,
                });
            }
        }
    }

    /// One run; [`Error::NotFound`].
    pub async fn run(&self, id: &RunId) -> Result<Run> {
        // What this process executes is known here better than once a second.
        if let Some(seen) = self.shared.runs.follow(id) {
            let run = seen.borrow().clone();
            return Ok(run);
        }
        Ok(self.run_record(id).await?.value)
    }

    /// What a run's tables were, for whoever turns them back into rows; [`Error::NotFound`] also before the run has taken
    /// its targets.
    pub async fn schema_of(&self, id: &RunId) -> Result<SchemaRecord> {
        self.stored_schema(id).await
    }

    /// The plan that a run executes; [`Error::NotFound`].
    pub async fn plan_of(&self, id: &RunId) -> Result<Plan> {
        self.stored_plan(id).await
    }
}
