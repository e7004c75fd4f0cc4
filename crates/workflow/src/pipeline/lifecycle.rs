//! Following the lifecycle of copies: what a policy lets go is tagged, and the bucket's own rules do the rest.
//!
//! It is written down before the first tag, so that no restore begins from a copy that ends; what a killed server has not
//! tagged is tagged by the next. Nothing is asked for where what would stay behind is not found whole at that moment.

use std::collections::{BTreeMap, BTreeSet};

use aws::s3::LifecycleRule;
use jiff::{SignedDuration, Timestamp};
use recovery::actor::Permission;
use recovery::audit::Phase;
use recovery::ids::{RecoveryPointId, Region, SourceId};
use recovery::lifecycle::{Action, Asked, Go, Outcome, Plan, Report, Step, TAG, outcome};
use recovery::point::Copy;
use recovery::policy::Policy;
use recovery::source::SourceSummary;
use recovery::verdict::Verdict;

use super::looks::location;
use super::pass::Pass;
use crate::Workflow;
use crate::audit::Happened;
use crate::catalogue::PointEntry;
use crate::control::{Change, Key, Record};
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::replication::tag::{has_rule, kept_by, tag};

/// Recovery points that are read at a time.
const READ_AT_A_TIME: usize = 100;

/// How often a copy is looked at that S3 was asked to move. S3 does so at midnight UTC.
const MOVE_LOOK: SignedDuration = SignedDuration::from_hours(24);

/// How long. What has not moved by then is smaller than S3 moves, or `doctor` says what is wrong.
const MOVE_PATIENCE: SignedDuration = SignedDuration::from_hours(24 * 5);

/// What one go has found already, so that nothing is asked twice.
#[derive(Default)]
struct Seen {
    in_use: BTreeSet<RecoveryPointId>,
    /// Whether what stays behind is whole, by recovery point and Region.
    stays: BTreeMap<(RecoveryPointId, Region), bool>,
    rules: BTreeMap<String, Vec<LifecycleRule>>,
}

impl Workflow {
    /// What the policy's lifecycle asks for of a source's copies now, and what was done about it last;
    /// [`crate::Error::NotFound`].
    pub async fn lifecycle(&self, id: &SourceId) -> Result<Report> {
        let source = self.source(id).await?;
        let in_use = self.recovery_points_in_use().await?;
        let policy = self.policy_of(id);
        let mut plan = Plan::default();
        let mut after: Option<String> = None;
        loop {
            let (entries, next) = self.old_points(id, &policy, after.as_deref()).await?;
            for entry in &entries {
                for copy in &entry.point.copies {
                    plan.add(asked_of(entry, copy, &policy, &source, &in_use, self.now()));
                }
            }
            after = next;
            if after.is_none() {
                break;
            }
        }
        let last = self.shared.control.get(&Key::lifecycle(id)).await?;
        Ok(Report {
            now: plan,
            last: last.map(|record| record.value),
        })
    }

    /// Does what policies' lifecycles ask for of every source's copies. Gives what S3 was asked for, and what was spared.
    /// Errors of one source stop none of the others.
    pub async fn follow_lifecycles(&self) -> Result<BTreeMap<SourceId, Go>> {
        let pass = Pass::new(self);
        let mut seen = Seen {
            in_use: self.recovery_points_in_use().await?,
            ..Seen::default()
        };
        let mut went = BTreeMap::new();
        for source in self.shared.catalogue.sources().await? {
            match Box::pin(pass.follow_lifecycle(&source.id, &mut seen)).await {
                Ok(None) => {}
                Ok(Some(go)) => {
                    went.insert(source.id, go);
                }
                Err(error) => {
                    tracing::warn!(source = %source.id, %error, "the lifecycle of its copies could not be followed");
                }
            }
        }
        Ok(went)
    }

    /// The recovery points that restores read now.
    async fn recovery_points_in_use(&self) -> Result<BTreeSet<RecoveryPointId>> {
        let mut in_use = BTreeSet::new();
        for id in self.active_runs().await? {
            in_use.extend(self.run(&id).await?.recovery_point);
        }
        Ok(in_use)
    }

    /// A page of the recovery points that are old enough for some lifecycle of the policy, the newest first, and where the
    /// next one begins.
    async fn old_points(
        &self,
        source: &SourceId,
        policy: &Policy,
        after: Option<&str>,
    ) -> Result<(Vec<PointEntry>, Option<String>)> {
        let Some(begins) = policy.lifecycle_begins_after() else {
            return Ok((Vec::new(), None));
        };
        // Times in keys are whole seconds.
        let to = self.now() - begins + SignedDuration::from_secs(1);
        let page = self
            .shared
            .catalogue
            .page(source, None, Some(to), after, READ_AT_A_TIME)
            .await?;
        let next = page.next();
        Ok((page.items.into_iter().map(|(_, entry)| entry).collect(), next))
    }
}

