//! What the command palette finds.

use jiff::Timestamp;
use leptos::prelude::*;
use recovery::ids::{RecoveryPointId, SourceId};
use recovery::point::State;
use recovery::run::Run;
use serde::{Deserialize, Serialize};

use super::Failure;

/// What contains a text, some of each kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// Sources, by name.
    pub sources: Vec<SourceId>,
    /// Recovery points.
    pub points: Vec<FoundPoint>,
    /// Restores, newest first.
    pub runs: Vec<Run>,
}

/// A recovery point that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundPoint {
    /// Its id.
    pub id: RecoveryPointId,
    /// What was backed up.
    pub source: SourceId,
    /// When.
    pub created_at: Timestamp,
    /// Where it stands.
    pub state: State,
}

/// Sources, recovery points and restores that contain every word of `text`.
#[server(prefix = "/ui", endpoint = "find")]
pub async fn find(
    /// What is remembered of a name.
    text: String,
) -> Result<Found, Failure> {
    let workflow = super::gate::reader()?;
    let found = workflow.find(&text).await?;
    Ok(Found {
        sources: found.sources,
        points: found
            .points
            .into_iter()
            .map(|(source, glance)| FoundPoint {
                id: glance.id,
                source,
                created_at: glance.created_at,
                state: glance.state,
            })
            .collect(),
        runs: found.runs,
    })
}
