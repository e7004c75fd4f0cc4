//! What handlers share.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::FromRef;
use leptos::config::LeptosOptions;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use workflow::{RunQuery, Workflow};

use crate::auth::Auth;

/// Whether requests are answered yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// Something is being prepared; the text says how far it is.
    Preparing(String),
    /// Everything is answered.
    Ready,
}

/// What handlers share. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The use cases.
    pub workflow: Workflow,
    /// Who somebody is.
    pub auth: Auth,
    /// Cancelled when the server stops: streams end then.
    pub stop: CancellationToken,
    /// Where the pages' scripts and styles are.
    pub leptos: LeptosOptions,
    /// Whether requests are answered yet.
    pub readiness: watch::Receiver<Readiness>,
    /// When the control table was last reached.
    reached: Arc<Mutex<Option<Instant>>>,
}

/// A control table that answered is not asked again for this long: `/readyz` needs no sign-in.
const REACHED_FOR: Duration = Duration::from_secs(2);
/// A control table that takes longer counts as unreachable.
const REACH_WITHIN: Duration = Duration::from_secs(5);

impl App {
    /// Puts together what handlers share.
    pub fn new(
        workflow: Workflow,
        auth: Auth,
        stop: CancellationToken,
        leptos: LeptosOptions,
        readiness: watch::Receiver<Readiness>,
    ) -> Self {
        Self {
            workflow,
            auth,
            stop,
            leptos,
            readiness,
            reached: Arc::default(),
        }
    }

    /// Why requests cannot be answered now; `None` when they can.
    pub async fn unready(&self) -> Option<String> {
        if let Readiness::Preparing(how_far) = &*self.readiness.borrow() {
            return Some(how_far.clone());
        }
        let recently = |at: &Option<Instant>| at.is_some_and(|at| at.elapsed() < REACHED_FOR);
        if recently(&self.reached.lock().unwrap_or_else(PoisonError::into_inner)) {
            return None;
        }
        let query = RunQuery {
            limit: Some(1),
            ..RunQuery::default()
        };
        match tokio::time::timeout(REACH_WITHIN, self.workflow.runs(&query)).await {
            Ok(Ok(_)) => {
                *self.reached.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
                None
            }
            Ok(Err(error)) => {
                tracing::warn!(%error, "the control table cannot be read");
                Some("the control table cannot be read".to_owned())
            }
            Err(_) => Some("the control table does not answer".to_owned()),
        }
    }
}

impl FromRef<App> for Workflow {
    fn from_ref(app: &App) -> Self {
        app.workflow.clone()
    }
}

impl FromRef<App> for Auth {
    fn from_ref(app: &App) -> Self {
        app.auth.clone()
    }
}

impl FromRef<App> for LeptosOptions {
    fn from_ref(app: &App) -> Self {
        app.leptos.clone()
    }
}
