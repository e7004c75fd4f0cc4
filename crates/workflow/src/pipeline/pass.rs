//! One pass over every vault, Region and account.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use futures::{FutureExt, StreamExt, TryStreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use recovery::ids::{AccountId, RecoveryPointId, Region, SourceId};
use recovery::policy::Policy;
use recovery::source::Source;

use super::known::Work;
use super::next::{Next, Wait, admit, is_later, next};
use super::report::{Reconciled, Report};
use crate::Workflow;
use crate::catalogue::{Backup, Brief, Export, PointEntry};
use crate::control::Record;
use crate::error::Result;
use crate::workflow::Shared;

/// Each source's recovery points are read anew this often, to see what other processes did.
const SWEEP_EVERY: SignedDuration = SignedDuration::from_hours(1);

/// Sources whose recovery points one pass reads anew, but for the first: 84,000 hourly ones of 35 days.
const SWEPT_IN_A_PASS: usize = 100;

/// Sources whose recovery points are read at once.
const SOURCES_AT_ONCE: usize = 8;

/// Vaults that are listed at once.
const VAULTS_AT_ONCE: usize = 4;

/// Recovery points that are worked on at once. Each may have dozens of requests under way.
const POINTS_AT_ONCE: usize = 4;

/// One pass.
pub(super) struct Pass<'a> {
    pub(super) workflow: &'a Workflow,
    /// The time at which the pass began.
    pub(super) now: Timestamp,
    pub(super) report: Report,
    /// The oldest recovery point of each source among those that this pass discovered or swept.
    pub(super) oldest: Mutex<BTreeMap<SourceId, Timestamp>>,
    /// Regions that did not answer in this pass, and what was said: they are not asked again before the next.
    down: Mutex<BTreeMap<Region, aws::Error>>,
}

/// A recovery point that waits for its export: when it was made, and whether nothing is to be written down while it waits.
type Wanted = (Timestamp, RecoveryPointId, bool);

/// Exports that want to begin, by account and Region.
type Waiting = BTreeMap<(AccountId, Region), Vec<(SourceId, Wanted)>>;

impl Workflow {
    /// One pass over every vault, Region and account. Idempotent; errors of one recovery point or Region are
    /// counted and never stop the others.
    pub async fn reconcile(&self) -> Result<Reconciled> {
        let _turn = self.shared.pipeline.turn.lock().await;
        let pass = Pass::new(self);
        pass.sweep().await?;
        pass.look_again().await?;
        // Boxed, for the compiler cannot prove the whole `Send` at once.
        pass.discover().boxed().await;
        pass.adopt().boxed().await;
        pass.advance().boxed().await;
        let began_at = pass.now;
        let report = pass.report.finish();
        self.shared.pipeline.memory().passed_at = Some(began_at);
        self.shared.meter.count(|metrics| {
            let outcome = if report.errors.is_empty() {
                "complete"
            } else {
                "with_errors"
            };
            *metrics.reconciles.entry(outcome.to_owned()).or_default() += 1;
            metrics.exports_started += report.started;
        });
        if let Err(error) = self.look_at_all().boxed().await {
            tracing::warn!(%error, "the RPO figures could not be read");
        }
        Ok(report)
    }
}

impl<'a> Pass<'a> {
    /// A pass that begins now.
    pub(super) fn new(workflow: &'a Workflow) -> Self {
        Self {
            workflow,
            now: workflow.now(),
            report: Report::default(),
            oldest: Mutex::default(),
            down: Mutex::default(),
        }
    }
}

