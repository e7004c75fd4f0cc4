//! A text to be copied.

use leptos::prelude::*;

use super::time::hydrated;

/// A line of code with a button that copies it. The button comes with hydration; the text is selectable before.
#[component]
pub(crate) fn CopyLine(
    /// The text.
    #[prop(into)]
    text: String,
    /// What it is, for the button's name.
    what: &'static str,
    /// Whether long text is broken into lines instead of being cut.
    #[prop(optional)]
    wrap: bool,
) -> impl IntoView {
    let shown = text.clone();
    view! {
        <div class="copy-line" class:wrap=wrap>
            <code title=(!wrap).then(|| text.clone())>{shown}</code>
            <CopyButton text what />
        </div>
    }
}

/// A button that copies `text`.
#[component]
pub(crate) fn CopyButton(
    /// The text.
    text: String,
    /// What it is, for the button's name.
    what: &'static str,
) -> impl IntoView {
    let copied = RwSignal::new(false);
    let text = StoredValue::new(text);
    view! {
        <Show when=move || hydrated().get()>
            <button
                type="button"
                class="btn small"
                aria-label=move || {
                    if copied.get() { format!("{what} copied") } else { format!("Copy {what}") }
                }
                on:click=move |_| {
                    write_to_clipboard(&text.get_value());
                    copied.set(true);
                    set_timeout(
                        move || {
                            copied.try_set(false);
                        },
                        std::time::Duration::from_secs(2),
                    );
                }
            >
                {move || if copied.get() { "Copied" } else { "Copy" }}
            </button>
        </Show>
    }
}

fn write_to_clipboard(text: &str) {
    #[cfg(feature = "hydrate")]
    {
        // A browser that refuses leaves the text to be selected by hand.
        let _ = window().navigator().clipboard().write_text(text);
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = text;
}
