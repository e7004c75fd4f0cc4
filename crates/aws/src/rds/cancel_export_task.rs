//! CancelExportTask.

use recovery::ids::{AccountId, Region};

use crate::{Cloud, Error};

impl Cloud {
    /// Asks RDS to stop an export. What it wrote stays in the bucket.
    pub async fn cancel_export_task(
        &self,
        region: &Region,
        account: &AccountId,
        identifier: &str,
    ) -> Result<(), Error> {
        self.clients(region, Some(account))
            .rds
            .cancel_export_task()
            .export_task_identifier(identifier)
            .send()
            .await
            .map_err(|error| Error::from_sdk("CancelExportTask", identifier, &error))?;
        Ok(())
    }
}
