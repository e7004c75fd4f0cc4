//! Everything on one machine: an embedded AWS with a day of backups, and the server on it.
//!
//! The product itself does not know: it talks to the embedded AWS over HTTP through the SDK's ordinary settings.

mod cloud;
mod demo;
mod history;
mod marker;
mod outage;
mod policies;
mod sources;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use aws::Cloud;
use tokio::sync::watch;
use url::Url;
use workflow::Workflow;

use crate::auth::Auth;
use crate::cli::Output;
use crate::config::Config;
use crate::failure::{Failure, Result};
use crate::folders;
use crate::serve::{self, App, Readiness};
pub use cloud::EmbeddedCloud;
use demo::Demo;
use history::History;
use marker::Marker;
pub use sources::Sources;

/// What `serve --local` was asked for.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Where everything is kept.
    pub data_dir: PathBuf,
    /// Where the server listens.
    pub listen: SocketAddr,
    /// A real database in place of the built-in ones.
    pub mysql: Option<Url>,
    /// How often a recovery point is made once history is there.
    pub backup_every: Duration,
    /// Hours of history that the first start makes.
    pub history_hours: u16,
}

/// Runs the embedded AWS and the server on it until it is asked to stop.
pub async fn run(setup: Setup, config: Config, output: &Output) -> Result<ExitCode> {
    folders::create_private(&setup.data_dir)?;
    let listener = serve::listen(setup.listen).await?;
    let address = listener
        .local_addr()
        .map_err(|error| Failure::new("listen", format!("Listening failed: {error}")))?;
    let stop = serve::stop_signal();

    let sources = Sources::new(setup.mysql.as_ref())?;
    let history = History::plan(&Marker::read(&setup.data_dir)?, &setup)?;
    let begins_at = history.as_ref().map(History::begins_at);
    let embedded = EmbeddedCloud::start(&setup.data_dir, begins_at).await?;
    sources.add_to(&embedded).await?;

    let cloud = Cloud::connect(embedded.client()?).await;
    let settings = cloud::settings(&embedded, setup.mysql.is_some().then_some(setup.backup_every))?;
    embedded.prepare(&settings).await?;
    let clock = embedded.clock().clone();
    let plain = cloud.clone();
    let workflow = Workflow::open(cloud, settings, Arc::new(move || clock.now())).await?;

    let demo = Demo::open(&setup.data_dir, &sources.first()?)?;
    let directory = demo.directory(config.directory.clone())?;
    let auth = Auth::open(
        directory,
        &setup.data_dir,
        config.server.session_age_max(),
        config.server.public_url.clone(),
    )?;
    let leptos = serve::cloud::leptos_options(config.server.site_root.as_deref(), setup.listen)?;
    let (ready, readiness) = watch::channel(Readiness::Preparing("starting".to_owned()));
    let server = serve::host::server(&config);
    let app = App::new(workflow.clone(), auth, stop.clone(), leptos, readiness, server);
    let mut serving = tokio::spawn(serve::run(listener, app));

    let url = format!("http://{address}");
    demo.publish(&url)?;
    let worked = {
        let prepare = async {
            if let Some(history) = history {
                history
                    .make(&embedded, &workflow, &sources, &ready, output)
                    .await?;
            }
            embedded.clock().run();
            outage::end_when_due(&embedded, &setup.data_dir, &stop)?;
            policies::keep(&plain, workflow.settings(), embedded.clock().now()).await?;
            sources.back_up(&embedded, setup.backup_every, setup.mysql.is_some())
        };
        let working = async {
            // History that is interrupted is made again by the next start; workers end by themselves, with their leases.
            if let Some(prepared) = stop.run_until_cancelled(Box::pin(prepare)).await {
                prepared?;
                ready.send_replace(Readiness::Ready);
                output.answer(&demo.welcome(&url, &embedded), demo::Welcome::text);
                workflow.run_workers(stop.clone()).await;
            }
            Ok::<(), Failure>(())
        };
        // Whichever ends first ends the other: a server without workers restores nothing, workers without a server serve
        // nobody.
        tokio::pin!(working);
        tokio::select! {
            worked = &mut working => worked,
            served = &mut serving => {
                stop.cancel();
                served_result(served).and(working.await)
            }
        }
    };
    stop.cancel();
    let served = if serving.is_finished() {
        Ok(())
    } else {
        served_result(serving.await)
    };
    embedded.shutdown().await;
    worked.and(served).map(|()| ExitCode::SUCCESS)
}

fn served_result(served: Result<Result<()>, tokio::task::JoinError>) -> Result<()> {
    served.unwrap_or_else(|error| Err(Failure::new("serve", format!("The server ended early: {error}"))))
}
