//! What customers see of their own databases.

use recovery::page::Page;
use recovery::portal::{Database, Details};

use super::Failure;

/// A page of the reader's databases, by name.
pub async fn read_portal(cursor: Option<String>) -> Result<Page<Database>, Failure> {
    let (workflow, scope) = super::gate::customer()?;
    Ok(workflow.portal(&scope, cursor.as_deref(), None).await?)
}

/// One of the reader's databases, with a page of its backups.
pub async fn read_portal_database(database: String, before: Option<String>) -> Result<Details, Failure> {
    let (workflow, scope) = super::gate::customer()?;
    let database = super::gate::id("Database", &database)?;
    Ok(workflow
        .portal_database(&scope, &database, before.as_deref())
        .await?)
}
