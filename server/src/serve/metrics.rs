//! Figures about requests, in Prometheus' form.

use std::sync::OnceLock;
use std::time::Duration;

use http::{Method, StatusCode};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();

const DURATION: &str = "data_restore_http_request_duration_seconds";
const REQUESTS: &str = "data_restore_http_requests_total";

/// Begins recording. A second call changes nothing.
pub fn begin() {
    let builder = PrometheusBuilder::new().set_buckets_for_metric(
        Matcher::Full(DURATION.to_owned()),
        &[0.005, 0.02, 0.1, 0.5, 2.0, 10.0, 60.0],
    );
    let Ok(builder) = builder else { return };
    if let Ok(handle) = builder.install_recorder() {
        metrics::describe_counter!(REQUESTS, "Requests answered, by route and status.");
        metrics::describe_histogram!(
            DURATION,
            "Seconds until the head of an answer was ready, by route."
        );
        RECORDER.set(handle).ok();
    }
}

/// Counts one answered request.
pub fn request(method: &Method, route: &str, status: StatusCode, elapsed: Duration) {
    // A method may be any token; unknown ones share a label so that nobody can make the label set grow.
    let method = match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::HEAD => "HEAD",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        _ => "other",
    };
    let status = status.as_u16().to_string();
    metrics::counter!(REQUESTS, "method" => method, "route" => route.to_owned(), "status" => status)
        .increment(1);
    metrics::histogram!(DURATION, "method" => method, "route" => route.to_owned())
        .record(elapsed.as_secs_f64());
}

/// Everything recorded so far.
pub fn render() -> String {
    RECORDER.get().map(PrometheusHandle::render).unwrap_or_default()
}

/// Does the recorder's housekeeping: without it, histograms keep every sample since the last scrape.
pub fn upkeep() {
    if let Some(handle) = RECORDER.get() {
        handle.run_upkeep();
    }
}
