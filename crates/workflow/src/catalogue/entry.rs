//! What the catalogue keeps of a recovery point: what everybody sees, and where the pipeline stands.

use jiff::Timestamp;
use recovery::evidence::Origin;
use recovery::export_failure::explained;
use recovery::ids::Region;
use recovery::point::{ManifestRef, RecoveryPoint, State, Step, StepName, StepStatus, state_of_copies};
use recovery::verdict::Verdict;
use serde::{Deserialize, Serialize};

/// A recovery point in the control table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct PointEntry {
    /// What everybody sees. Its tables are empty here where `table_parts` says that they stand in items of their own.
    pub(crate) point: RecoveryPoint,
    /// Where the pipeline stands.
    pub(crate) pipeline: Pipeline,
    /// Items that hold the tables; 0 where they are in `point`.
    #[serde(default)]
    pub(crate) table_parts: u32,
    /// Which writing of those items counts.
    #[serde(default)]
    pub(crate) table_generation: u32,
}

/// What the pipeline remembers of a recovery point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Pipeline {
    /// What AWS Backup says of it.
    pub(crate) backup: Backup,
    /// When AWS Backup had it complete.
    pub(crate) backed_up_at: Option<Timestamp>,
    /// Its export.
    pub(crate) export: Export,
    /// When a failed step may be tried again.
    #[serde(default)]
    pub(crate) retry_at: Option<Timestamp>,
    /// Whether it looks late, and whether another recovery point answered its due time before has yet to be looked up.
    #[serde(default)]
    pub(crate) looks_late: bool,
    /// When all objects of a replica were first there, per Region.
    #[serde(default)]
    pub(crate) arrived_at: std::collections::BTreeMap<Region, Timestamp>,
    /// What it was taken up from, where that was the evidence beside its copies.
    #[serde(default)]
    pub(crate) adopted: Option<Adopted>,
}

/// The evidence that a recovery point was taken up from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Adopted {
    /// What it says of the recovery point.
    pub(crate) origin: Origin,
    /// The manifest that copies are held against which have none of their own.
    pub(crate) record: ManifestRef,
}

/// What AWS Backup says of a recovery point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Backup {
    /// It is being made.
    Creating,
    /// It can be exported.
    Completed,
    /// AWS Backup gave it up before it was whole.
    Partial,
    /// Its lifecycle has ended it.
    #[serde(alias = "ended")]
    Expired,
    /// It was deleted, or is being deleted, before its lifecycle would have ended it.
    Deleted,
    /// Nobody knows: it is known from the evidence beside its copies alone.
    Adopted,
}

impl Backup {
    /// Whether AWS Backup has it no longer.
    pub(crate) fn is_over(self) -> bool {
        matches!(self, Self::Expired | Self::Deleted)
    }
}

/// An export, as far as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub(crate) enum Export {
    /// None has been started, and why not, where something is in the way.
    Waiting {
        /// The number that the next attempt has, from 1.
        attempt: u32,
        /// What is in the way.
        obstacle: Option<String>,
        /// Whether the obstacle is a failure that somebody must look at.
        needs_help: bool,
    },
    /// RDS works on it.
    Running {
        /// The attempt's number.
        attempt: u32,
        /// When we first knew of it.
        started_at: Timestamp,
        /// 0 to 100.
        percent: u8,
        /// RDS's status in words.
        stage: String,
    },
    /// It stands in the bucket.
    Complete {
        /// The attempt's number.
        attempt: u32,
        /// When it was started.
        started_at: Timestamp,
        /// When it was complete.
        ended_at: Timestamp,
        /// What RDS warned of, verbatim.
        warning: Option<String>,
    },
    /// Its last attempt failed, and no further one will be made.
    Failed {
        /// The attempt's number.
        attempt: u32,
        /// When it failed.
        ended_at: Timestamp,
        /// RDS's words.
        cause: String,
    },
}

impl PointEntry {
    /// A recovery point that was just discovered.
    pub(crate) fn discovered(point: RecoveryPoint, backup: Backup, backed_up_at: Option<Timestamp>) -> Self {
        let mut entry = Self {
            point,
            pipeline: Pipeline {
                backup,
                backed_up_at,
                export: Export::Waiting {
                    attempt: 1,
                    obstacle: None,
                    needs_help: false,
                },
                retry_at: None,
                looks_late: false,
                arrived_at: std::collections::BTreeMap::new(),
                adopted: None,
            },
            table_parts: 0,
            table_generation: 0,
        };
        entry.refresh();
        entry
    }

