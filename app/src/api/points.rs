//! Recovery points: one, and the list.

use std::collections::BTreeMap;

use jiff::Timestamp;
use leptos::prelude::*;
use recovery::archive::ThawOption;
use recovery::ids::{Region, SourceId};
use recovery::page::Page;
use recovery::point::RecoveryPoint;
use serde::{Deserialize, Serialize};

use super::Failure;

/// A recovery point as it is at `now`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointView {
    /// The recovery point.
    pub point: RecoveryPoint,
    /// The ways to thaw its copies that lie in Glacier, by Region.
    pub thaws: BTreeMap<Region, Vec<ThawOption>>,
    /// When this was true.
    pub now: Timestamp,
}

/// What is shown of a recovery point.
#[cfg(feature = "ssr")]
fn view_of(workflow: &workflow::Workflow, point: RecoveryPoint) -> PointView {
    let thaws = point
        .copies
        .iter()
        .map(|copy| (copy.region.clone(), workflow.thaw_options(copy)))
        .filter(|(_, options)| !options.is_empty())
        .collect();
    PointView {
        point,
        thaws,
        now: workflow.now(),
    }
}

/// A page of recovery points.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointList {
    /// The page.
    pub page: Page<RecoveryPoint>,
    /// Sources to filter by, the first [`SUGGESTED_MAX`] by name.
    pub sources: Vec<SourceId>,
    /// Regions to filter by.
    pub regions: Vec<Region>,
    /// When this was true.
    pub now: Timestamp,
}

/// Sources that are suggested to filter by.
pub const SUGGESTED_MAX: usize = 200;

/// One recovery point.
pub async fn read_point(id: String) -> Result<PointView, Failure> {
    let workflow = super::gate::reader()?;
    let id = super::gate::id("Recovery point", &id)?;
    Ok(view_of(&workflow, workflow.recovery_point(&id).await?))
}

/// A page of recovery points, newest first where nothing else is said.
pub async fn list_points(
    filter: Option<String>,
    sort: Option<String>,
    cursor: Option<String>,
) -> Result<PointList, Failure> {
    const PAGE_SIZE: usize = 50;
    let workflow = super::gate::reader()?;
    let page = workflow
        .recovery_points(&workflow::PointQuery {
            filter,
            sort,
            cursor,
            limit: Some(PAGE_SIZE),
            ..Default::default()
        })
        .await?;
    let mut sources = workflow.source_ids().await?;
    sources.truncate(SUGGESTED_MAX);
    Ok(PointList {
        page,
        sources,
        regions: workflow.settings().regions.clone(),
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
    Ok(view_of(&workflow, workflow.verify(&ctx, &id).await?))
}

/// Repairs every incomplete copy of a recovery point from a verified one; refused, with what was done, where something is
/// left as it is. Needs `Repair`.
#[server(prefix = "/ui", endpoint = "repair-copies")]
pub async fn repair_copies(
    /// The recovery point's id.
    id: String,
) -> Result<(), Failure> {
    let (workflow, ctx) = super::gate::actor()?;
    let id = super::gate::id("Recovery point", &id)?;
    let copies = workflow.repair(&ctx, &id, None).await?.copies;
    let left: Vec<String> = copies.iter().filter_map(left).collect();
    if left.is_empty() {
        return Ok(());
    }
    Err(Failure::Refused {
        message: left.join(" "),
        hint: Some("Mend the cause, then repair again: it goes on where it broke off.".to_owned()),
    })
}

/// What a repair could not do for a copy, and what it did: `us-west-2: 3 objects copied from eu-west-1; 1 object left as it is: …`.
#[cfg(feature = "ssr")]
fn left(copy: &recovery::repair::RepairedCopy) -> Option<String> {
    use crate::ui::format::counted;

    /// Objects that are named; the rest are counted.
    const NAMED: usize = 3;
    if copy.failed.is_none() && copy.refused.is_empty() {
        return None;
    }
    let broken = copy
        .failed
        .as_ref()
        .map(|failed| format!("; broken off: {failed}"));
    let count = copy.refused.len();
    let named: Vec<String> = copy
        .refused
        .iter()
        .take(NAMED)
        .map(|refused| format!("{} ({})", refused.path, refused.why))
        .collect();
    let refused = (count > 0).then(|| {
        let more = count.saturating_sub(NAMED);
        format!(
            "; {} left as {}: {}{}",
            counted(count as u64, "object", "objects"),
            if count == 1 { "it is" } else { "they are" },
            named.join(", "),
            if more > 0 {
                format!(" and {more} more")
            } else {
                String::new()
            }
        )
    });
    Some(format!(
        "{}: {} copied from {}{}{}.",
        copy.region,
        counted(copy.copied, "object", "objects"),
        copy.from,
        broken.unwrap_or_default(),
        refused.unwrap_or_default()
    ))
}

/// Asks S3 to make a copy readable that lies in Glacier. Needs `Thaw`.
#[server(prefix = "/ui", endpoint = "thaw-copy")]
pub async fn thaw_copy(
    /// The recovery point's id.
    id: String,
    /// The copy's Region.
    region: String,
    /// `expedited`, `standard` or `bulk`.
    tier: String,
    /// Days that the thawed objects stay readable.
    days: u32,
) -> Result<PointView, Failure> {
    let (workflow, ctx) = super::gate::actor()?;
    let id = super::gate::id("Recovery point", &id)?;
    let region = super::gate::id("Region", &region)?;
    let tier = super::gate::tier(&tier)?;
    let point = workflow.thaw(&ctx, &id, &region, tier, days).await?;
    Ok(view_of(&workflow, point))
}
