//! A run whose copy lies in Glacier: S3 is asked for what was agreed to, the run waits, and its plan is made.
//!
//! Nobody holds the run's lease while S3 works. Passes of the reconciler see how far the thaw is, and whichever server
//! finds that it has come further takes the run up for a moment. So a wait of two days survives every server.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use recovery::actor::{Actor, Permission, Role, Via};
use recovery::archive::Archived;
use recovery::audit;
use recovery::awaited_thaw::{AwaitedThaw, ThawAgreement, days_fault};
use recovery::ids::{RecoveryPointId, Region};
use recovery::plan::Plan;
use recovery::point::{Copy, RecoveryPoint};
use recovery::preflight::Depth;
use recovery::request::Approval;
use recovery::run::{Pause, Phase, Run};
use recovery::verdict::Verdict;
use tokio::time::sleep;

use super::end::End;
use super::executor::Left;
use super::planning::restorable_copy;
use super::start::confirmed;
use crate::Workflow;
use crate::audit::Happened;
use crate::control::Record;
use crate::error::{Error, Result};
use crate::pipeline::location;
use crate::replication::thaw::thaw;

/// How often one server looks whether a run has to wait any longer. S3 itself is asked by passes, once a minute.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// How often the record is looked at for somebody who cancels or pauses while the plan is made.
const REREAD_EVERY: Duration = Duration::from_secs(1);

/// AWS's slowest tier takes 48 hours; a thaw that is not over by then has something wrong with it.
const PATIENCE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Tries against somebody who cancels or pauses the run at the same moment.
const TRIES_MAX: u32 = 20;

/// What has become of a run that waits.
pub(super) enum Waited {
    /// Its copy can be read and its plan is recorded: it goes on.
    Over,
    /// Nothing more is to be done for it now.
    Left(Left),
    /// It has ended.
    Ended,
}

/// What is to be done for it now.
enum Step {
    Ask,
    Wait,
    Plan,
    Fail(Error),
}

impl Workflow {
    /// The thaw that a run of that copy waits for; `None` where the copy can be read. Refuses one that nobody agreed to, and
    /// one that S3 does not have.
    pub(super) fn thaw_to_await(
        &self,
        point: &RecoveryPoint,
        region: &Region,
        agreed: Option<ThawAgreement>,
    ) -> Result<Option<AwaitedThaw>> {
        let copy = point.copy_in(region).filter(|copy| copy.needs_thaw());
        let (Some(agreed), Some(copy)) = (agreed, copy) else {
            return Ok(None);
        };
        let Some(archived) = &copy.archived else {
            return Ok(None);
        };
        if let Some(fault) = days_fault(agreed.days) {
            return Err(Error::Invalid(fault));
        }
        let options = self.thaw_options(copy);
        let option = options.into_iter().find(|option| option.tier == agreed.tier);
        let option = option.ok_or_else(|| {
            Error::Invalid(format!(
                "{} has no {} thaw; take standard or bulk",
                archived.class,
                agreed.tier.name()
            ))
        })?;
        Ok(Some(AwaitedThaw::agreed(option, agreed.days, archived)))
    }

    /// Whether there is nothing to do for a run but to go on waiting for S3.
    pub(super) async fn still_thaws(&self, run: &Run) -> Result<bool> {
        if !run.waits_for_thaw() || run.cancel_requested || run.pause != Pause::None {
            return Ok(false);
        }
        if !self.shared.runs.is_look_due(&run.run_id, LOOK_EVERY) {
            return Ok(true);
        }
        let (Some(thaw), Some(id)) = (&run.thaw, &run.recovery_point) else {
            return Ok(false);
        };
        let point = match self.recovery_point(id).await {
            Err(Error::NotFound { .. }) => return Ok(false),
            point => point?,
        };
        let copy = point.copy_in(&run.region);
        let readable = copy.and_then(|copy| Some(copy.archived.as_ref()?.readable));
        let is_same = readable == Some(thaw.readable);
        Ok(is_same && thaw.obstacle.is_none() && matches!(next(run, copy, self.now()), Step::Wait))
    }

