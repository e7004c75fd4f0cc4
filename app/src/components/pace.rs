//! How fast a run goes and how long it has left, and on what that rests.

use jiff::Timestamp;
use recovery::run::{Pause, Phase, Run};

/// A rate with what is left at that rate.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pace {
    /// Rows a second.
    pub(crate) rows_per_second: u64,
    /// Seconds left in this phase.
    pub(crate) seconds_left: Option<i64>,
    /// What the rate is the mean of.
    pub(crate) basis: &'static str,
}

/// The pace since the phase began: what can be said from one look at a run.
pub(crate) fn pace_of_phase(run: &Run, now: Timestamp) -> Option<Pace> {
    let begin = run.phases.iter().rev().find(|start| start.phase == run.phase)?;
    let seconds = now.duration_since(begin.at).as_secs_f64();
    pace(run, rows_done(run), seconds, "at the mean rate of this phase")
}

fn pace(run: &Run, rows: u64, seconds: f64, basis: &'static str) -> Option<Pace> {
    let is_moving = matches!(run.phase, Phase::Writing | Phase::Proving) && run.pause != Pause::Paused;
    if !is_moving || seconds < 1.0 {
        return None;
    }
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rate for people; it is positive and far below 2^52"
    )]
    let rows_per_second = (rows as f64 / seconds).round() as u64;
    let left = run.rows_total().saturating_sub(rows_done(run));
    let seconds_left = left
        .div_ceil(rows_per_second.max(1))
        .try_into()
        .ok()
        .filter(|_| rows_per_second > 0);
    Some(Pace {
        rows_per_second,
        seconds_left,
        basis,
    })
}

/// Rows that the current phase has done.
pub(crate) fn rows_done(run: &Run) -> u64 {
    match run.phase {
        Phase::Proving => run.tables.iter().map(|table| table.items_read_back).sum(),
        Phase::Queued
        | Phase::Thawing
        | Phase::Checking
        | Phase::CreatingTables
        | Phase::Writing
        | Phase::Ended => run.rows_settled(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(seconds: f64, written: u64) -> Run {
        let mut run: Run = serde_json::from_value(serde_json::json!({
            "run_id": "r-01jd3k0000", "outcome": null, "phase": "writing", "cancel_requested": false,
            "requested_by": "operator", "reason": null, "plan_digest": "", "source": null,
            "recovery_point": null, "data_as_of": null, "region": "us-west-2", "copy": "s3://b/p",
            "target_region": "us-west-2", "requested_at": "2026-11-20T08:00:00Z",
            "phases": [{"phase": "writing", "at": "2026-11-20T08:00:10Z"}], "ended_at": null,
            "seconds": 0.0, "resumed": 0, "failure": null,
            "tables": [{"source": "db.a", "target": "db.a", "rows_total": 1000, "rows_read": 0,
                "items_written": 0, "bytes_written": 0, "retries": 0, "items_read_back": 0,
                "digest_source": null, "digest_target": null}]
        }))
        .unwrap();
        run.seconds = seconds;
        run.tables[0].items_written = written;
        run
    }

    #[test]
    fn one_look_gives_the_mean_of_the_phase_and_a_stall_gives_no_end() {
        let now = "2026-11-20T08:00:20Z".parse().unwrap();
        let pace = pace_of_phase(&run(20.0, 500), now).unwrap();
        assert_eq!((pace.rows_per_second, pace.seconds_left), (50, Some(10)));
        let stalled = pace_of_phase(&run(20.0, 0), now).unwrap();
        assert_eq!((stalled.rows_per_second, stalled.seconds_left), (0, None));
    }
}
