//! Every future of this crate can be spawned: a test that is passed when it compiles.

use aws::Cloud;
use recovery::ids::Region;
use recovery::plan::{CopyRef, Plan, Unit};
use recovery::request::TableRequest;
use tokio_util::sync::CancellationToken;

use crate::{Checkpoints, Inquiry, Inspection, Progress, Recorded, TableInspection, Tuning, Writer};

/// What the calls below are made of.
struct Parts<'a> {
    cloud: &'a Cloud,
    copy: &'a CopyRef,
    plan: &'a Plan,
    unit: &'a Unit,
    region: &'a Region,
    requests: &'a [TableRequest],
    inspection: &'a Inspection,
    table: &'a TableInspection,
    checkpoints: &'a dyn Checkpoints,
    recorded: &'a Recorded,
    progress: &'a Progress,
    writer: &'a Writer,
    tuning: &'a Tuning,
    inquiry: &'a Inquiry,
    cancel: &'a CancellationToken,
}

fn spawnable<T: Send>(_: T) {}

#[expect(dead_code, reason = "it is enough that it compiles")]
fn every_future_is_send(p: &Parts<'_>) {
    let now = jiff::Timestamp::UNIX_EPOCH;
    spawnable(crate::inspect(p.cloud, p.copy));
    spawnable(crate::prove_candidates(p.cloud, p.copy, p.table, p.cancel));
    spawnable(crate::plan(p.cloud, p.copy, p.region, p.requests, now));
    spawnable(crate::plan_inspected(
        p.cloud, p.inspection, p.region, p.requests, now,
    ));
    spawnable(crate::preflight(p.cloud, p.plan, p.inquiry, p.cancel));
    spawnable(crate::survey(
        p.cloud, p.inspection, p.region, p.requests, now, p.inquiry, p.cancel,
    ));
    spawnable(crate::create_targets(
        p.cloud, p.plan, p.checkpoints, p.recorded, p.cancel,
    ));
    spawnable(crate::execute_unit(
        p.cloud, p.plan, p.unit, p.writer, p.progress, p.cancel,
    ));
    spawnable(crate::prove_table(
        p.cloud, p.plan, 0, p.tuning, p.progress, p.cancel,
    ));
    spawnable(crate::find_differences(p.cloud, p.plan, 0, 1, p.tuning, p.cancel));
    spawnable(crate::digest_source(p.cloud, p.plan, 0, p.progress, p.cancel));
    spawnable(crate::execute(
        p.cloud,
        p.plan,
        p.checkpoints,
        p.progress,
        p.cancel.clone(),
    ));
}
