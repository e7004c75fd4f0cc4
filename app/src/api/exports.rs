//! Exports: cancelled, or asked for again.

use leptos::prelude::*;

use super::Failure;

/// Cancels a recovery point's export, or asks for another attempt. Needs `Export`.
#[server(prefix = "/ui", endpoint = "export")]
pub async fn ask_for_export(
    /// The recovery point's id.
    id: String,
    /// Whether it is to be exported again; it is cancelled otherwise.
    again: bool,
) -> Result<(), Failure> {
    let (workflow, ctx) = super::gate::actor()?;
    let id = super::gate::id("Recovery point", &id)?;
    if again {
        workflow.export_again(&ctx, &id).await?;
    } else {
        workflow.cancel_export(&ctx, &id).await?;
    }
    Ok(())
}
