//! What a process took, and how it is printed.

use serde::{Deserialize, Serialize};

/// What one process took.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Figures {
    /// Rows written.
    pub rows: u64,
    /// Wall-clock seconds of writing.
    pub seconds: f64,
    /// CPU seconds of the process over that time, user and system.
    pub cpu_seconds: f64,
    /// Wall-clock and CPU seconds of reading back; 0 where it did not.
    pub read_back_seconds: f64,
    pub read_back_cpu_seconds: f64,
    /// Peak resident memory of the process, in KiB.
    pub peak_kib: u64,
}

pub fn heading() {
    println!(
        "{:<46} {:>9} {:>9} {:>8} {:>9} {:>9}",
        "", "items/s", "of limit", "s", "CPU s", "peak MiB"
    );
}

impl Figures {
    /// The run with the middle rate; CPU and memory are the medians by themselves.
    pub fn median(mut runs: Vec<Self>) -> Self {
        let middle = runs.len() / 2;
        runs.sort_by(|a, b| a.cpu_seconds.total_cmp(&b.cpu_seconds));
        let cpu_seconds = runs[middle].cpu_seconds;
        runs.sort_by_key(|run| run.peak_kib);
        let peak_kib = runs[middle].peak_kib;
        runs.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
        Self {
            cpu_seconds,
            peak_kib,
            ..runs[middle]
        }
    }

    /// The reading back as figures of their own.
    pub fn read_back(self) -> Self {
        Self {
            seconds: self.read_back_seconds,
            cpu_seconds: self.read_back_cpu_seconds,
            ..self
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    pub fn rate(self) -> f64 {
        self.rows as f64 / self.seconds
    }

    pub fn print(self, name: &str, limit: Option<Self>) {
        let share = limit.map_or_else(String::new, |limit| {
            format!("{:.0} %", 100.0 * self.rate() / limit.rate())
        });
        println!(
            "  {name:<44} {:>9.0} {share:>9} {:>8.2} {:>9.2} {:>9}",
            self.rate(),
            self.seconds,
            self.cpu_seconds,
            self.peak_kib / 1_024
        );
    }
}
