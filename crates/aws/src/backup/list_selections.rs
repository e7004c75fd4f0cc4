//! ListBackupSelections and GetBackupSelection.

use recovery::ids::{AccountId, Region};
use recovery::policy::SelectionHeld;

use crate::{Cloud, Error};

impl Cloud {
    /// What a plan selects. A selection that is removed meanwhile is left out.
    pub async fn backup_selections(
        &self,
        region: &Region,
        account: &AccountId,
        plan_id: &str,
    ) -> Result<Vec<SelectionHeld>, Error> {
        let subject = format!("plan {plan_id} ({region}, {account})");
        let clients = self.clients(region, Some(account));
        let mut pages = clients
            .backup
            .list_backup_selections()
            .backup_plan_id(plan_id)
            .into_paginator()
            .page_size(1000)
            .send();
        let mut selections = Vec::new();
        while let Some(page) = pages.next().await {
            let page =
                page.map_err(|error| Error::from_sdk("ListBackupSelections", subject.as_str(), &error))?;
            for entry in page.backup_selections_list.unwrap_or_default() {
                let Some(id) = entry.selection_id else { continue };
                match self.backup_selection(region, account, plan_id, &id).await {
                    Ok(selection) => selections.extend(selection),
                    Err(error) if error.is_not_found() => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(selections)
    }

    async fn backup_selection(
        &self,
        region: &Region,
        account: &AccountId,
        plan_id: &str,
        id: &str,
    ) -> Result<Option<SelectionHeld>, Error> {
        let answer = self
            .clients(region, Some(account))
            .backup
            .get_backup_selection()
            .backup_plan_id(plan_id)
            .selection_id(id)
            .send()
            .await
            .map_err(|error| {
                let subject = format!("selection {id} of plan {plan_id} ({region}, {account})");
                Error::from_sdk("GetBackupSelection", subject, &error)
            })?;
        Ok(answer.backup_selection.map(|selection| SelectionHeld {
            by_tags: !selection.list_of_tags().is_empty()
                || selection.conditions.as_ref().is_some_and(|conditions| {
                    !conditions.string_equals().is_empty()
                        || !conditions.string_not_equals().is_empty()
                        || !conditions.string_like().is_empty()
                        || !conditions.string_not_like().is_empty()
                }),
            name: selection.selection_name,
            role_arn: selection.iam_role_arn,
            resources: selection.resources.unwrap_or_default(),
            not_resources: selection.not_resources.unwrap_or_default(),
        }))
    }
}
