//! The server on AWS: everything it needs to know comes from the configuration file.

use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use aws::sts::AssumedRole;
use aws::{Cloud, CloudConfig};
use jiff::Timestamp;
use leptos::config::LeptosOptions;
use serde::Serialize;
use tokio::sync::watch;
use workflow::{Role, Workflow};

use super::state::{App, Readiness};
use crate::auth::Auth;
use crate::cli::Output;
use crate::config::Config;
use crate::failure::{Failure, Result};

/// What `serve` says on stdout once it listens.
#[derive(Serialize)]
struct Listening {
    url: String,
}

/// Runs the server until it is asked to stop.
pub async fn run(config: Config, data_dir: &Path, listen: SocketAddr, output: &Output) -> Result<ExitCode> {
    let Some(settings) = config.workflow.clone() else {
        return Err(not_configured(&config));
    };
    if config.directory.users.is_empty() && config.directory.tokens.is_empty() {
        return Err(Failure::new("not_configured", "Nobody could sign in: the configuration names no user and no token")
            .hint("Add [[users]] with hashes made by `data-restore hash-password`, or [[tokens]] made by `data-restore new-token`."));
    }
    let listener = super::listen(listen).await?;
    let cloud = Cloud::connect(CloudConfig {
        roles: settings.roles.iter().map(assumed).collect(),
        ..CloudConfig::default()
    })
    .await;
    let workflow = Workflow::open(cloud, settings, Arc::new(Timestamp::now)).await?;
    let auth = Auth::open(
        config.directory.clone(),
        data_dir,
        config.server.session_age_max(),
        config.server.public_url.clone(),
    )?;
    let stop = super::stop_signal();
    // The sender is kept alive by nothing: the state is ready and stays so.
    let (_, readiness) = watch::channel(Readiness::Ready);
    let leptos = leptos_options(config.server.site_root.as_deref(), listen)?;
    let address = listener.local_addr().unwrap_or(listen);
    output.answer(
        &Listening {
            url: format!("http://{address}"),
        },
        |listening| format!("Data Restore listens on {}", listening.url),
    );
    let workers = tokio::spawn({
        let (workflow, stop) = (workflow.clone(), stop.clone());
        async move { workflow.run_workers(stop).await }
    });
    let server = super::host::server(&config);
    let app = App::new(workflow, auth, stop.clone(), leptos, readiness, server);
    let served = super::run(listener, app).await;
    stop.cancel();
    workers.await.ok();
    served.map(|()| ExitCode::SUCCESS)
}

fn assumed(role: &Role) -> AssumedRole {
    AssumedRole {
        account: role.account.clone(),
        regions: role.regions.clone(),
        arn: role.arn.clone(),
        external_id: role.external_id.clone(),
    }
}

/// How Leptos finds the pages' files.
pub fn leptos_options(site_root: Option<&Path>, listen: SocketAddr) -> Result<LeptosOptions> {
    let root = super::site_root(site_root)?;
    Ok(LeptosOptions::builder()
        .output_name("data-restore")
        .site_root(root.to_string_lossy().into_owned())
        .site_pkg_dir("pkg")
        .site_addr(listen)
        .env(leptos::config::Env::PROD)
        .build())
}

/// There is no `[workflow]`.
pub fn not_configured(config: &Config) -> Failure {
    let message = match &config.path {
        Some(path) => format!(
            "The configuration file {} has no [workflow] section, so nobody knows what is backed up",
            path.display()
        ),
        None => "Nothing is configured: there is no data-restore.toml, so nobody knows what is backed up"
            .to_owned(),
    };
    Failure::new("not_configured", message).hint(
        "To try everything on this machine, run `data-restore serve --local`.\nTo run on AWS, write \
         data-restore.toml (docs/OPERATIONS.md shows a whole one) and name it with --config.",
    )
}
