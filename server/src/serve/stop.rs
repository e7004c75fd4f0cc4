//! When the process is asked to stop.

use tokio_util::sync::CancellationToken;

/// A token that is cancelled by Ctrl-C or SIGTERM. A second Ctrl-C ends the process at once: everything is recorded
/// such that the next start goes on.
pub fn stop_signal() -> CancellationToken {
    let stop = CancellationToken::new();
    let cancelled = stop.clone();
    #[expect(
        clippy::disallowed_methods,
        reason = "whoever asks twice wants no waiting, and everything is recorded"
    )]
    tokio::spawn(async move {
        asked().await;
        tracing::info!("stopping; press Ctrl-C again to stop at once");
        cancelled.cancel();
        asked().await;
        // 130: ended by SIGINT, as shells have it.
        std::process::exit(130);
    });
    stop
}

#[cfg(unix)]
async fn asked() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => drop(tokio::signal::ctrl_c().await),
    }
}

#[cfg(not(unix))]
async fn asked() {
    drop(tokio::signal::ctrl_c().await);
}
