//! The backup plan that the demo's policy asks for, made as `data-restore policy apply` makes it.

use aws::Cloud;
use jiff::Timestamp;
use recovery::policy::needed;
use workflow::Settings;
use workflow::policies::{apply, check_policies};

use crate::failure::Result;

/// Brings the embedded AWS to what the policies say. What is there stays.
pub async fn keep(cloud: &Cloud, settings: &Settings, now: Timestamp) -> Result<()> {
    let checks = check_policies(cloud, settings, &[], None, now).await?;
    for change in needed(&checks) {
        apply(cloud, &change).await?;
    }
    Ok(())
}
