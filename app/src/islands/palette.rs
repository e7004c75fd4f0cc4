//! The command palette's field: some letters, Enter, and one is there.

use leptos::prelude::*;

use crate::api::find::find;
use crate::ui::combobox::{Choice, Combobox, Preselected};

/// The server is asked once nothing was typed for this long.
const QUIET_MILLISECONDS: u64 = 120;

/// Finds pages by their names, and with the server sources, recovery points and restores.
#[island]
pub(crate) fn Palette(
    /// The pages.
    places: Vec<Choice>,
) -> impl IntoView {
    let written = RwSignal::new(String::new());
    // What is searched for follows what is written, some moments later.
    let searched = RwSignal::new(String::new());
    let changes = StoredValue::new(0_u32);
    Effect::new(move |_| {
        let text = written.get().trim().to_owned();
        changes.update_value(|changes| *changes = changes.wrapping_add(1));
        let change = changes.get_value();
        set_timeout(
            move || {
                if changes.try_get_value() == Some(change) {
                    searched.try_set(text);
                }
            },
            std::time::Duration::from_millis(QUIET_MILLISECONDS),
        );
    });
    let found = LocalResource::new(move || {
        let text = searched.get();
        async move {
            let found = if text.is_empty() {
                Ok(Vec::new())
            } else {
                find(text.clone()).await
            };
            (text, found)
        }
    });
    // Only what was found for the text as it stands: nobody goes where they did not mean to.
    let answer = Signal::derive(move || {
        let text = written.get().trim().to_owned();
        found
            .get()
            .filter(|(searched, _)| *searched == text)
            .map(|(_, found)| found)
    });
    let choices = Signal::derive(move || {
        let text = written.get().trim().to_lowercase();
        let named = |place: &&Choice| place.label.to_lowercase().contains(&text);
        let mut choices: Vec<Choice> = places.iter().filter(named).cloned().collect();
        if let Some(Ok(found)) = answer.get() {
            choices.extend(found);
        }
        choices
    });
    let told = move || {
        match answer.get() {
            Some(Err(failure)) => return failure.to_string(),
            None => return "Searching…".to_owned(),
            Some(Ok(_)) => {}
        }
        match choices.with(Vec::len) {
            0 => "Nothing is called so.".to_owned(),
            1 => "1 result".to_owned(),
            many => format!("{many} results"),
        }
    };
    view! {
        <Combobox
            id="palette"
            label="Page, source, recovery point or restore"
            placeholder="Page, source, recovery point or restore"
            text=written
            choices
            preselected=Preselected::First
            always_open=true
            choose=Callback::new(|choice: Choice| {
                // It fails only for addresses that are none.
                let _ = location().assign(&choice.value);
            })
        />
        <p class="palette-found" role="status">
            {told}
        </p>
    }
}
