//! The server: what is composed, what it listens on, how it stops.

pub mod cloud;
mod gate;
mod headers;
pub mod host;
pub mod metrics;
mod pages;
pub mod problem;
pub mod request_id;
mod router;
mod site;
pub mod state;
mod stop;

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;

use crate::failure::{Failure, Result};
pub use site::site_root;
pub use state::App;
#[cfg(feature = "local")]
pub use state::Readiness;
pub use stop::stop_signal;

/// Open requests get this long to end after a stop was asked for.
const GRACE: Duration = Duration::from_secs(10);

/// Takes the address, so that a wrong one is said before anything else is done.
pub async fn listen(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        let failure = Failure::new("listen", format!("Listening on {address} failed: {error}"));
        match error.kind() {
            std::io::ErrorKind::AddrInUse => failure
                .hint("Another program listens there. Stop it, or choose another address with --listen."),
            std::io::ErrorKind::PermissionDenied => {
                failure.hint("Choose a port of 1024 or higher with --listen.")
            }
            _ => failure.hint("Name an address of this machine with --listen, such as 127.0.0.1:8080."),
        }
    })
}

/// Answers requests until `app.stop` is cancelled, then lets open ones end.
pub async fn run(listener: TcpListener, app: App) -> Result<()> {
    metrics::begin();
    let stop = app.stop.clone();
    let upkeep = {
        let stop = stop.clone();
        tokio::spawn(async move {
            let mut every = tokio::time::interval(Duration::from_secs(5));
            while stop.run_until_cancelled(every.tick()).await.is_some() {
                metrics::upkeep();
            }
        })
    };
    let service = router::router(app).into_make_service_with_connect_info::<SocketAddr>();
    let stopping = stop.clone();
    let serving =
        axum::serve(listener, service).with_graceful_shutdown(async move { stopping.cancelled().await });
    let deadline = async {
        stop.cancelled().await;
        tokio::time::sleep(GRACE).await;
    };
    let served = tokio::select! {
        served = serving => served,
        () = deadline => {
            tracing::warn!(seconds = GRACE.as_secs(), "requests were still open and were cut off");
            Ok(())
        }
    };
    stop.cancel();
    upkeep.await.ok();
    served.map_err(|error| Failure::new("serve", format!("Serving failed: {error}")))
}