    /// A recovery point that is taken up from the evidence beside its copies. Its export, which was attempt `attempt`, is
    /// over; nothing is known of the copies yet.
    pub(crate) fn adopted(point: RecoveryPoint, attempt: u32, adopted: Adopted) -> Self {
        let mut entry = Self::discovered(point, Backup::Adopted, None);
        entry.pipeline.export = Export::Complete {
            attempt,
            started_at: adopted.origin.export_started_at,
            ended_at: adopted.origin.export_ended_at,
            warning: None,
        };
        entry.pipeline.adopted = Some(adopted);
        entry.refresh();
        entry
    }

    /// AWS Backup has it no longer. What was known of it stays.
    pub(crate) fn end(&mut self, how: Backup, now: Timestamp) {
        let expired_at = self.point.expires_at.filter(|_| how == Backup::Expired);
        self.pipeline.backup = how;
        self.point.ended_at = Some(expired_at.map_or(now, |at| at.min(now)));
    }

    /// Derives state and steps from what is recorded. Called after every change.
    pub(crate) fn refresh(&mut self) {
        self.point.state = self.state();
        self.point.steps = self.steps();
    }

    fn state(&self) -> State {
        let is_running = matches!(self.pipeline.export, Export::Running { .. });
        match self.pipeline.backup {
            Backup::Expired if !is_running => return State::Expired,
            Backup::Deleted if !is_running => return State::Deleted,
            _ => {}
        }
        match &self.pipeline.export {
            Export::Waiting { .. } => match self.pipeline.backup {
                Backup::Creating => State::Creating,
                Backup::Partial => State::Partial,
                _ if self.point.copied_from.is_some() => State::Copied,
                Backup::Completed | Backup::Expired | Backup::Deleted | Backup::Adopted => {
                    State::AwaitingExport
                }
            },
            Export::Running { .. } => State::Exporting,
            Export::Failed { .. } => State::ExportFailed,
            Export::Complete { .. } => state_of_copies(self.point.copies.iter().map(|copy| &copy.verdict)),
        }
    }

    fn steps(&self) -> Vec<Step> {
        let mut steps = vec![self.backed_up(), self.exported()];
        let exported_at = match &self.pipeline.export {
            Export::Complete { ended_at, .. } => Some(*ended_at),
            _ => None,
        };
        for copy in &self.point.copies {
            if !copy.is_export {
                let (status, detail) =
                    replicated(&copy.verdict, copy.evidence.as_ref(), exported_at.is_some());
                let arrived_at = self.pipeline.arrived_at.get(&copy.region).copied();
                steps.push(Step {
                    step: StepName::Replicated,
                    region: Some(copy.region.clone()),
                    status,
                    started_at: exported_at,
                    ended_at: arrived_at.filter(|_| status == StepStatus::Done),
                    detail,
                });
            }
            let (status, detail) = verified(&copy.verdict, copy.evidence.as_ref(), exported_at.is_some());
            steps.push(Step {
                step: StepName::Verified,
                region: Some(copy.region.clone()),
                status,
                started_at: exported_at,
                ended_at: match status {
                    StepStatus::Done => copy.verified_at,
                    StepStatus::Failed => copy.checked_at,
                    StepStatus::NotStarted | StepStatus::InProgress => None,
                },
                detail,
            });
        }
        steps
    }

    fn backed_up(&self) -> Step {
        let (status, detail) = match self.pipeline.backup {
            Backup::Creating => (StepStatus::InProgress, "AWS Backup is making it.".to_owned()),
            Backup::Completed => {
                let copied = self.point.copied_from.as_ref();
                let copied = copied.map_or_else(String::new, |from| format!(" Copied from {from}."));
                let late = self.point.late_by_seconds;
                let late = late.map_or_else(String::new, |seconds| {
                    format!(" It came {} min late.", seconds / 60)
                });
                (
                    StepStatus::Done,
                    format!("In vault {}.{copied}{late}", self.point.vault),
                )
            }
            Backup::Partial => (
                StepStatus::Failed,
                "AWS Backup ended it before it was whole (PARTIAL). Look at the backup job in AWS Backup."
                    .to_owned(),
            ),
            Backup::Expired => (
                StepStatus::Done,
                format!("Its lifecycle has ended it in vault {}.", self.point.vault),
            ),
            Backup::Deleted => (
                StepStatus::Failed,
                format!(
                    "Somebody deleted it in vault {} before its lifecycle would have ended it. CloudTrail says who \
                     (DeleteRecoveryPoint); a vault lock prevents it.",
                    self.point.vault
                ),
            ),
            Backup::Adopted => (
                StepStatus::Done,
                format!(
                    "Vault {} of account {} had it, as the evidence beside its copies says. No vault that is looked at from \
                     here lists it.",
                    self.point.vault, self.point.account
                ),
            ),
        };
        Step {
            step: StepName::BackedUp,
            region: None,
            status,
            started_at: Some(self.point.created_at),
            ended_at: self.pipeline.backed_up_at,
            detail,
        }
    }

