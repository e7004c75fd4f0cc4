//! How a run ends: the record first, then the audit log, then it is no longer active. A process that is killed in
//! between leaves the run active, and the next one does the rest.

use recovery::actor::{Actor, Permission, Role, Via};
use recovery::audit::Phase;
use recovery::run::{Failure, Outcome, Run};
use restore::TableResult;

use crate::Workflow;
use crate::audit::Happened;
use crate::control::Record;
use crate::error::Result;

/// Tries against somebody who cancels the run at the same moment.
const TRIES_MAX: u32 = 20;

/// How a run ended and what there is to say of it.
pub(super) struct End {
    pub(super) outcome: Outcome,
    pub(super) failure: Option<Failure>,
}

impl End {
    /// After every row was written and read back.
    pub(super) fn of_results(run: &mut Run, results: &[TableResult]) -> Self {
        for result in results {
            if let Some(table) = run.tables.iter_mut().find(|table| table.target == result.target) {
                table.rows_read = result.rows_read;
                table.items_written = result.items_written;
                table.items_kept = result.rows_read.saturating_sub(result.items_written);
                table.held_before = result.held_before;
                table.bytes_written = result.bytes_written;
                table.retries = result.retries;
                table.digest_source = Some(result.digest_source);
                table.digest_target = Some(result.digest_target);
                table.differences.clone_from(&result.differences);
            }
        }
        let unproven: Vec<&TableResult> = results.iter().filter(|result| !result.is_proven()).collect();
        let Some(first) = unproven.first() else {
            return Self {
                outcome: Outcome::Proven,
                failure: None,
            };
        };
        let differences = first.differences.as_ref().map(ToString::to_string);
        let message = format!(
            "{} of {} tables do not hold what the copy holds; the first is {}: the copy has {} rows, the table {}; {}",
            unproven.len(),
            results.len(),
            first.target,
            first.digest_source.rows(),
            first.digest_target.rows(),
            differences.as_deref().unwrap_or("their digests differ")
        );
        let hint =
            "Somebody else may have written to the table while it was restored. Restore into a new table.";
        Self {
            outcome: Outcome::Failed,
            failure: Some(Failure {
                message,
                hint: Some(hint.to_owned()),
            }),
        }
    }

    pub(super) fn failed(message: String, hint: Option<String>) -> Self {
        Self {
            outcome: Outcome::Failed,
            failure: Some(Failure { message, hint }),
        }
    }

    pub(super) fn cancelled() -> Self {
        Self {
            outcome: Outcome::Cancelled,
            failure: None,
        }
    }

    /// Adds what the run leaves behind besides its tables.
    pub(super) fn leaves(&mut self, left: Option<String>) {
        let Some(left) = left else { return };
        match &mut self.failure {
            Some(failure) => failure.message = format!("{}. {left}", failure.message.trim_end_matches('.')),
            None => {
                self.failure = Some(Failure {
                    message: left,
                    hint: None,
                });
            }
        }
    }
}

impl Workflow {
    /// Records the end of a run.
    pub(super) async fn end_run(&self, record: &mut Record<Run>, end: End) -> Result<()> {
        let done = record.value.clone();
        for _ in 0..TRIES_MAX {
            if record.value.outcome.is_some() {
                break;
            }
            record.value.tables.clone_from(&done.tables);
            record.value.end(end.outcome, end.failure.clone(), self.now());
            if self.save_run(record).await? {
                self.count_end(&record.value);
                break;
            }
        }
        self.close_run(&record.value, false).await
    }

    /// Puts the end of a run into the audit log and takes it off the active ones. `is_late`: a process may have been
    /// killed while it did so.
    pub(super) async fn close_run(&self, run: &Run, is_late: bool) -> Result<()> {
        let subject = run.run_id.as_str();
        if !(is_late && self.shared.audit.has_end(subject, Permission::Restore).await?) {
            self.record(ended(run)).await?;
        }
        self.forget_active(&run.run_id).await?;
        self.shared.runs.show(run);
        Ok(())
    }

    fn count_end(&self, run: &Run) {
        let outcome = outcome_name(run.outcome).to_owned();
        tracing::info!(
            run = %run.run_id, outcome, seconds = run.seconds, items = run.items_written(), resumed = run.resumed,
            failure = run.failure.as_ref().map(|failure| failure.message.as_str()), "a restore has ended"
        );
        self.shared
            .meter
            .count(|metrics| *metrics.runs.entry(outcome).or_default() += 1);
    }
}

fn ended(run: &Run) -> Happened {
    let phase = if run.outcome == Some(Outcome::Proven) {
        Phase::Succeeded
    } else {
        Phase::Failed
    };
    let proofs: Vec<String> = run
        .tables
        .iter()
        .take(20)
        .filter_map(|table| Some(format!("{} {}", table.target, table.digest_target?)))
        .collect();
    let detail = match &run.failure {
        Some(failure) => format!("failed: {}", failure.message),
        None => format!(
            "{}: {} items; {}",
            outcome_name(run.outcome),
            run.items_written(),
            proofs.join(", ")
        ),
    };
    Happened {
        // The worker acts for whoever asked.
        actor: Actor {
            name: run.requested_by.clone(),
            role: Role::Operator,
            via: Via::Worker,
        },
        permission: Permission::Restore,
        subject: run.run_id.to_string(),
        phase,
        reason: run.reason.clone(),
        detail,
        request_id: None,
    }
}

fn outcome_name(outcome: Option<Outcome>) -> &'static str {
    match outcome {
        Some(Outcome::Proven) => "proven",
        Some(Outcome::Failed) => "failed",
        Some(Outcome::Cancelled) => "cancelled",
        None => "unfinished",
    }
}
