//! Where a moment lies on the axis.

use jiff::{SignedDuration, Timestamp};
use leptos::prelude::*;

use crate::ui::format::{self, TimeForm};

/// The part of the width that the window takes; the rest keeps the newest tick and the now-line whole.
const PERCENT_MAX: f64 = 98.5;

/// A window of time over the width of a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scale {
    from: Timestamp,
    to: Timestamp,
}

/// One label of the axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AxisTick {
    pub(super) at: Timestamp,
    pub(super) form: TimeForm,
}

impl Scale {
    /// A scale from `from` to `to`.
    pub(crate) fn new(from: Timestamp, to: Timestamp) -> Self {
        Self { from, to }
    }

    /// Begin of the window.
    pub(crate) fn from(self) -> Timestamp {
        self.from
    }

    /// End of the window.
    pub(crate) fn to(self) -> Timestamp {
        self.to
    }

    pub(super) fn length(self) -> SignedDuration {
        self.to.duration_since(self.from)
    }

    /// Percent from the left; moments outside of the window lie on its edge.
    pub(super) fn percent(self, at: Timestamp) -> f64 {
        let length = self.length().as_secs_f64();
        if length <= 0.0 {
            return 0.0;
        }
        (at.duration_since(self.from).as_secs_f64() / length).clamp(0.0, 1.0) * PERCENT_MAX
    }

    /// As an SVG length.
    pub(super) fn x(self, at: Timestamp) -> String {
        length(self.percent(at))
    }

    /// The labels: every hour, three hours, day, three days or week, on the full hour in UTC.
    pub(super) fn ticks(self) -> Vec<AxisTick> {
        const HOUR: i64 = 3600;
        let step = match self.length().as_hours() {
            ..=8 => HOUR,
            9..=30 => 3 * HOUR,
            31..=240 => 24 * HOUR,
            241..=1000 => 3 * 24 * HOUR,
            _ => 7 * 24 * HOUR,
        };
        let form = if step >= 24 * HOUR {
            TimeForm::Day
        } else {
            TimeForm::Hour
        };
        let first = self.from.as_second().div_euclid(step) * step + step;
        std::iter::successors(Some(first), |second| Some(second + step))
            .take_while(|second| *second <= self.to.as_second())
            .filter_map(|second| Timestamp::from_second(second).ok())
            .map(|at| AxisTick { at, form })
            .collect()
    }
}

/// Percent as an SVG length.
pub(super) fn length(percent: f64) -> String {
    format!("{percent:.2}%")
}

/// The labels below the lanes.
#[component]
pub(crate) fn Axis(
    /// The lanes' scale.
    scale: Scale,
) -> impl IntoView {
    view! {
        <svg class="axis" width="100%" height="18" aria-hidden="true">
            {scale
                .ticks()
                .into_iter()
                .enumerate()
                .map(|(index, tick)| {
                    let percent = scale.percent(tick.at);
                    let anchor = if percent < 3.0 {
                        "start"
                    } else if percent > 96.0 {
                        "end"
                    } else {
                        "middle"
                    };
                    let class = if index % 2 == 0 { "axis-label" } else { "axis-label odd" };
                    view! {
                        <text
                            class=class
                            x=length(percent)
                            y="13"
                            text-anchor=anchor
                            data-at=tick.at.to_string()
                            data-form=tick.form.name()
                        >
                            {format::time(tick.at, 0, true, tick.form)}
                        </text>
                    }
                })
                .collect_view()}
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time: &str) -> Timestamp {
        time.parse().unwrap()
    }

    #[test]
    fn labels_stand_on_full_hours_within_the_window() {
        let scale = Scale::new(at("2026-11-19T08:12:00Z"), at("2026-11-20T08:12:00Z"));
        let ticks: Vec<String> = scale
            .ticks()
            .into_iter()
            .map(|tick| tick.at.strftime("%H:%M").to_string())
            .collect();
        assert_eq!(
            ticks,
            [
                "09:00", "12:00", "15:00", "18:00", "21:00", "00:00", "03:00", "06:00"
            ]
        );
    }

    #[test]
    fn a_moment_outside_of_the_window_lies_on_its_edge() {
        let scale = Scale::new(at("2026-11-20T00:00:00Z"), at("2026-11-20T10:00:00Z"));
        assert_eq!(scale.x(at("2026-11-19T00:00:00Z")), "0.00%");
        assert_eq!(scale.x(at("2026-11-20T05:00:00Z")), "49.25%");
        assert_eq!(scale.x(at("2026-11-21T00:00:00Z")), "98.50%");
        let empty = Scale::new(at("2026-11-20T00:00:00Z"), at("2026-11-20T00:00:00Z"));
        assert_eq!(empty.x(at("2026-11-20T00:00:00Z")), "0.00%");
    }
}
