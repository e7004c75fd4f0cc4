//! What the overview shows.

use jiff::Timestamp;
use recovery::run::Run;
use recovery::situation::Situation;
use recovery::source::SourceTimeline;
use serde::{Deserialize, Serialize};

use super::Failure;
use super::window::Window;

/// A page of sources with their timelines, what all sources mean together, and the restores under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Overview {
    /// What is wrong and since when.
    pub situation: Situation,
    /// One for each source of the page, by name.
    pub timelines: Vec<SourceTimeline>,
    /// Where the next page of sources begins, if there is one.
    pub next: Option<String>,
    /// Runs that have not ended, the newest first.
    pub active: Vec<Run>,
    /// When this was true.
    pub now: Timestamp,
}

/// The overview over `window`, from the page of sources on that begins at `cursor`.
pub async fn read_overview(window: Window, cursor: Option<String>) -> Result<Overview, Failure> {
    const ACTIVE_RUNS_MAX: usize = 5;
    let workflow = super::gate::reader()?;
    let now = workflow.now();
    let query = workflow::SourceQuery {
        cursor,
        limit: Some(window.sources_per_page()),
        ..Default::default()
    };
    let (from, to) = window.bounds(now);
    let page = workflow.timeline_page(from, to, &query).await?;
    // What is wrong does not depend on how far one looks back, nor on the page.
    let situation = workflow.situation().await?;
    let situation = recovery::situation::with_lost_copies(situation, &workflow.lost_copies().await?);
    let active = workflow
        .runs(&workflow::RunQuery {
            state: Some(workflow::RunState::Active),
            cursor: None,
            limit: Some(ACTIVE_RUNS_MAX),
        })
        .await?
        .items;
    Ok(Overview {
        situation,
        timelines: page.items,
        next: page.next_cursor,
        active,
        now,
    })
}
