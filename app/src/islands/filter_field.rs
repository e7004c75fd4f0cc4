//! The field of a property filter, with suggestions as it is written.

use leptos::prelude::*;
use recovery::filter::{POINTS, Property, SOURCES, Schema, suggestions};
use serde::{Deserialize, Serialize};

use crate::ui::combobox::{Choice, Combobox, Preselected};

/// What is filtered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Filtered {
    /// Sources.
    Sources,
    /// Recovery points.
    RecoveryPoints,
}

impl Filtered {
    /// What it can be filtered by.
    pub fn schema(self) -> &'static Schema {
        match self {
            Self::Sources => &SOURCES,
            Self::RecoveryPoints => &POINTS,
        }
    }
}

/// Values that are known of a property, where its kind does not tell them.
pub(crate) type Known = Vec<(String, Vec<String>)>;

/// The field, which belongs to the form around it.
#[island]
pub(crate) fn FilterField(
    /// What is filtered.
    filtered: Filtered,
    /// The filter as it stands.
    value: String,
    /// Values to suggest.
    known: Known,
    /// An example.
    example: String,
) -> impl IntoView {
    let text = RwSignal::new(value);
    let choices = Signal::derive(move || {
        let of = |property: &Property| {
            let found = known.iter().find(|(name, _)| name == property.name);
            found.map(|(_, values)| values.clone()).unwrap_or_default()
        };
        suggestions(&text.get(), filtered.schema(), of)
            .into_iter()
            .map(|suggestion| Choice {
                value: suggestion.text,
                label: suggestion.adds,
                detail: suggestion.means,
            })
            .collect()
    });
    view! {
        <Combobox
            id="filter"
            name="filter"
            label="Filter by properties"
            placeholder=example
            text
            choices
            preselected=Preselected::None
            choose=Callback::new(move |choice: Choice| text.set(choice.value))
        />
    }
}
