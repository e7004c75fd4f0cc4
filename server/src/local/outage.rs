//! The end of a replication outage that history began.

use std::path::Path;

use tokio_util::sync::CancellationToken;

use super::cloud::EmbeddedCloud;
use super::marker::{Marker, Outage};
use crate::failure::Result;

/// Lets replication through again when the marker says so, in this start or a later one.
pub fn end_when_due(embedded: &EmbeddedCloud, data_dir: &Path, stop: &CancellationToken) -> Result<()> {
    let Marker::Made {
        at,
        outage: Some(Outage { region, until }),
    } = Marker::read(data_dir)?
    else {
        return Ok(());
    };
    let s3 = embedded.aws().s3().clone();
    let wait = until.duration_since(embedded.clock().now());
    let (data_dir, stop) = (data_dir.to_owned(), stop.clone());
    tokio::spawn(async move {
        let wait = tokio::time::sleep(wait.try_into().unwrap_or_default());
        if stop.run_until_cancelled(wait).await.is_none() {
            return;
        }
        let ended = s3.set_replication_outage(&region, false).await;
        match ended {
            Ok(()) => tracing::info!(region, "replication reaches the Region again"),
            Err(error) => tracing::error!(region, %error, "replication could not be let through again"),
        }
        if let Err(error) = (Marker::Made { at, outage: None }).write(&data_dir) {
            tracing::error!(%error, "the data folder could not be marked");
        }
    });
    Ok(())
}
