//! What becomes of items that a target holds already, and how fast it is written to.

use leptos::prelude::*;
use recovery::plan::Existing;

use crate::ui::form::{Field, FieldKind};

/// The choices, as a person reads them.
fn words(existing: Existing) -> &'static str {
    match existing {
        Existing::Refuse => "Refuse a table that holds any",
        Existing::OnlyMissing => "Keep them; write only what is missing",
        Existing::Overwrite => "Overwrite those that have a row's key",
    }
}

/// Existing items, and the share that the table's other users keep.
#[component]
pub(super) fn ExistingFields(
    /// What is chosen.
    existing: Existing,
    /// The most write units a second.
    #[prop(optional_no_strip)]
    max_write_units: Option<u64>,
) -> impl IntoView {
    view! {
        <label class="field">
            <span>"Items that are there already"</span>
            <select name="existing">
                {Existing::ALL
                    .map(|choice| {
                        view! {
                            <option value=choice.name() selected=choice == existing>
                                {words(choice)}
                            </option>
                        }
                    })
                    .collect_view()}
            </select>
        </label>
        <Field
            name="max_write_units"
            kind=FieldKind::Number(None)
            value=max_write_units.map(|units| units.to_string()).unwrap_or_default()
            hint="no bound"
        >
            "Write units a second, at most"
        </Field>
    }
}
