//! What the keyboard does.

use leptos::prelude::*;

use crate::ui::dialog::Dialog;

/// Keys, and what they do.
type Shortcut = (&'static [&'static str], &'static str);

/// Every shortcut, by where it works.
const KEYS: [(&str, &[Shortcut]); 4] = [
    (
        "Everywhere",
        &[
            (
                &["Ctrl K", "⌘ K"],
                "Go to a page, source, recovery point or restore",
            ),
            (&["?"], "Show this help"),
            (&["Esc"], "Close a dialog or a list of suggestions"),
            (
                &["Tab", "Shift Tab"],
                "To the next or the last link, button or field",
            ),
        ],
    ),
    (
        "Timelines",
        &[
            (&["←", "→"], "To the recovery point before or after"),
            (&["↑", "↓"], "To the nearest one in the lane above or below"),
            (&["Home", "End"], "To the oldest or the newest"),
            (&["Enter"], "Show its details"),
        ],
    ),
    (
        "Filters and search",
        &[
            (&["↓", "↑"], "To the next or the last suggestion"),
            (&["Enter"], "Take the suggestion, or filter"),
        ],
    ),
    (
        "Tables",
        &[(
            &["←", "→"],
            "Scroll a table that is too wide, once it has the focus",
        )],
    ),
];

/// A dialog with every shortcut.
#[component]
pub(crate) fn KeyboardHelp() -> impl IntoView {
    view! {
        <Dialog id="keyboard-help" title="Keyboard" class="keyboard">
            {KEYS
                .into_iter()
                .map(|(place, keys)| {
                    view! {
                        <h3>{place}</h3>
                        <dl class="shortcuts">
                            {keys
                                .iter()
                                .map(|(keys, does)| {
                                    view! {
                                        <div>
                                            <dt>
                                                {keys.iter().map(|key| view! { <kbd>{*key}</kbd> }).collect_view()}
                                            </dt>
                                            <dd>{*does}</dd>
                                        </div>
                                    }
                                })
                                .collect_view()}
                        </dl>
                    }
                })
                .collect_view()}
            <div class="dialog-actions">
                <button type="button" class="btn" autofocus data-closes="">
                    "Close"
                </button>
            </div>
        </Dialog>
    }
}
