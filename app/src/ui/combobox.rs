//! A text field with suggestions below it: the combobox of the ARIA Authoring Practices, with a list.
//!
//! <https://www.w3.org/WAI/ARIA/apg/patterns/combobox/>. Before hydration it is an ordinary text field.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// One suggestion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What whoever chooses it gets: the field's new text, or an address.
    pub value: String,
    /// What it is.
    pub label: String,
    /// More of it.
    pub detail: String,
}

/// Whether a suggestion is taken when nobody has gone to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Preselected {
    /// Enter means the text as it stands.
    None,
    /// Enter means the first suggestion.
    First,
}

/// The field and its suggestions.
#[component]
pub(crate) fn Combobox(
    /// The field's id; the list's begins with it.
    id: &'static str,
    /// The field's name in its form.
    #[prop(optional)]
    name: Option<&'static str>,
    /// What is to be written, for assistive technology.
    label: &'static str,
    /// An example.
    #[prop(into)]
    placeholder: String,
    /// The text.
    text: RwSignal<String>,
    /// What fits the text.
    #[prop(into)]
    choices: Signal<Vec<Choice>>,
    /// Whether Enter takes the first of them.
    preselected: Preselected,
    /// Whether the list stays while the field has no focus.
    #[prop(optional)]
    always_open: bool,
    /// Takes a suggestion.
    choose: Callback<Choice>,
) -> impl IntoView {
    let list = format!("{id}-list");
    let hydrated = RwSignal::new(false);
    // Effects run in the browser alone, after hydration.
    Effect::new(move |_| hydrated.set(true));
    let is_open = RwSignal::new(false);
    let active = RwSignal::new(None::<usize>);
    let shown = Memo::new(move |_| {
        let is_shown = hydrated.get() && (always_open || is_open.get());
        if is_shown { choices.get() } else { Vec::new() }
    });
    let current = Memo::new(move |_| {
        let count = shown.with(Vec::len);
        match (active.get(), preselected) {
            (Some(index), _) => Some(index.min(count.saturating_sub(1))),
            (None, Preselected::First) => Some(0),
            (None, Preselected::None) => None,
        }
        .filter(|_| count > 0)
    });
    let take = move |choice: Choice| {
        active.set(None);
        choose.run(choice);
    };
    let on_key = move |event: KeyboardEvent| {
        let count = shown.with_untracked(Vec::len);
        match event.key().as_str() {
            "ArrowDown" | "ArrowUp" if count == 0 => is_open.set(true),
            "ArrowDown" => {
                event.prevent_default();
                active.set(Some(
                    current.get_untracked().map_or(0, |index| (index + 1) % count),
                ));
            }
            "ArrowUp" => {
                event.prevent_default();
                active.set(Some(
                    current
                        .get_untracked()
                        .map_or(count - 1, |index| (index + count - 1) % count),
                ));
            }
            "Enter" => {
                let choice = current
                    .get_untracked()
                    .and_then(|index| shown.with_untracked(|shown| shown.get(index).cloned()));
                if let Some(choice) = choice {
                    event.prevent_default();
                    take(choice);
                } else {
                    is_open.set(false);
                }
            }
            "Escape" if count > 0 && !always_open => {
                event.prevent_default();
                event.stop_propagation();
                active.set(None);
                is_open.set(false);
            }
            _ => {}
        }
    };
    let option_id = move |index: usize| format!("{id}-option-{index}");
    let controls = list.clone();
    let first = text.get_untracked();
    // Where the list is longer than its frame, the current suggestion is brought into it.
    Effect::new(move |_| scroll_to(current.get().map(option_id)));
    view! {
        <div class="combobox">
            <input
                type="text"
                id=id
                name=name
                aria-label=label
                placeholder=placeholder
                value=first
                prop:value=move || text.get()
                maxlength="1000"
                spellcheck="false"
                autocomplete="off"
                autocapitalize="none"
                role=move || hydrated.get().then_some("combobox")
                aria-autocomplete=move || hydrated.get().then_some("list")
                aria-expanded=move || {
                    hydrated.get().then(|| if shown.with(Vec::is_empty) { "false" } else { "true" })
                }
                aria-controls=move || hydrated.get().then(|| controls.clone())
                aria-activedescendant=move || current.get().map(option_id)
                on:input=move |event| {
                    text.set(event_target_value(&event));
                    active.set(None);
                    is_open.set(true);
                }
                on:focus=move |_| is_open.set(true)
                on:click=move |_| is_open.set(true)
                on:blur=move |_| is_open.set(false)
                on:keydown=on_key
            />
            <ul class="suggestions" id=list role="listbox" aria-label="Suggestions" hidden=move || shown.with(Vec::is_empty)>
                {move || {
                    shown
                        .get()
                        .into_iter()
                        .enumerate()
                        .map(|(index, choice)| {
                            let Choice { label, detail, .. } = choice.clone();
                            view! {
                                <li
                                    id=option_id(index)
                                    role="option"
                                    aria-selected=move || if current.get() == Some(index) { "true" } else { "false" }
                                    // The field keeps the focus.
                                    on:mousedown=|event| event.prevent_default()
                                    on:click=move |_| take(choice.clone())
                                >
                                    <span>{label}</span>
                                    <small>{detail}</small>
                                </li>
                            }
                        })
                        .collect_view()
                }}
            </ul>
        </div>
    }
}

fn scroll_to(id: Option<String>) {
    #[cfg(feature = "hydrate")]
    if let Some(element) = id.and_then(|id| document().get_element_by_id(&id)) {
        let options = web_sys::ScrollIntoViewOptions::new();
        options.set_block(web_sys::ScrollLogicalPosition::Nearest);
        element.scroll_into_view_with_scroll_into_view_options(&options);
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = id;
}
