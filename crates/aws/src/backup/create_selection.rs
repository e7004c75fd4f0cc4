//! CreateBackupSelection.

use aws_sdk_backup::types::BackupSelection;
use recovery::ids::{AccountId, Region};
use recovery::policy::SelectionWanted;

use crate::{Cloud, Error, ErrorKind};

impl Cloud {
    /// Selects resources for a plan. `AlreadyExists`: the plan has a selection of that name.
    pub async fn create_backup_selection(
        &self,
        region: &Region,
        account: &AccountId,
        plan_id: &str,
        selection: &SelectionWanted,
    ) -> Result<(), Error> {
        let subject = format!(
            "selection {} of plan {plan_id} ({region}, {account})",
            selection.name
        );
        let input = BackupSelection::builder()
            .selection_name(&selection.name)
            .iam_role_arn(&selection.role_arn)
            .set_resources(Some(selection.resources.clone()))
            .set_not_resources((!selection.not_resources.is_empty()).then(|| selection.not_resources.clone()))
            .build()
            .map_err(|error| {
                Error::new(
                    "CreateBackupSelection",
                    subject.as_str(),
                    ErrorKind::Invalid,
                    error.to_string(),
                )
            })?;
        self.clients(region, Some(account))
            .backup
            .create_backup_selection()
            .backup_plan_id(plan_id)
            .backup_selection(input)
            .send()
            .await
            .map_err(|error| Error::from_sdk("CreateBackupSelection", subject, &error))?;
        Ok(())
    }
}
