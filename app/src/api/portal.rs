//! What customers see of their own databases.

use leptos::prelude::*;
use recovery::page::Page;
use recovery::portal::{Database, Details};

use super::Failure;

/// A page of the reader's databases, by name.
#[server(prefix = "/ui", endpoint = "portal")]
pub async fn read_portal(
    /// `next_cursor` of the page before.
    cursor: Option<String>,
) -> Result<Page<Database>, Failure> {
    let (workflow, scope) = super::gate::customer()?;
    Ok(workflow.portal(&scope, cursor.as_deref(), None).await?)
}

/// One of the reader's databases, with a page of its backups.
#[server(prefix = "/ui", endpoint = "portal-database")]
pub async fn read_portal_database(
    /// Its name.
    database: String,
    /// `older` of the page of backups before.
    before: Option<String>,
) -> Result<Details, Failure> {
    let (workflow, scope) = super::gate::customer()?;
    let database = super::gate::id("Database", &database)?;
    Ok(workflow
        .portal_database(&scope, &database, before.as_deref())
        .await?)
}
