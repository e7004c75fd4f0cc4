//! The audit log.

use jiff::Timestamp;
use recovery::audit::AuditEntry;
use recovery::page::Page;
use serde::{Deserialize, Serialize};

use super::Failure;

/// A page of the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditList {
    /// The page.
    pub page: Page<AuditEntry>,
    /// When this was true.
    pub now: Timestamp,
}

/// A page of the audit log, newest first.
pub async fn read_audit(subject: Option<String>, cursor: Option<String>) -> Result<AuditList, Failure> {
    const PAGE_SIZE: usize = 50;
    let workflow = super::gate::reader()?;
    let page = workflow
        .audit(&workflow::AuditQuery {
            subject,
            cursor,
            limit: Some(PAGE_SIZE),
        })
        .await?;
    Ok(AuditList {
        page,
        now: workflow.now(),
    })
}
