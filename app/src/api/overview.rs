//! What the overview shows.

use jiff::{SignedDuration, Timestamp};
use leptos::prelude::*;
use recovery::run::Run;
use recovery::situation::Situation;
use recovery::source::SourceTimeline;
use serde::{Deserialize, Serialize};

use super::Failure;

/// How far back the timelines reach.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Window {
    /// Six hours.
    #[serde(rename = "6h")]
    Hours6,
    /// A day.
    #[default]
    #[serde(rename = "24h")]
    Hours24,
    /// A week.
    #[serde(rename = "7d")]
    Days7,
}

impl Window {
    /// Every window, the shortest first.
    pub const ALL: [Self; 3] = [Self::Hours6, Self::Hours24, Self::Days7];

    /// Its value in the address.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hours6 => "6h",
            Self::Hours24 => "24h",
            Self::Days7 => "7d",
        }
    }

    /// Its name on the switch.
    pub fn label(self) -> &'static str {
        match self {
            Self::Hours6 => "6 h",
            Self::Hours24 => "24 h",
            Self::Days7 => "7 d",
        }
    }

    /// Its name in a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Self::Hours6 => "last 6 hours",
            Self::Hours24 => "last 24 hours",
            Self::Days7 => "last 7 days",
        }
    }

    /// Its length.
    pub fn length(self) -> SignedDuration {
        SignedDuration::from_hours(match self {
            Self::Hours6 => 6,
            Self::Hours24 => 24,
            Self::Days7 => 7 * 24,
        })
    }

    /// The window that an address names; the default where it names none.
    pub fn named(name: Option<&str>) -> Self {
        Self::ALL
            .into_iter()
            .find(|window| Some(window.name()) == name)
            .unwrap_or_default()
    }
}

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

/// The overview over `window`.
#[server(prefix = "/ui", endpoint = "overview")]
pub async fn read_overview(
    /// How far back.
    window: Window,
    /// Where the page of sources begins.
    cursor: Option<String>,
) -> Result<Overview, Failure> {
    const ACTIVE_RUNS_MAX: usize = 5;
    const SOURCES_PER_PAGE: usize = 20;
    let workflow = super::gate::reader()?;
    let now = workflow.now();
    let query = workflow::SourceQuery {
        cursor,
        limit: Some(SOURCES_PER_PAGE),
        ..Default::default()
    };
    let page = workflow.timeline_page(now - window.length(), now, &query).await?;
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
