//! What the portal's words mean.

use leptos::prelude::*;

const WORDS: [(&str, &str); 5] = [
    (
        "Backup",
        "The whole state of a database at one moment. One is made at fixed times.",
    ),
    (
        "Copy",
        "The backup's data, kept in one place. A copy in another country survives what destroys the first.",
    ),
    (
        "Checked",
        "Every file of the copy was compared with the original and is the same. Only checked copies are restored.",
    ),
    (
        "Agreed",
        "What was agreed for your database: how old the newest checked copy may be, and where copies must be.",
    ),
    (
        "Restore test",
        "A restore whose result was read back row by row and found equal to the copy.",
    ),
];

/// The glossary, closed until it is asked for.
#[component]
pub(super) fn Words() -> impl IntoView {
    view! {
        <details class="card portal-words">
            <summary>"What these words mean"</summary>
            <dl>
                {WORDS
                    .into_iter()
                    .map(|(word, meaning)| {
                        view! {
                            <div>
                                <dt>{word}</dt>
                                <dd>{meaning}</dd>
                            </div>
                        }
                    })
                    .collect_view()}
            </dl>
        </details>
    }
}
