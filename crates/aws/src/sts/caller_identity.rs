//! GetCallerIdentity.

use recovery::ids::{AccountId, Region};

use crate::{Cloud, Error, ErrorKind};

/// Whose credentials a call is made with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallerIdentity {
    /// The account.
    pub account: AccountId,
    /// ARN of the user or assumed role.
    pub arn: String,
}

impl Cloud {
    /// Who calls are made as in `region`, with the credentials of `account` or of the SDK's chain.
    pub async fn caller_identity(
        &self,
        region: &Region,
        account: Option<&AccountId>,
    ) -> Result<CallerIdentity, Error> {
        let subject = || account.map_or_else(|| "the SDK's credentials".to_owned(), ToString::to_string);
        let answer = self
            .clients(region, account)
            .sts
            .get_caller_identity()
            .send()
            .await
            .map_err(|error| Error::from_sdk("GetCallerIdentity", subject(), &error))?;
        let account = answer.account.unwrap_or_default().parse().map_err(|error| {
            Error::new(
                "GetCallerIdentity",
                subject(),
                ErrorKind::Other,
                format!("{error}"),
            )
        })?;
        Ok(CallerIdentity {
            account,
            arn: answer.arn.unwrap_or_default(),
        })
    }
}