    /// Does for a run that waits what can be done now.
    pub(super) async fn await_thaw(&self, record: &mut Record<Run>) -> Result<Waited> {
        loop {
            let run = &record.value;
            if run.outcome.is_some() || run.cancel_requested {
                self.end_run(record, End::cancelled()).await?;
                return Ok(Waited::Ended);
            }
            if run.pause != Pause::None {
                // S3 goes on with what it was asked for; it cannot be asked to wait.
                self.change_waiting(record, |run| {
                    if run.pause == Pause::Asked {
                        run.pause = Pause::Paused;
                    }
                })
                .await?;
                return Ok(Waited::Left(Left::Paused));
            }
            let Some(id) = run.recovery_point.clone() else {
                return Ok(Waited::Over);
            };
            let point = self.recovery_point(&id).await?;
            let copy = point.copy_in(&run.region);
            let done = match next(run, copy, self.now()) {
                Step::Ask => self.ask(record, &point).await,
                Step::Wait => {
                    let archived = copy.and_then(|copy| copy.archived.as_ref());
                    self.note(record, archived).await?;
                    return Ok(Waited::Left(Left::Thawing));
                }
                Step::Plan => {
                    self.note(record, copy.and_then(|copy| copy.archived.as_ref()))
                        .await?;
                    match Box::pin(self.plan_unless_stopped(record, &point)).await {
                        Ok(Some(plan)) => {
                            self.take_plan(record, &plan).await?;
                            return Ok(Waited::Over);
                        }
                        Ok(None) => Ok(()),
                        Err(error) => Err(error),
                    }
                }
                Step::Fail(error) => Err(error),
            };
            match done {
                Ok(()) => {}
                Err(error) if error.is_transient() => {
                    tracing::warn!(run = %record.value.run_id, %error, "a restore waits on: it is tried again");
                    let obstacle = error.to_string();
                    self.change_waiting(record, |run| {
                        if let Some(thaw) = &mut run.thaw {
                            thaw.obstacle = Some(obstacle.clone());
                        }
                    })
                    .await?;
                    return Ok(Waited::Left(Left::Thawing));
                }
                Err(error) => {
                    let end = End::failed(error.to_string(), error.hint());
                    self.end_run(record, end).await?;
                    return Ok(Waited::Ended);
                }
            }
        }
    }

    /// Asks S3 for every archived object. Whoever is killed meanwhile leaves it to the next, who asks for the same thaw.
    async fn ask(&self, record: &mut Record<Run>, point: &RecoveryPoint) -> Result<()> {
        let run = &record.value;
        let (Some(thawing), Some(copy)) = (run.thaw.clone(), point.copy_in(&run.region)) else {
            return Ok(());
        };
        let class = copy.archived.as_ref().map(|archived| archived.class.clone());
        let (tier, days, region) = (thawing.option.tier, thawing.days, copy.region.clone());
        let asked = format!("{region}, for restore {}: {}", run.run_id, thawing.terms());
        let happened = happened(run, &point.id);
        // What is tried again is entered once.
        if thawing.obstacle.is_none() {
            self.record(happened(audit::Phase::Started, asked.clone()))
                .await?;
        }
        match thaw(&self.shared.cloud, &location(copy), tier, days).await {
            Ok(objects) => {
                let detail = format!("{asked}; {objects} objects asked for");
                self.record(happened(audit::Phase::Succeeded, detail)).await?;
            }
            Err(error) => {
                if !error.is_transient() {
                    self.record(happened(audit::Phase::Failed, format!("{asked}: {error}")))
                        .await?;
                }
                return Err(error);
            }
        }
        let seen = self.look_again(&point.id, &region).await?;
        let archived = seen.copy_in(&region).and_then(|copy| copy.archived.clone());
        let now = self.now();
        self.change_waiting(record, |run| {
            run.enter(Phase::Thawing, now);
            if let Some(thaw) = &mut run.thaw {
                thaw.asked(archived.as_ref(), class.as_deref().unwrap_or_default(), now);
            }
        })
        .await
    }

    /// Records how far S3 is.
    async fn note(&self, record: &mut Record<Run>, archived: Option<&Archived>) -> Result<()> {
        let mut noted = record.value.thaw.clone();
        if let Some(thaw) = &mut noted {
            thaw.seen(archived);
            thaw.obstacle = None;
        }
        if noted == record.value.thaw {
            return Ok(());
        }
        self.change_waiting(record, |run| run.thaw.clone_from(&noted))
            .await
    }

    /// The plan; `None` where somebody cancels or pauses the run before it is made.
    async fn plan_unless_stopped(
        &self,
        record: &mut Record<Run>,
        point: &RecoveryPoint,
    ) -> Result<Option<Plan>> {
        let waiting = record.value.clone();
        let planning = self.plan_thawed(&waiting, point);
        tokio::pin!(planning);
        loop {
            tokio::select! {
                plan = &mut planning => return plan.map(Some),
                () = sleep(REREAD_EVERY) => {
                    *record = self.run_record(&waiting.run_id).await?;
                    if record.value.cancel_requested || record.value.pause != Pause::None {
                        return Ok(None);
                    }
                }
            }
        }
    }

