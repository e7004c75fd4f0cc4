//! The vaults that recovery points are taken up from.

use aws::Cloud;
use aws::backup::Made;
use futures::StreamExt as _;
use futures::future::join_all;

use super::report::Notes;
use crate::settings::{Settings, Vault};

pub(super) async fn examine(cloud: &Cloud, settings: &Settings) -> Notes {
    let mut notes = Notes::default();
    if settings.vaults.is_empty() {
        notes.check("vault", "backup vaults").error(
            "There are none, so no recovery point is ever found",
            "Name the vault of the stack infra/cloudformation/source.yaml as [[workflow.vaults]].",
        );
    }
    let found = join_all(settings.vaults.iter().map(|vault| one(cloud, vault))).await;
    Notes::joined([vec![notes], found].concat())
}

async fn one(cloud: &Cloud, vault: &Vault) -> Notes {
    const MAKE: &str =
        "Make it by the stack infra/cloudformation/source.yaml, or correct its name in data-restore.toml.";
    let mut notes = Notes::default();
    let Vault {
        region,
        account,
        name,
    } = vault;
    let subject = format!("vault {name} ({region}, {account})");
    let check = notes.check("vault", &subject);
    match cloud.list_vaults(region, account).await {
        Ok(vaults) if vaults.iter().any(|found| found.name == *name) => {}
        Ok(_) => {
            check.error(
                "There is no such vault, so its recovery points are never found",
                MAKE,
            );
            return notes;
        }
        Err(error) => check.unseen(&error, "backup:ListBackupVaults"),
    }
    let check = notes.check("recovery_points", &subject);
    let mut points = std::pin::pin!(cloud.list_recovery_points(region, account, name, Made::default()));
    match points.next().await {
        Some(Ok(_)) => {}
        Some(Err(error)) => check.call_failed(&error, "backup:ListRecoveryPointsByBackupVault", MAKE),
        None => check.note(
            "It holds no recovery point yet",
            "Look whether a backup plan writes to it and whether its selection finds the databases (by their tag).",
        ),
    }
    notes
}
