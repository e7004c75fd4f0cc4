//! Recovery points: one, and the list.

use jiff::Timestamp;
use leptos::prelude::*;
use recovery::ids::SourceId;
use recovery::page::Page;
use recovery::point::RecoveryPoint;
use serde::{Deserialize, Serialize};

use super::Failure;

/// A recovery point as it is at `now`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointView {
    /// The recovery point.
    pub point: RecoveryPoint,
    /// When this was true.
    pub now: Timestamp,
}

/// A page of recovery points.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointList {
    /// The page.
    pub page: Page<RecoveryPoint>,
    /// Every source, to filter by.
    pub sources: Vec<SourceId>,
    /// When this was true.
    pub now: Timestamp,
}

/// One recovery point.
#[server(prefix = "/ui", endpoint = "recovery-point")]
pub async fn read_point(
    /// Its id, as the address names it.
    id: String,
) -> Result<PointView, Failure> {
    let workflow = super::gate::reader()?;
    let id = super::gate::id("Recovery point", &id)?;
    Ok(PointView {
        point: workflow.recovery_point(&id).await?,
        now: workflow.now(),
    })
}

/// A page of recovery points, newest first. What is no source or state filters by nothing that exists.
#[server(prefix = "/ui", endpoint = "recovery-points")]
pub async fn list_points(
    /// Only of this source.
    source: Option<String>,
    /// Only in this state.
    state: Option<String>,
    /// Where the page begins.
    cursor: Option<String>,
) -> Result<PointList, Failure> {
    const PAGE_SIZE: usize = 50;
    let workflow = super::gate::reader()?;
    let source = source
        .map(|source| super::gate::id("Source", &source))
        .transpose()?;
    let state = state
        .map(|name| {
            recovery::point::State::ALL
                .into_iter()
                .find(|state| state.name() == name)
                .ok_or_else(|| Failure::NotFound {
                    subject: format!("State {name:?}"),
                })
        })
        .transpose()?;
    let page = workflow
        .recovery_points(&workflow::PointQuery {
            source,
            state,
            cursor,
            limit: Some(PAGE_SIZE),
            ..Default::default()
        })
        .await?;
    let sources = workflow
        .sources()
        .await?
        .into_iter()
        .map(|summary| summary.source.id)
        .collect();
    Ok(PointList {
        page,
        sources,
        now: workflow.now(),
    })
}

/// Checks every copy of a recovery point now. Needs `Verify`.
#[server(prefix = "/ui", endpoint = "check-again")]
pub async fn check_again(
    /// The recovery point's id.
    id: String,
) -> Result<PointView, Failure> {
    let (workflow, ctx) = super::gate::actor()?;
    let id = super::gate::id("Recovery point", &id)?;
    Ok(PointView {
        point: workflow.verify(&ctx, &id).await?,
        now: workflow.now(),
    })
}
