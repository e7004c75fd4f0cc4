//! `resources`.

use std::process::ExitCode;

use clap::Args;
use jiff::Timestamp;
use recovery::resource::Inventory;
use workflow::resources::list_resources;

use super::arguments::ServerArguments;
use super::output::{Output, count, table};
use super::policy;
use super::remote::Remote;
use crate::config::Config;
use crate::failure::Result;

const EXAMPLES: &str = "\
Examples:
  data-restore resources
  data-restore resources --unprotected
  data-restore resources --server https://restore.example.com --json

Everything that AWS Backup has a recovery point of, of any type, and the databases that it has none of, in every account
and Region of the configuration. Exit status 1 when a database is not protected, or something could not be looked at.";

#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Only databases without a recovery point
    #[arg(long)]
    unprotected: bool,
    #[command(flatten)]
    server: ServerArguments,
}

pub async fn run(arguments: Arguments, config: &Config, output: &Output) -> Result<ExitCode> {
    let mut inventories = match arguments.server.url(config) {
        Some(url) => Remote::new(&url)?.resources().await?,
        None => {
            list_resources(
                &policy::cloud().await,
                policy::settings(config)?,
                Timestamp::now(),
            )
            .await
        }
    };
    let all_protected = inventories
        .iter()
        .all(|inventory| inventory.unprotected.is_empty() && inventory.unseen.is_empty());
    if arguments.unprotected {
        for inventory in &mut inventories {
            inventory.protected.clear();
        }
    }
    output.answer(&inventories, |inventories| text(inventories));
    Ok(ExitCode::from(u8::from(!all_protected)))
}

fn text(inventories: &[Inventory]) -> String {
    let mut parts = Vec::new();
    for inventory in inventories {
        let mut lines = vec![format!("{} ({})", inventory.region, inventory.account)];
        let protected: Vec<[String; 5]> = inventory
            .protected
            .iter()
            .map(|resource| {
                let points = resource.recovery_points.iter().map(|vault| vault.count).sum();
                [
                    resource.resource_type.clone(),
                    resource.name.clone().unwrap_or_else(|| resource.arn.clone()),
                    count(points),
                    resource.last_backup_at.map_or_else(
                        || "never".to_owned(),
                        |at| at.strftime("%Y-%m-%d %H:%M").to_string(),
                    ),
                    resource.restorable.words().to_owned(),
                ]
            })
            .collect();
        if !protected.is_empty() {
            let header = ["type", "name", "recovery points", "last backup (UTC)", ""];
            lines.push(table(header, &protected).trim_end().to_owned());
        }
        lines.extend(inventory.unprotected.iter().map(|database| {
            let engine = database.engine.as_deref().unwrap_or("engine unknown");
            format!("NOT PROTECTED  {} ({engine})  {}", database.name, database.arn)
        }));
        lines.extend(
            inventory
                .unseen
                .iter()
                .map(|cause| format!("not looked at: {cause}")),
        );
        if lines.len() == 1 {
            lines.push("nothing".to_owned());
        }
        parts.push(lines.join("\n"));
    }
    parts.join("\n\n")
}