    /// What would have been done at the start, had the copy not been frozen: every row is read, and the run refused where
    /// something speaks against it.
    async fn plan_thawed(&self, run: &Run, point: &RecoveryPoint) -> Result<Plan> {
        if let Some(plan) = self.plan_if_made(&run.run_id).await? {
            self.validate(&plan, None, Some(&run.run_id)).await?;
            return Ok(plan);
        }
        let asked = self.stored_request(&run.run_id).await?;
        let mut request = asked.request;
        request.preflight = Depth::Exact;
        request.show_values = false;
        let copy = restorable_copy(point, &request.region)?;
        let planned = self.make_plan(point, &copy, &request).await?;
        let plan = match planned.plan {
            Some(plan) if !planned.preflight.is_blocked() => plan,
            _ => return Err(Error::Blocked(Box::new(planned.preflight))),
        };
        let approval = Approval {
            overwrite: asked.overwrite,
            ..Approval::default()
        };
        confirmed(&approval.unconfirmed(&plan))?;
        let targets: Vec<_> = plan.tables.iter().map(|table| &table.target).collect();
        self.refuse_shared_targets(&plan.target_region, &targets, Some(&run.run_id))
            .await?;
        Ok(plan)
    }

    /// Records the plan, and that the run goes on.
    async fn take_plan(&self, record: &mut Record<Run>, plan: &Plan) -> Result<()> {
        self.store_plan(&record.value.run_id, plan).await?;
        let now = self.now();
        self.change_waiting(record, |run| {
            run.take_plan(plan);
            run.enter(Phase::Checking, now);
            if let Some(thaw) = &mut run.thaw {
                thaw.over_at = Some(now);
                thaw.obstacle = None;
            }
        })
        .await
    }

    /// Changes the run beside whoever cancels or pauses it.
    async fn change_waiting(&self, record: &mut Record<Run>, change: impl Fn(&mut Run)) -> Result<()> {
        for _ in 0..TRIES_MAX {
            change(&mut record.value);
            if self.save_run(record).await? {
                return Ok(());
            }
        }
        Err(Error::Contended {
            subject: format!("restore {}", record.value.run_id),
        })
    }
}

/// What the copy, as it was last seen, asks for.
fn next(run: &Run, copy: Option<&Copy>, now: Timestamp) -> Step {
    let Some(thaw) = &run.thaw else {
        return Step::Plan;
    };
    let Some(copy) = copy else {
        return Step::Fail(Error::NotFound {
            kind: "copy",
            id: format!("of restore {} in {}", run.run_id, run.region),
        });
    };
    match copy.verdict {
        Verdict::Verified => {}
        // Out of reach at this moment, or being compared anew: that passes.
        Verdict::Unknown { .. } | Verdict::Pending => return Step::Wait,
        Verdict::Incomplete { .. } | Verdict::Expired { .. } => {
            return Step::Fail(Error::Conflict(format!(
                "the copy in {} is {} since the restore was asked for: {}",
                copy.region,
                copy.verdict.name(),
                copy.verdict.explanation()
            )));
        }
    }
    let Some(archived) = copy.archived.as_ref().filter(|archived| archived.needs_thaw()) else {
        return Step::Plan;
    };
    let Some(asked_at) = thaw.asked_at else {
        return Step::Ask;
    };
    let lying = archived.objects
        - archived
            .thawing
            .saturating_add(archived.readable)
            .min(archived.objects);
    if lying > 0 {
        return Step::Fail(Error::Conflict(format!(
            "{lying} of {} objects in {} froze again before the restore went on, and a second thaw was not agreed to; start \
             it again",
            archived.objects, copy.region
        )));
    }
    if now.duration_since(asked_at) > PATIENCE {
        return Step::Fail(Error::Conflict(format!(
            "S3 has been asked to thaw the copy in {} since {asked_at} and has not done so; ask AWS, and start it again",
            copy.region
        )));
    }
    Step::Wait
}

/// An entry of the audit log on the run's thaw. The worker acts for whoever agreed to it.
fn happened(run: &Run, point: &RecoveryPointId) -> impl Fn(audit::Phase, String) -> Happened + use<> {
    let (name, reason, subject) = (run.requested_by.clone(), run.reason.clone(), point.to_string());
    move |phase, detail| Happened {
        actor: Actor {
            name: name.clone(),
            role: Role::Operator,
            via: Via::Worker,
        },
        permission: Permission::Thaw,
        subject: subject.clone(),
        phase,
        reason: reason.clone(),
        detail,
        request_id: None,
    }
}