    fn exported(&self) -> Step {
        let mut step = Step {
            step: StepName::Exported,
            region: Some(self.point.region.clone()),
            status: StepStatus::NotStarted,
            started_at: None,
            ended_at: None,
            detail: String::new(),
        };
        match &self.pipeline.export {
            Export::Waiting {
                obstacle, needs_help, ..
            } => {
                if *needs_help {
                    step.status = StepStatus::Failed;
                }
                step.detail = match (obstacle, self.pipeline.backup) {
                    (Some(obstacle), _) => obstacle.clone(),
                    (None, Backup::Creating) => "It begins when AWS Backup is done.".to_owned(),
                    (None, Backup::Partial) => "A partial recovery point cannot be exported.".to_owned(),
                    (None, Backup::Expired | Backup::Deleted) => {
                        "It ended before it was exported.".to_owned()
                    }
                    (None, Backup::Completed | Backup::Adopted) => "It begins with the next pass.".to_owned(),
                };
            }
            Export::Running {
                attempt,
                started_at,
                percent,
                stage,
            } => {
                step.status = StepStatus::InProgress;
                step.started_at = Some(*started_at);
                step.detail = format!("{stage}, {percent} %{}", attempt_text(*attempt));
            }
            Export::Complete {
                attempt,
                started_at,
                ended_at,
                warning,
            } => {
                step.status = StepStatus::Done;
                step.started_at = Some(*started_at);
                step.ended_at = Some(*ended_at);
                step.detail = match warning {
                    Some(warning) => format!("Complete{}. RDS warns: {warning}", attempt_text(*attempt)),
                    None => format!("Complete{}", attempt_text(*attempt)),
                };
                let is_here = self.point.copies.iter().any(|copy| copy.is_export);
                if let Some(Adopted { origin, .. }) = &self.pipeline.adopted
                    && !is_here
                {
                    step.detail = format!(
                        "{}, into bucket {}, which is not among those of this server. Its copies are held against what the \
                         evidence beside them says of it.",
                        step.detail, origin.export.bucket
                    );
                }
            }
            Export::Failed {
                attempt,
                ended_at,
                cause,
            } => {
                step.status = StepStatus::Failed;
                step.ended_at = Some(*ended_at);
                step.detail = format!("{}{}", explained(cause), attempt_text(*attempt));
            }
        }
        step
    }
}

fn attempt_text(attempt: u32) -> String {
    if attempt > 1 {
        format!(" (attempt {attempt})")
    } else {
        String::new()
    }
}

fn replicated(
    verdict: &Verdict,
    evidence: Option<&recovery::point::Evidence>,
    is_exported: bool,
) -> (StepStatus, String) {
    let found = evidence.map_or_else(String::new, |evidence| {
        format!(
            "{} of {} objects are here.",
            evidence.objects_found, evidence.objects_expected
        )
    });
    match verdict {
        Verdict::Verified => (StepStatus::Done, found),
        Verdict::Pending if !is_exported => (StepStatus::NotStarted, "It begins with the export.".to_owned()),
        Verdict::Pending => (StepStatus::InProgress, found),
        Verdict::Incomplete { missing, .. } if missing.is_empty() => (StepStatus::Done, found),
        Verdict::Incomplete { .. } => (
            StepStatus::Failed,
            format!(
                "{found} S3 will not bring the others by itself: repair the copy, or replicate them again (S3 Batch \
                 Replication)."
            ),
        ),
        Verdict::Unknown { cause, .. } => (StepStatus::InProgress, format!("Cannot be seen: {cause}")),
        Verdict::Expired { .. } => (StepStatus::Done, verdict.explanation()),
    }
}

fn verified(
    verdict: &Verdict,
    evidence: Option<&recovery::point::Evidence>,
    is_exported: bool,
) -> (StepStatus, String) {
    let basis = evidence.map_or_else(String::new, |evidence| evidence.basis.clone());
    match verdict {
        Verdict::Verified => (StepStatus::Done, basis),
        Verdict::Expired { .. } => (StepStatus::Done, verdict.explanation()),
        Verdict::Pending if !is_exported || evidence.is_none() => {
            (StepStatus::NotStarted, "It waits for its objects.".to_owned())
        }
        Verdict::Pending | Verdict::Unknown { .. } => (StepStatus::InProgress, verdict.explanation()),
        Verdict::Incomplete { .. } if basis.is_empty() => (StepStatus::Failed, verdict.explanation()),
        Verdict::Incomplete { .. } => (StepStatus::Failed, format!("{} {basis}", verdict.explanation())),
    }
}
