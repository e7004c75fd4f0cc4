//! The command palette: Ctrl-K, some letters, Enter, and one is there.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

use super::filter_bar::points_of;
use super::header::PLACES;
use super::keyboard_help::KeyboardHelp;
use super::run_status::{doing, outcome};
use super::state_badge;
use crate::api::find::{Found, find};
use crate::ui::combobox::{Choice, Combobox, Preselected};
use crate::ui::dialog::{self, Dialog};
use crate::ui::format::TimeForm;
use crate::ui::time::{hydrated, text};

/// The server is asked once nothing was typed for this long.
const QUIET_MILLISECONDS: u64 = 120;

/// The button, the palette and the keyboard's help; nothing before the browser has taken over.
#[component]
pub(crate) fn Palette() -> impl IntoView {
    view! {
        <Show when=move || hydrated().get()>
            <Live />
        </Show>
    }
}

#[component]
fn Live() -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    let help = NodeRef::<html::Dialog>::new();
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
                Ok(Found::default())
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
        let mut choices = places(&written.get());
        if let Some(Ok(found)) = answer.get() {
            choices.extend(things(&found));
        }
        choices
    });
    let navigate = use_navigate();
    let choose = Callback::new(move |choice: Choice| {
        dialog::close(node);
        navigate(&choice.value, leptos_router::NavigateOptions::default());
    });
    let open = move || {
        written.set(String::new());
        dialog::open(node);
    };
    let keys = window_event_listener(ev::keydown, move |event| {
        let is_palette = (event.ctrl_key() || event.meta_key())
            && !event.alt_key()
            && !event.shift_key()
            && event.key().eq_ignore_ascii_case("k");
        if is_palette {
            event.prevent_default();
            open();
        } else if event.key() == "?" && !is_writing(&event) {
            event.prevent_default();
            dialog::open(help);
        }
    });
    on_cleanup(move || keys.remove());
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
        <button type="button" class="palette-button" aria-haspopup="dialog" on:click=move |_| open()>
            <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
                <circle cx="7" cy="7" r="4.5" />
                <path d="M10.5 10.5 14 14" />
            </svg>
            <span>"Search"</span>
            <kbd>"Ctrl K"</kbd>
        </button>
        <Dialog node title="Go to" id="palette-title" class="palette">
            <Combobox
                id="palette"
                label="Page, source, recovery point or restore"
                placeholder="Page, source, recovery point or restore"
                text=written
                choices
                preselected=Preselected::First
                always_open=true
                choose
            />
            <p class="palette-foot">
                <span role="status">{told}</span>
                <button
                    type="button"
                    class="as-link"
                    on:click=move |_| {
                        dialog::close(node);
                        dialog::open(help);
                    }
                >
                    "Keyboard help"
                </button>
                <span class="keys">
                    <kbd>"↑"</kbd> <kbd>"↓"</kbd> " choose " <kbd>"Enter"</kbd> " go " <kbd>"Esc"</kbd> " close"
                </span>
            </p>
        </Dialog>
        <KeyboardHelp node=help />
    }
}

/// The pages whose names contain a text.
fn places(text: &str) -> Vec<Choice> {
    let text = text.trim().to_lowercase();
    PLACES
        .into_iter()
        .filter(|(_, name)| name.to_lowercase().contains(&text))
        .map(|(href, name)| Choice {
            value: href.to_owned(),
            label: name.to_owned(),
            detail: "page".to_owned(),
        })
        .collect()
}

/// What the server found.
fn things(found: &Found) -> Vec<Choice> {
    let sources = found.sources.iter().map(|source| Choice {
        value: points_of(source.as_str()),
        label: source.to_string(),
        detail: "source, its recovery points".to_owned(),
    });
    let points = found.points.iter().map(|point| Choice {
        value: format!("/recovery-points/{}", point.id),
        label: format!("{} of {}", point.source, text(point.created_at, TimeForm::Full)),
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

/// Whether a key goes into a field.
fn is_writing(event: &ev::KeyboardEvent) -> bool {
    #[cfg(feature = "hydrate")]
    {
        use wasm_bindgen::JsCast as _;
        event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
            .is_some_and(|element| {
                element
                    .closest("input, textarea, select, [contenteditable]")
                    .ok()
                    .flatten()
                    .is_some()
            })
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = event;
        false
    }
}