impl Pass<'_> {
    /// `None` where the policy has no lifecycle.
    async fn follow_lifecycle(&self, id: &SourceId, seen: &mut Seen) -> Result<Option<Go>> {
        let policy = self.policy(id);
        if policy.lifecycle_begins_after().is_none() {
            return Ok(None);
        }
        let source = self.workflow.source(id).await?;
        let mut plan = Plan::default();
        let mut after: Option<String> = None;
        loop {
            let (entries, next) = self.workflow.old_points(id, &policy, after.as_deref()).await?;
            for entry in &entries {
                for copy in &entry.point.copies {
                    if is_to_be_seen(copy, self.now) {
                        self.look_after(&entry.point.id, &copy.region).await;
                    }
                    let found = match asked_of(entry, copy, &policy, &source, &seen.in_use, self.now) {
                        Outcome::Due(step) => Box::pin(self.follow(step, &source, seen)).await?,
                        found => found,
                    };
                    plan.add(found);
                }
            }
            after = next;
            if after.is_none() {
                break;
            }
        }
        let go = Go { at: self.now, plan };
        let change = Change::put(Key::lifecycle(id), &go)?;
        self.shared().control.write(vec![change]).await?;
        Ok(Some(go))
    }

    /// Looks at a copy that S3 was asked to move.
    async fn look_after(&self, id: &RecoveryPointId, region: &Region) {
        let looked = async {
            if let Some(mut record) = self.shared().catalogue.entry(id).await? {
                self.check_copies(&mut record, std::slice::from_ref(region), false)
                    .await?;
            }
            Ok::<_, Error>(())
        };
        if let Err(error) = Box::pin(looked).await {
            tracing::warn!(recovery_point = %id, %region, %error, "a copy that moves could not be looked at");
        }
    }

    /// Does what is due of a copy, unless S3 or the moment says otherwise.
    async fn follow(&self, mut step: Step, source: &SourceSummary, seen: &mut Seen) -> Result<Outcome> {
        let Some(mut record) = self.shared().catalogue.entry(&step.recovery_point).await? else {
            return Ok(Outcome::Nothing);
        };
        let Some(copy) = record.value.point.copy_in(&step.region).cloned() else {
            return Ok(Outcome::Nothing);
        };
        match self.spared(&copy, step.action, source, seen).await {
            Ok(None) => {}
            Ok(Some(why)) => {
                step.why = why;
                return Ok(Outcome::Spared(step));
            }
            Err(error) => {
                step.why = error.to_string();
                return Ok(Outcome::Spared(step));
            }
        }
        let id = step.recovery_point.clone();
        let say = |phase, detail: String| {
            Happened::new(&Ctx::worker(), Permission::Lifecycle, &id, phase).detail(detail)
        };
        let what = format!(
            "the copy in {} {}: {}",
            step.region,
            step.action.words(),
            step.why
        );
        self.workflow.record(say(Phase::Started, what.clone())).await?;
        if let Some(why) = self.decide(&mut record, &copy, &step).await? {
            self.workflow
                .record(say(Phase::Refused, format!("{what}; but {why}")))
                .await?;
            step.why = why;
            return Ok(Outcome::Spared(step));
        }
        match tag(&self.shared().cloud, &location(&copy), step.action).await {
            Ok(objects) => {
                self.change(&mut record, &step.region, |copy| {
                    if let Some(asked) = &mut copy.lifecycle {
                        asked.tagged_at = Some(self.now);
                    }
                })
                .await?;
                let done = format!("{what}; {objects} objects are tagged for S3");
                self.workflow.record(say(Phase::Succeeded, done)).await?;
                Ok(Outcome::Due(step))
            }
            Err(unread) => {
                let failed = format!("{what}; not every object could be tagged: {}", unread.error);
                self.workflow.record(say(Phase::Failed, failed.clone())).await?;
                step.why = failed;
                Ok(Outcome::Spared(step))
            }
        }
    }

    /// Why nothing is asked for now: what would stay behind is not whole, the bucket has no rule, or S3 keeps an object.
    async fn spared(
        &self,
        copy: &Copy,
        action: Action,
        source: &SourceSummary,
        seen: &mut Seen,
    ) -> Result<Option<String>> {
        let stays = source
            .regions
            .iter()
            .find(|rpo| rpo.region == copy.region)
            .and_then(|rpo| rpo.newest_restorable.clone());
        let is_whole = match stays {
            Some(id) => self.is_whole(&id, &copy.region, seen).await?,
            None => false,
        };
        if !is_whole {
            return Ok(Some(format!(
                "what {} would then be restored from in {} could not be found whole",
                source.source.id, copy.region
            )));
        }
        let at = location(copy);
        if !seen.rules.contains_key(&copy.bucket) {
            let rules = self.shared().cloud.lifecycle_rules(&at.bucket()).await?;
            seen.rules.insert(copy.bucket.clone(), rules);
        }
        let rules = seen
            .rules
            .get(&copy.bucket)
            .map(Vec::as_slice)
            .unwrap_or_default();
        if !has_rule(rules, &copy.region, &copy.prefix, action) {
            return Ok(Some(format!(
                "bucket {} has no lifecycle rule for {TAG}={}; infra/cloudformation/copies.yaml makes it",
                copy.bucket,
                action.tag_value(&copy.region)
            )));
        }
        kept_by(&self.shared().cloud, &at, self.now)
            .await
            .map_err(|unread| Error::Aws(unread.error))
    }

    /// Whether a copy is verified and can be read, looked at in this go.
    async fn is_whole(&self, id: &RecoveryPointId, region: &Region, seen: &mut Seen) -> Result<bool> {
        let key = (id.clone(), region.clone());
        if let Some(is_whole) = seen.stays.get(&key) {
            return Ok(*is_whole);
        }
        let Some(mut record) = self.shared().catalogue.entry(id).await? else {
            return Ok(false);
        };
        self.check_copies(&mut record, std::slice::from_ref(region), false)
            .await?;
        let copy = record.value.point.copy_in(region);
        // One that could not be looked at keeps its verdict for a while; here only what was seen now counts.
        let is_whole = copy.is_some_and(|copy| copy.is_ready() && copy.checked_at == Some(self.now));
        seen.stays.insert(key, is_whole);
        Ok(is_whole)
    }

    /// Writes down what is decided of a copy. Why not, where somebody was faster.
    async fn decide(
        &self,
        record: &mut Record<PointEntry>,
        before: &Copy,
        step: &Step,
    ) -> Result<Option<String>> {
        let now = self.now;
        let is_written = self
            .change(record, &step.region, |copy| {
                let same = copy.lifecycle.take().filter(|asked| asked.action == step.action);
                copy.lifecycle = same.or(Some(Asked {
                    action: step.action,
                    decided_at: now,
                    tagged_at: None,
                }));
                if step.action == Action::Expiration && !copy.verdict.is_expired() {
                    copy.verdict = Verdict::Expired { at: now };
                    copy.lost_at = None;
                }
            })
            .await?;
        if !is_written {
            return Ok(Some("its record changed in the meantime".to_owned()));
        }
        // A restore that was written down before is seen now. One of this very moment reads on until S3 acts, and goes on from
        // another Region's copy then.
        let in_use = self.workflow.recovery_points_in_use().await?;
        if !in_use.contains(&step.recovery_point) {
            return Ok(None);
        }
        self.change(record, &step.region, |copy| copy.clone_from(before))
            .await?;
        Ok(Some("a restore has just begun to read it".to_owned()))
    }

    async fn change(
        &self,
        record: &mut Record<PointEntry>,
        region: &Region,
        change: impl FnOnce(&mut Copy),
    ) -> Result<bool> {
        if let Some(copy) = record
            .value
            .point
            .copies
            .iter_mut()
            .find(|copy| copy.region == *region)
        {
            change(copy);
        }
        self.save(record).await
    }
}

/// Whether S3 was asked to move a copy some time ago, and it is not known to have done so.
fn is_to_be_seen(copy: &Copy, now: Timestamp) -> bool {
    let asked = copy.lifecycle.as_ref().filter(|_| copy.archived.is_none());
    let is_moving = asked.is_some_and(|asked| {
        asked.action == Action::Transition && now.duration_since(asked.decided_at) < MOVE_PATIENCE
    });
    is_moving
        && copy
            .checked_at
            .is_none_or(|at| now.duration_since(at) >= MOVE_LOOK)
}

/// What the policy asks for of a copy, as far as the catalogue tells.
fn asked_of(
    entry: &PointEntry,
    copy: &Copy,
    policy: &Policy,
    source: &SourceSummary,
    in_use: &BTreeSet<RecoveryPointId>,
    now: Timestamp,
) -> Outcome {
    let Some(expected) = policy.region(&copy.region) else {
        return Outcome::Nothing;
    };
    let last = source
        .regions
        .iter()
        .find(|rpo| rpo.region == copy.region)
        .and_then(|rpo| rpo.newest_restorable.as_ref());
    let is_in_use = in_use.contains(&entry.point.id);
    outcome(&entry.point, copy, &expected.lifecycle, last, is_in_use, now)
}
