//! How a recovery point got where it is.

use jiff::Timestamp;
use leptos::prelude::*;
use recovery::ids::Region;
use recovery::point::{RecoveryPoint, Step, StepName, StepStatus};

use crate::ui::format::{self, TimeForm};
use crate::ui::status::Tone;
use crate::ui::steps::{StepView, Steps};
use crate::ui::time::Time;

/// The steps of the pipeline with their times; of one Region only, where one is given.
#[component]
pub(crate) fn PointSteps<'a>(
    /// The recovery point.
    point: &'a RecoveryPoint,
    /// Leaves out what concerns other Regions.
    #[prop(optional_no_strip)]
    region: Option<Region>,
) -> impl IntoView + use<> {
    let created_at = point.created_at;
    let steps = point
        .steps
        .iter()
        .filter(|step| match step.step {
            StepName::BackedUp | StepName::Exported => true,
            StepName::Replicated | StepName::Verified => region.is_none() || step.region == region,
        })
        .map(|step| step_view(step, created_at))
        .collect();
    view! { <Steps steps /> }
}

fn step_view(step: &Step, created_at: Timestamp) -> StepView {
    let name = match step.step {
        StepName::BackedUp => "Backed up",
        StepName::Exported => "Exported to Parquet",
        StepName::Replicated => "Replicated",
        StepName::Verified => "Verified",
    };
    let region = step.region.as_ref().map(|region| {
        view! {
            " in "
            <code>{region.to_string()}</code>
        }
    });
    let (tone, state) = match step.status {
        StepStatus::NotStarted => (Tone::NotStarted, "not started"),
        StepStatus::InProgress => (Tone::InProgress, "in progress"),
        StepStatus::Done => (Tone::Success, "done"),
        StepStatus::Failed => (Tone::Error, "failed"),
    };
    let time = match (step.step, step.ended_at, step.started_at) {
        (StepName::BackedUp, Some(at), _) => view! { <Time at form=TimeForm::Clock /> }.into_any(),
        (_, Some(at), _) => view! { <After at begin=created_at /> }.into_any(),
        (_, None, Some(at)) if step.status == StepStatus::InProgress => view! {
            "since "
            <Time at form=TimeForm::Clock />
        }
        .into_any(),
        (_, None, _) => ().into_any(),
    };
    StepView {
        tone,
        state,
        title: view! {
            {name}
            {region}
        }
        .into_any(),
        detail: step.detail.clone().into_any(),
        time,
        is_current: step.status == StepStatus::InProgress,
    }
}

/// `+ 6 min`: how long after the recovery point was made.
#[component]
fn After(at: Timestamp, begin: Timestamp) -> impl IntoView {
    view! {
        <time datetime=at.to_string() title=format::time(at, 0, true, TimeForm::Seconds)>
            {format!("+ {}", format::duration(at.duration_since(begin).as_secs()))}
        </time>
    }
}
