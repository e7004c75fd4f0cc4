//! Progress, drawn on a terminal and nowhere else.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use recovery::run::{Phase, Run};

use super::output::Output;

/// Steps that are counted.
#[cfg(feature = "local")]
pub struct Steps {
    bar: ProgressBar,
    /// Where nothing is drawn, people who read logs are told now and then.
    logs: bool,
    what: &'static str,
    total: usize,
}

/// Begins counting to `total`.
#[cfg(feature = "local")]
pub fn steps(output: &Output, what: &'static str, total: usize) -> Steps {
    let bar = bar(output, u64::try_from(total).unwrap_or_default());
    bar.set_style(style("{msg} [{bar:32}] {pos}/{len} {elapsed}"));
    bar.set_message(what);
    Steps {
        bar,
        logs: !output.draws_progress(),
        what,
        total,
    }
}

#[cfg(feature = "local")]
impl Steps {
    /// One is done.
    pub fn step(&self) {
        self.bar.inc(1);
        let done = self.bar.position();
        if self.logs && done.is_multiple_of(6) {
            tracing::info!(done, total = self.total, "{}", self.what);
        }
    }

    /// All are done.
    pub fn end(self) {
        self.bar.finish_and_clear();
    }
}

/// A run under way.
pub struct RunProgress {
    bar: ProgressBar,
}

impl RunProgress {
    /// Begins drawing.
    pub fn new(output: &Output) -> Self {
        let bar = bar(output, 0);
        bar.set_style(style(
            "{msg} [{bar:32}] {human_pos}/{human_len} rows, {per_sec}, {eta} left",
        ));
        bar.enable_steady_tick(Duration::from_millis(250));
        Self { bar }
    }

    /// Draws how far `run` is.
    pub fn show(&self, run: &Run) {
        let read_back: u64 = run.tables.iter().map(|table| table.items_read_back).sum();
        let (what, position) = match run.phase {
            Phase::Queued => ("Waiting", 0),
            Phase::Thawing => ("Waiting for the thaw", 0),
            Phase::Checking => ("Checking", 0),
            Phase::CreatingTables => ("Creating tables", 0),
            Phase::Writing => ("Writing", run.rows_settled()),
            Phase::Proving => ("Proving", read_back),
            Phase::Ended => ("Ended", run.rows_total()),
        };
        if self.bar.message() != what {
            self.bar.reset_eta();
            self.bar.set_message(what);
        }
        self.bar.set_length(run.rows_total());
        self.bar.set_position(position);
    }

    /// Clears the line.
    pub fn end(&self) {
        self.bar.finish_and_clear();
    }
}

/// Rows that are counted.
pub struct RowsProgress {
    bar: ProgressBar,
}

impl RowsProgress {
    /// Begins drawing towards about `total` rows.
    pub fn new(output: &Output, what: &'static str, total: u64) -> Self {
        let bar = bar(output, total);
        bar.set_style(style(
            "{msg} [{bar:32}] {human_pos}/{human_len} rows, {per_sec}, {eta} left",
        ));
        bar.set_message(what);
        bar.enable_steady_tick(Duration::from_millis(250));
        Self { bar }
    }

    /// Draws how far it is.
    pub fn show(&self, rows: u64) {
        self.bar.set_position(rows);
    }

    /// Clears the line.
    pub fn end(&self) {
        self.bar.finish_and_clear();
    }
}

fn bar(output: &Output, length: u64) -> ProgressBar {
    let target = if output.draws_progress() {
        ProgressDrawTarget::stderr_with_hz(8)
    } else {
        ProgressDrawTarget::hidden()
    };
    ProgressBar::with_draw_target(Some(length), target)
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ")
}
