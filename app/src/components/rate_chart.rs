//! Rows a second over the time of a run, and where items had to be sent again.

use std::fmt::Write as _;

use leptos::prelude::*;
use recovery::course::Stretch;
use recovery::run::Run;

use crate::ui::format;

/// Width and height of the drawing, in its own units; it is stretched to the card.
const WIDTH: f64 = 600.0;
const HEIGHT: f64 = 96.0;

/// The chart; nothing before there is a rate.
#[component]
pub(crate) fn RateChart<'a>(
    /// The run.
    run: &'a Run,
) -> impl IntoView + use<> {
    let stretches = run.course.stretches();
    let end = stretches.last()?.to;
    let fastest = stretches.iter().map(rate).fold(1.0, f64::max);
    let retries: u64 = stretches.iter().map(|stretch| stretch.retries).sum();
    let written = outline(&stretches, end, fastest, |stretch| stretch.written_per_second);
    let read_back = outline(&stretches, end, fastest, |stretch| stretch.read_back_per_second);
    let most = stretches.iter().map(|stretch| stretch.retries).max().unwrap_or(0);
    let again = stretches
        .iter()
        .filter(|stretch| stretch.retries > 0)
        .map(|stretch| {
            let (from, to) = (x(stretch.from, end), x(stretch.to, end));
            // A fifth of the height at most: it is the rate that is read first.
            let height = share(stretch.retries, most) * HEIGHT / 5.0;
            view! {
                <rect
                    class="rate-retries"
                    x=format!("{from:.1}")
                    y=format!("{:.1}", HEIGHT - height)
                    width=format!("{:.1}", (to - from).max(1.0))
                    height=format!("{height:.1}")
                />
            }
        })
        .collect_view();
    let fastest = format::count(whole(fastest));
    let length = format::duration(seconds(end));
    let name = format!(
        "Rows a second over {length}: {fastest} at most, {} sent again",
        format::counted(retries, "item", "items")
    );
    Some(view! {
        <figure class="rate">
            <figcaption>
                <span>{fastest} " rows/s at most"</span>
                <span class="rate-key written">"written"</span>
                <span class="rate-key read-back">"read back"</span>
                <span class="rate-key retries">"sent again: " {format::count(retries)}</span>
            </figcaption>
            <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") preserveAspectRatio="none" role="img" aria-label=name>
                <path class="rate-written" d=written />
                <path class="rate-read-back" d=read_back />
                {again}
            </svg>
            <p class="rate-axis" aria-hidden="true">
                <span>"0 s"</span>
                <span>{length}</span>
            </p>
        </figure>
    })
}

fn rate(stretch: &Stretch) -> f64 {
    stretch.written_per_second.max(stretch.read_back_per_second)
}

fn x(seconds: f64, end: f64) -> f64 {
    if end > 0.0 { seconds / end * WIDTH } else { 0.0 }
}

/// A stepped area below a rate.
fn outline(stretches: &[Stretch], end: f64, fastest: f64, of: impl Fn(&Stretch) -> f64) -> String {
    let mut path = String::new();
    for stretch in stretches.iter().filter(|stretch| of(stretch) > 0.0) {
        let (from, to) = (x(stretch.from, end), x(stretch.to, end));
        let top = HEIGHT - of(stretch) / fastest * (HEIGHT - 2.0);
        // Writing to a string does not fail.
        let _ = write!(path, "M{from:.1} {HEIGHT}V{top:.1}H{to:.1}V{HEIGHT}Z");
    }
    path
}

#[expect(clippy::cast_precision_loss, reason = "a share of a drawing")]
fn share(part: u64, most: u64) -> f64 {
    part as f64 / most.max(1) as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rate is positive and far below 2^52"
)]
fn whole(rate: f64) -> u64 {
    rate.round() as u64
}

#[expect(clippy::cast_possible_truncation, reason = "seconds of a run")]
fn seconds(end: f64) -> i64 {
    end.round() as i64
}
