//! What handlers share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::FromRef;
use leptos::config::LeptosOptions;
use recovery::about::Server;
use recovery::access::Access;
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
    /// What this process says of itself.
    pub server: Arc<Server>,
    control_table: Arc<Mutex<Reach>>,
}

/// How the control table was found when it was last looked for.
#[derive(Debug, Default)]
enum Reach {
    /// It was not looked for yet.
    #[default]
    Unknown,
    /// It answered at this moment.
    Reached(Instant),
    /// It did not answer, which has been logged.
    Lost,
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
        server: Server,
    ) -> Self {
        Self {
            workflow,
            auth,
            stop,
            leptos,
            readiness,
            server: Arc::new(server),
            control_table: Arc::default(),
        }
    }

    /// Everybody who may come in.
    pub fn access(&self) -> Access {
        Access {
            entries: self.auth.entries(),
            configured_in: self.server.configured_in.clone(),
        }
    }

    /// Why requests cannot be answered now; `None` when they can.
    pub async fn unready(&self) -> Option<String> {
        if let Readiness::Preparing(how_far) = &*self.readiness.borrow() {
            return Some(how_far.clone());
        }
        if matches!(*self.control_table(), Reach::Reached(at) if at.elapsed() < REACHED_FOR) {
            return None;
        }
        let query = RunQuery {
            limit: Some(1),
            ..RunQuery::default()
        };
        let (reason, cause) = match tokio::time::timeout(REACH_WITHIN, self.workflow.runs(&query)).await {
            Ok(Ok(_)) => {
                let before = std::mem::replace(&mut *self.control_table(), Reach::Reached(Instant::now()));
                if matches!(before, Reach::Lost) {
                    tracing::info!("the control table can be read again");
                }
                return None;
            }
            Ok(Err(error)) => ("the control table cannot be read", error.to_string()),
            Err(_) => (
                "the control table does not answer",
                format!("no answer within {} s", REACH_WITHIN.as_secs()),
            ),
        };
        let before = std::mem::replace(&mut *self.control_table(), Reach::Lost);
        if !matches!(before, Reach::Lost) {
            tracing::error!(cause, "{reason}");
        }
        Some(reason.to_owned())
    }

    fn control_table(&self) -> MutexGuard<'_, Reach> {
        self.control_table.lock().unwrap_or_else(PoisonError::into_inner)
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