impl Pass<'_> {
    pub(super) fn shared(&self) -> &Shared {
        &self.workflow.shared
    }

    /// Reads the catalogue: whole at the first pass, and then some sources at a time, each once in a while.
    async fn sweep(&self) -> Result<()> {
        let swept_at = self.shared().pipeline.memory().swept_at;
        if swept_at.is_none_or(|at| self.now.duration_since(at).abs() >= SWEEP_EVERY) {
            let sources = self.shared().catalogue.sources().await?;
            let mut memory = self.shared().pipeline.memory();
            memory.unswept = sources.iter().map(|source| source.id.clone()).collect();
            let by_id = sources.into_iter().map(|source| (source.id.clone(), source));
            memory.sources.extend(by_id);
        }
        let (oldest, at_a_time) = match swept_at {
            Some(_) => (self.oldest_known(), SWEPT_IN_A_PASS),
            None => (BTreeMap::new(), usize::MAX),
        };
        let due: Vec<SourceId> = {
            let unswept = &mut self.shared().pipeline.memory().unswept;
            let rest = unswept.len().saturating_sub(at_a_time);
            unswept.split_off(rest)
        };
        let swept = stream::iter(due.clone())
            .map(|source| {
                let from = oldest.get(&source).copied();
                self.sweep_source(source, from)
            })
            .buffer_unordered(SOURCES_AT_ONCE)
            .try_collect::<()>()
            .await;
        let mut memory = self.shared().pipeline.memory();
        if let Err(error) = swept {
            memory.unswept.extend(due);
            return Err(error);
        }
        if swept_at.is_none_or(|at| self.now.duration_since(at).abs() >= SWEEP_EVERY) {
            memory.swept_at = Some(self.now);
        }
        Ok(())
    }

    /// Reads a source's recovery points, those made at or after `from`.
    async fn sweep_source(&self, source: SourceId, from: Option<Timestamp>) -> Result<()> {
        if from.is_none() {
            let written = self.shared().catalogue.complete(&source).await?;
            if written > 0 {
                tracing::info!(%source, written, "completed the records of an earlier version");
            }
        }
        let mut after: Option<String> = None;
        loop {
            let page = self
                .shared()
                .catalogue
                .briefs(&source, from, None, after.as_deref(), None)
                .await?;
            after = page.next();
            for (_, brief) in page.items {
                if brief.backup != Backup::Adopted {
                    self.note_oldest(&source, &brief.glance);
                }
                self.remember_brief(&source, brief);
            }
            if after.is_none() {
                return Ok(());
            }
        }
    }

    /// The oldest recovery point of each source that is remembered: what is older is over, and nothing is left to do
    /// with it.
    fn oldest_known(&self) -> BTreeMap<SourceId, Timestamp> {
        let memory = self.shared().pipeline.memory();
        let mut oldest: HashMap<u32, Timestamp> = HashMap::new();
        for known in memory.points.values() {
            let oldest = oldest.entry(known.source).or_insert(known.created_at);
            *oldest = known.created_at.min(*oldest);
        }
        oldest
            .into_iter()
            .filter_map(|(source, at)| Some((memory.source_ids.value(source)?.clone(), at)))
            .collect()
    }

    async fn discover(&self) {
        stream::iter(self.shared().settings.vaults.clone())
            .for_each_concurrent(VAULTS_AT_ONCE, |vault| async move {
                self.list_vault(&vault).await;
            })
            .await;
        self.hold_against_policies().await;
        let undescribed: BTreeSet<(Region, AccountId)> = self
            .shared()
            .pipeline
            .memory()
            .sources
            .values()
            .filter(|source| source.engine.is_none() && self.reaches(source))
            .map(|source| (source.region.clone(), source.account.clone()))
            .collect();
        for (region, account) in undescribed {
            if let Err(error) = self.describe_databases(&region, &account).await {
                self.report
                    .error(&format!("DB instances of {account} ({region})"), &error);
            }
        }
    }

    /// Whether the settings name the place that a source runs in. One that is known from evidence may run elsewhere.
    fn reaches(&self, source: &Source) -> bool {
        let settings = &self.shared().settings;
        settings.accounts.contains(&source.account) && settings.regions.contains(&source.region)
    }

    /// Takes every open recovery point as far as it goes.
    async fn advance(&self) {
        let running: Mutex<BTreeMap<(AccountId, Region), BTreeMap<SourceId, usize>>> = Mutex::default();
        let (look, waiting) = self.work();
        let waiting = Mutex::new(waiting);
        stream::iter(look)
            .for_each_concurrent(POINTS_AT_ONCE, |id| {
                let (running, waiting) = (&running, &waiting);
                async move {
                    let entry = match self.advance_point(&id).await {
                        Ok(Some(entry)) => entry,
                        Ok(None) => return,
                        Err(error) => return self.report.error(&id, &error),
                    };
                    let point = &entry.point;
                    let place = (point.account.clone(), point.region.clone());
                    match next(&entry, self.refusal(&entry), self.now) {
                        Next::Follow { .. } => {
                            let source = point.source.clone();
                            *lock(running).entry(place).or_default().entry(source).or_default() += 1;
                        }
                        Next::Export { .. } => {
                            let wanted = (point.source.clone(), (point.created_at, point.id.clone(), false));
                            lock(waiting).entry(place).or_default().push(wanted);
                        }
                        Next::Wait(_) | Next::Check(_) | Next::Done => {}
                    }
                }
            })
            .await;
        let running = running.into_inner().unwrap_or_else(PoisonError::into_inner);
        for (place, wanted) in waiting.into_inner().unwrap_or_else(PoisonError::into_inner) {
            let under_way = running.get(&place).cloned().unwrap_or_default();
            let (now, later) = admit(wanted, &under_way);
            // A Region that does not answer is not asked once for each of its recovery points.
            let now = if self.is_down(&place.1).is_some() {
                Vec::new()
            } else {
                now
            };
            for (_, id, _) in now {
                if let Err(error) = self.start_export(&id).await {
                    self.report.error(&id, &error);
                }
            }
            for (_, id, _) in later.into_iter().filter(|(_, _, is_held)| !is_held) {
                if let Err(error) = self.hold_export(&id).await {
                    self.report.error(&id, &error);
                }
            }
        }
        let still_open = self
            .shared()
            .pipeline
            .memory()
            .points
            .values()
            .filter(|known| known.work != Work::Nothing)
            .count();
        self.report.count(|report| report.waiting = still_open as u64);
    }

    /// What there is to do: the recovery points whose records have to be looked at, and those that wait for their export.
    fn work(&self) -> (Vec<RecoveryPointId>, Waiting) {
        let memory = self.shared().pipeline.memory();
        let (mut look, mut waiting) = (Vec::new(), Waiting::new());
        for known in memory.points.values() {
            match known.work {
                Work::Nothing | Work::Await => {}
                Work::Look => look.push(known.id.clone()),
                Work::Export { retry_at, .. } if is_later(retry_at, self.now) => {}
                Work::Export { is_held, .. } => {
                    let (Some((region, account, _)), Some(source)) = (
                        memory.vaults.value(known.vault),
                        memory.source_ids.value(known.source),
                    ) else {
                        continue;
                    };
                    let wanted = (source.clone(), (known.created_at, known.id.clone(), is_held));
                    waiting
                        .entry((account.clone(), region.clone()))
                        .or_default()
                        .push(wanted);
                }
            }
        }
        (look, waiting)
    }

    /// Follows an export and checks copies, as far as that goes now. Starting exports is left to the pass, which
    /// knows how many there may be.
    async fn advance_point(&self, id: &RecoveryPointId) -> Result<Option<PointEntry>> {
        let Some(mut record) = self.shared().catalogue.entry(id).await? else {
            return Ok(None);
        };
        if record.value.pipeline.looks_late {
            self.judge_lateness(&mut record).await?;
        }
        if let Next::Follow { attempt } = next(&record.value, None, self.now)
            && self.is_down(&record.value.point.region).is_none()
        {
            self.follow_export(&mut record, attempt).await?;
        }
        match next(&record.value, self.refusal(&record.value), self.now) {
            Next::Check(regions) => {
                self.check_copies(&mut record, &regions, false).await?;
            }
            Next::Wait(Wait::Policy(refusal)) => self.note_refusal(&mut record, &refusal).await?,
            Next::Export { .. } | Next::Follow { .. } | Next::Wait(_) | Next::Done => {}
        }
        self.remember(&record.value);
        Ok(Some(record.value))
    }

    /// Why the export policy does not want a recovery point.
    pub(super) fn refusal(&self, entry: &PointEntry) -> Option<String> {
        let point = &entry.point;
        let policy = self.policy(&point.source);
        let is_copied = point.copied_from.is_some();
        policy.export.refuses(point.created_at, is_copied, self.now)
    }

    /// What is expected of a source.
    pub(super) fn policy(&self, source: &SourceId) -> Arc<Policy> {
        self.workflow.policy_of(source)
    }

    async fn note_refusal(&self, record: &mut Record<PointEntry>, refusal: &str) -> Result<()> {
        let text = format!("Not exported: {refusal}.");
        if let Export::Waiting { obstacle, .. } = &mut record.value.pipeline.export
            && obstacle.as_ref() != Some(&text)
        {
            *obstacle = Some(text);
            self.save(record).await?;
        }
        Ok(())
    }

    /// Records a changed entry. `false`: another process changed it first, and the next pass looks at what it did.
    pub(super) async fn save(&self, record: &mut Record<PointEntry>) -> Result<bool> {
        record.value.refresh();
        if self
            .shared()
            .catalogue
            .replace(&record.value, record.version)
            .await?
        {
            record.version += 1;
            self.remember(&record.value);
            return Ok(true);
        }
        if let Some(theirs) = self.shared().catalogue.entry(&record.value.point.id).await? {
            *record = theirs;
        }
        Ok(false)
    }

    /// Keeps in memory what the next pass needs to know of a recovery point.
    pub(super) fn remember(&self, entry: &PointEntry) {
        self.remember_brief(&entry.point.source, Brief::of(entry));
    }

    fn remember_brief(&self, source: &SourceId, brief: Brief) {
        let refusal = self
            .policy(source)
            .export
            .refuses(brief.glance.created_at, brief.glance.is_copied, self.now);
        let work = Work::of(brief.stage, refusal.is_some());
        let mut memory = self.shared().pipeline.memory();
        memory.strangers.note(&brief);
        memory.remember(source, brief, work);
    }

    /// What a Region answered that did not answer in this pass.
    pub(super) fn is_down(&self, region: &Region) -> Option<aws::Error> {
        lock(&self.down).get(region).cloned()
    }

    pub(super) fn note_down(&self, region: &Region, error: &aws::Error) {
        if error.kind == aws::ErrorKind::Unreachable {
            lock(&self.down).insert(region.clone(), error.clone());
        }
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
