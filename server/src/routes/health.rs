//! Whether the server lives, whether it can work, and its figures.

use std::fmt::Write as _;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde_json::json;
use workflow::{Metrics, Workflow};

use crate::serve::state::App;

/// The process lives.
pub async fn healthz() -> Json<serde_json::Value> {
    Json(json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }))
}

/// The control table is reachable and nothing is being prepared any more.
pub async fn readyz(State(app): State<App>) -> Response {
    match app.unready().await {
        None => Json(json!({ "status": "ready" })).into_response(),
        Some(reason) => {
            let body = Json(json!({ "status": "not_ready", "reason": reason }));
            (StatusCode::SERVICE_UNAVAILABLE, body).into_response()
        }
    }
}

/// Figures in Prometheus' text form.
pub async fn metrics(State(workflow): State<Workflow>) -> Response {
    let mut text = crate::serve::metrics::render();
    text.push_str(&render(&workflow.metrics()));
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

/// What a gauge shows of one source in one Region; nothing where there is none.
type Gauge = fn(&workflow::RpoGauge) -> Option<f64>;

/// A figure with its labels.
type Sample<'a> = (Vec<(&'a str, &'a str)>, f64);

fn render(metrics: &Metrics) -> String {
    let mut text = String::new();
    let mut family = |name: &str, kind: &str, help: &str, samples: Vec<Sample>| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
        for (labels, value) in samples {
            let labels: Vec<String> = labels
                .into_iter()
                .map(|(label, value)| format!("{label}=\"{}\"", escaped(value)))
                .collect();
            let labels = if labels.is_empty() {
                String::new()
            } else {
                format!("{{{}}}", labels.join(","))
            };
            let _ = writeln!(text, "{name}{labels} {value}");
        }
    };
    let by = |label: &'static str,
              counts: &'_ std::collections::BTreeMap<String, u64>|
     -> Vec<(Vec<(&'static str, String)>, f64)> {
        counts
            .iter()
            .map(|(key, count)| (vec![(label, key.clone())], number(*count)))
            .collect()
    };
    let families = [
        (
            "events_total",
            "Events received, by kind.",
            by("kind", &metrics.events),
        ),
        (
            "reconciles_total",
            "Passes of the reconciler, by outcome.",
            by("outcome", &metrics.reconciles),
        ),
        (
            "checks_total",
            "Replication checks, by verdict.",
            by("verdict", &metrics.checks),
        ),
        (
            "runs_total",
            "Restores ended in this process, by outcome.",
            by("outcome", &metrics.runs),
        ),
        (
            "exports_started_total",
            "Exports started.",
            vec![(Vec::new(), number(metrics.exports_started))],
        ),
        (
            "items_written_total",
            "Items that DynamoDB acknowledged.",
            vec![(Vec::new(), number(metrics.items_written))],
        ),
        (
            "copies_lost_total",
            "Copies that were verified and were found to be so no longer, by Region.",
            by("region", &metrics.copies_lost),
        ),
        (
            "rechecked_bytes_total",
            "Bytes of verified copies that were checked again.",
            vec![(Vec::new(), number(metrics.rechecked_bytes))],
        ),
        (
            "retries_total",
            "Batches or items sent again after a throttle or a fault.",
            vec![(Vec::new(), number(metrics.retries))],
        ),
    ];
    for (name, help, samples) in &families {
        let samples = samples
            .iter()
            .map(|(labels, value)| {
                (
                    labels
                        .iter()
                        .map(|(label, value)| (*label, value.as_str()))
                        .collect(),
                    *value,
                )
            })
            .collect();
        family(&format!("data_restore_{name}"), "counter", help, samples);
    }
    let gauges: [(&str, &str, Gauge); 3] = [
        (
            "data_restore_recovery_point_age_seconds",
            "Age of the newest recovery point. Missing when there is none.",
            |gauge| gauge.recovery_point_age_seconds.map(seconds),
        ),
        (
            "data_restore_restorable_age_seconds",
            "Age of the newest recovery point with a verified copy in the Region. Missing when there is none.",
            |gauge| gauge.restorable_age_seconds.map(seconds),
        ),
        (
            "data_restore_within_rpo_target",
            "1 when the newest restorable copy is within the target.",
            |gauge| Some(f64::from(u8::from(gauge.within_target))),
        ),
    ];
    for (name, help, value) in gauges {
        let samples = metrics
            .rpo
            .iter()
            .filter_map(|gauge| {
                let labels = vec![
                    ("source", gauge.source.as_str()),
                    ("region", gauge.region.as_str()),
                ];
                Some((labels, value(gauge)?))
            })
            .collect();
        family(name, "gauge", help, samples);
    }
    text
}

fn escaped(value: &str) -> String {
    value
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

#[expect(
    clippy::cast_precision_loss,
    reason = "Prometheus keeps f64; counters stay far below 2^53"
)]
fn number(count: u64) -> f64 {
    count as f64
}

#[expect(
    clippy::cast_precision_loss,
    reason = "Prometheus keeps f64; ages stay far below 2^53"
)]
fn seconds(age: i64) -> f64 {
    age as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use workflow::RpoGauge;

    #[test]
    fn figures_are_in_prometheus_form_and_missing_ones_are_not_zero() {
        let mut metrics = Metrics::default();
        metrics.checks.insert("Verified".into(), 3);
        metrics.rpo.push(RpoGauge {
            source: "tv\"shows".into(),
            region: "us-west-2".into(),
            recovery_point_age_seconds: Some(60),
            restorable_age_seconds: None,
            within_target: false,
        });
        let text = render(&metrics);
        assert!(
            text.contains("# TYPE data_restore_checks_total counter"),
            "{text}"
        );
        assert!(
            text.contains("data_restore_checks_total{verdict=\"Verified\"} 3"),
            "{text}"
        );
        assert!(
            text.contains(
                "data_restore_recovery_point_age_seconds{source=\"tv\\\"shows\",region=\"us-west-2\"} 60"
            ),
            "{text}"
        );
        assert!(!text.contains("data_restore_restorable_age_seconds{"), "{text}");
        assert!(
            text.contains("data_restore_within_rpo_target{source=\"tv\\\"shows\",region=\"us-west-2\"} 0")
        );
    }
}
