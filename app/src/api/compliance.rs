//! How the controls of a source stood, day by day.

use recovery::compliance::Report;
use serde::{Deserialize, Serialize};

use super::Failure;

/// A report, and the sources that one can be asked of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compliance {
    /// Every source, by name.
    pub sources: Vec<String>,
    /// `None` while there is no source.
    pub report: Option<Report>,
}

/// The report of a source over some days until today.
pub async fn read_compliance(source: Option<String>, days: Option<usize>) -> Result<Compliance, Failure> {
    let workflow = super::gate::reader()?;
    let sources = workflow.source_ids().await?;
    let chosen = match source {
        Some(source) => Some(super::gate::id("Source", &source)?),
        None => sources.first().cloned(),
    };
    let report = match chosen {
        Some(source) => Some(
            workflow
                .compliance(&source, days.unwrap_or(recovery::compliance::DAYS), None)
                .await?,
        ),
        None => None,
    };
    Ok(Compliance {
        sources: sources.iter().map(ToString::to_string).collect(),
        report,
    })
}
