//! What the command palette finds.

use leptos::prelude::*;

use super::Failure;
use crate::ui::combobox::Choice;

/// Sources, recovery points and restores that contain every word of `text`, each with the address of its page.
#[server(prefix = "/ui", endpoint = "find")]
pub async fn find(
    /// What is remembered of a name.
    text: String,
) -> Result<Vec<Choice>, Failure> {
    let workflow = super::gate::reader()?;
    let found = workflow.find(&text).await?;
    Ok(choices(&found))
}

#[cfg(feature = "ssr")]
fn choices(found: &workflow::Found) -> Vec<Choice> {
    use crate::components::filter_bar::points_of;
    use crate::components::run_status::{doing, outcome};
    use crate::components::state_badge;
    use crate::ui::format::{self, TimeForm};

    let sources = found.sources.iter().map(|source| Choice {
        value: points_of(source.as_str()),
        label: source.to_string(),
        detail: "source, its recovery points".to_owned(),
    });
    let points = found.points.iter().map(|(source, point)| Choice {
        value: format!("/recovery-points/{}", point.id),
        label: format!(
            "{source} of {}",
            format::time(point.created_at, 0, true, TimeForm::Full)
        ),
        detail: format!(
            "recovery point, {}",
            state_badge::label(point.state).to_lowercase()
        ),
    });
    let runs = found.runs.iter().map(|run| {
        let state = run
            .outcome
            .map_or_else(|| doing(run.phase), |ended| outcome(ended).1);
        let tables: Vec<String> = run.tables.iter().map(|table| table.target.to_string()).collect();
        Choice {
            value: format!("/restores/{}", run.run_id),
            label: format!("{} in {}", tables.join(", "), run.target_region),
            detail: format!("restore {}, {}", run.run_id, state.to_lowercase()),
        }
    });
    sources.chain(points).chain(runs).collect()
}
