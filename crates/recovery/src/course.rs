//! How a run went: how far it was at moments of its way, so that its rate can be drawn at any time and by anybody.

use serde::{Deserialize, Serialize};

/// The most samples that are kept. With more, every second one goes and the rest lie twice as far apart.
pub const SAMPLES_MAX: usize = 60;

/// How far a run was at moments of its way, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Course {
    /// The least time between two samples, seconds; 0 before the first.
    step_seconds: u32,
    /// At most [`SAMPLES_MAX`].
    samples: Vec<Sample>,
}

/// How far a run was at one moment. Counts only grow.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Sample {
    /// Seconds since it was asked for.
    pub seconds: f64,
    /// Items that DynamoDB had acknowledged.
    pub written: u64,
    /// Items that were read back.
    pub read_back: u64,
    /// Items that were sent again after a throttle or a fault.
    pub retries: u64,
}

/// What was done between two samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    /// Its begin, seconds since the run was asked for.
    pub from: f64,
    /// Its end.
    pub to: f64,
    /// Items a second that were written.
    pub written_per_second: f64,
    /// Items a second that were read back.
    pub read_back_per_second: f64,
    /// Items that were sent again.
    pub retries: u64,
}

impl Course {
    /// Whether nothing is known of it.
    pub fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    /// The samples, the oldest first.
    pub fn samples(&self) -> &[Sample] {
        &self.samples
    }

    /// Adds how far it is now. One that follows too soon, or lies before what is known, is not kept.
    pub fn add(&mut self, sample: Sample) {
        self.step_seconds = self.step_seconds.max(1);
        let is_kept = self
            .samples
            .last()
            .is_none_or(|last| sample.seconds - last.seconds >= f64::from(self.step_seconds));
        if !is_kept {
            return;
        }
        self.samples.push(sample);
        if self.samples.len() > SAMPLES_MAX {
            let mut place = 0_usize;
            self.samples.retain(|_| {
                place += 1;
                place % 2 == 1
            });
            self.step_seconds = self.step_seconds.saturating_mul(2);
        }
    }

    /// What was done between each sample and the next.
    #[expect(
        clippy::cast_precision_loss,
        reason = "rates for people; counts lie far below 2^52"
    )]
    pub fn stretches(&self) -> Vec<Stretch> {
        let between = |pair: &[Sample]| {
            let [one, other] = pair else { return None };
            let seconds = other.seconds - one.seconds;
            let rate = |one: u64, other: u64| other.saturating_sub(one) as f64 / seconds;
            (seconds > 0.0).then(|| Stretch {
                from: one.seconds,
                to: other.seconds,
                written_per_second: rate(one.written, other.written),
                read_back_per_second: rate(one.read_back, other.read_back),
                retries: other.retries.saturating_sub(one.retries),
            })
        };
        self.samples.windows(2).filter_map(between).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(seconds: f64, written: u64) -> Sample {
        Sample {
            seconds,
            written,
            read_back: 0,
            retries: written / 100,
        }
    }

    #[test]
    fn samples_are_apart_and_bounded_however_long_it_goes() {
        let mut course = Course::default();
        for tenth in 0..36_000_u32 {
            course.add(sample(f64::from(tenth) / 10.0, u64::from(tenth) * 10));
        }
        assert!(
            course.samples().len() <= SAMPLES_MAX,
            "{}",
            course.samples().len()
        );
        assert!(course.samples().len() > SAMPLES_MAX / 2);
        assert!(
            course.samples()[0].seconds.abs() < f64::EPSILON,
            "the begin stays"
        );
        let step = course.samples()[1].seconds;
        for stretch in course.stretches() {
            assert!(stretch.to - stretch.from >= step - 1e-9);
            assert!((stretch.written_per_second - 100.0).abs() < 1e-6, "{stretch:?}");
        }
    }

    #[test]
    fn what_follows_too_soon_is_not_kept_and_counts_never_go_back() {
        let mut course = Course::default();
        for sample in [
            sample(0.0, 0),
            sample(0.5, 500),
            sample(2.0, 1000),
            sample(1.0, 900),
            sample(4.0, 900),
        ] {
            course.add(sample);
        }
        let seconds: Vec<f64> = course.samples().iter().map(|sample| sample.seconds).collect();
        assert_eq!(seconds, [0.0, 2.0, 4.0]);
        let rates: Vec<f64> = course
            .stretches()
            .iter()
            .map(|stretch| stretch.written_per_second)
            .collect();
        assert_eq!(rates, [500.0, 0.0]);
        assert_eq!(course.stretches()[0].retries, 10);
    }
}
