//! One dynoxide database and its HTTP server, reached over pooled loopback connections.
//!
//! Its server is used rather than its library calls because the server, and only the server, words every refusal as
//! DynamoDB does.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use dynoxide::Database;
use http::{HeaderMap, HeaderName, Method, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::control::Place;

/// How long requests under way may take when the cloud stops.
const GRACE: Duration = Duration::from_secs(2);

/// Request headers that the inner server reads.
const FORWARDED: [HeaderName; 3] = [
    http::header::AUTHORIZATION,
    http::header::CONTENT_TYPE,
    HeaderName::from_static("x-amz-target"),
];

/// A database of one account and Region.
pub(super) struct Backend {
    address: SocketAddr,
    database: Database,
    client: Client<HttpConnector, Full<Bytes>>,
    stop: CancellationToken,
    server: Mutex<Option<JoinHandle<()>>>,
}

impl std::fmt::Debug for Backend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Backend")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Backend {
    /// Opens `FOLDER/ACCOUNT/REGION.sqlite`, or a database in memory, and serves it.
    pub(super) async fn open(folder: Option<&Path>, place: &Place) -> Result<Self, String> {
        let path = folder.map(|folder| {
            folder
                .join(&place.account)
                .join(format!("{}.sqlite", place.region))
        });
        let database = tokio::task::spawn_blocking(move || match path {
            None => Database::memory().map_err(|error| error.to_string()),
            Some(path) => open_file(&path),
        })
        .await
        .map_err(|error| error.to_string())??;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .map_err(|error| error.to_string())?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let stop = CancellationToken::new();
        let stopped = stop.clone().cancelled_owned();
        let served = database.clone();
        let server = tokio::spawn(async move {
            if let Err(reason) = dynoxide::server::serve_with_shutdown(listener, served, stopped).await {
                tracing::error!(reason, "an embedded DynamoDB stopped serving");
            }
        });
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_mins(1))
            .build_http();
        Ok(Self {
            address,
            database,
            client,
            stop,
            server: Mutex::new(Some(server)),
        })
    }

    /// The database itself, for what no request can do. Its calls block.
    pub(super) fn database(&self) -> Database {
        self.database.clone()
    }

    /// Passes one request on.
    pub(super) async fn forward(&self, headers: &HeaderMap, body: Bytes) -> Result<Response<Bytes>, String> {
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = format!("http://{}/", self.address)
            .parse()
            .map_err(|error: http::uri::InvalidUri| error.to_string())?;
        for name in FORWARDED {
            if let Some(value) = headers.get(&name) {
                request.headers_mut().insert(name, value.clone());
            }
        }
        // The inner server wants a date beside the signature that the front has already proven.
        if let Some(date) = headers.get("x-amz-date") {
            request.headers_mut().insert("x-amz-date", date.clone());
        }
        let response = self
            .client
            .request(request)
            .await
            .map_err(|error| error.to_string())?;
        let (parts, body) = response.into_parts();
        let body = body
            .collect()
            .await
            .map_err(|error| error.to_string())?
            .to_bytes();
        let mut response = Response::new(body);
        *response.status_mut() = parts.status;
        for name in [
            http::header::CONTENT_TYPE,
            http::header::CONTENT_LENGTH,
            HeaderName::from_static("x-amz-crc32"),
        ] {
            if let Some(value) = parts.headers.get(&name) {
                response.headers_mut().insert(name, value.clone());
            }
        }
        Ok(response)
    }

    pub(super) async fn stop(&self) {
        self.stop.cancel();
        let server = self.server.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(server) = server {
            let _ = tokio::time::timeout(GRACE, server).await;
        }
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn open_file(path: &Path) -> Result<Database, String> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)
            .map_err(|error| format!("cannot create {}: {error}", folder.display()))?;
    }
    let failed = |error: dynoxide::DynoxideError| format!("cannot open {}: {error}", path.display());
    let database = Database::new(&path.to_string_lossy()).map_err(failed)?;
    // WAL without fsync: a commit is in the system's page cache when it is answered, so `kill -9` loses nothing;
    // only a power cut could.
    database.enable_bulk_loading().map_err(failed)?;
    Ok(database)
}
