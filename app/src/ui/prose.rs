//! Sentences that name commands and permissions between backticks, as the command line prints them.

use leptos::prelude::*;

/// A sentence with what stands between backticks as code. One that is not closed stays as it is.
#[component]
pub(crate) fn Prose(
    /// The sentence.
    text: String,
) -> impl IntoView {
    pieces(&text)
        .into_iter()
        .map(|(is_code, piece)| {
            if is_code {
                view! { <code>{piece}</code> }.into_any()
            } else {
                piece.into_any()
            }
        })
        .collect_view()
}

/// The parts of a text, and whether each is code.
fn pieces(text: &str) -> Vec<(bool, String)> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, (code, after))) = rest
        .split_once('`')
        .and_then(|(before, behind)| Some((before, behind.split_once('`')?)))
    {
        pieces.push((false, before.to_owned()));
        pieces.push((true, code.to_owned()));
        rest = after;
    }
    pieces.push((false, rest.to_owned()));
    pieces.retain(|(_, piece)| !piece.is_empty());
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_between_backticks_is_code() {
        let check = |text: &str, expected: &[(bool, &str)]| {
            let expected: Vec<(bool, String)> = expected
                .iter()
                .map(|(is_code, piece)| (*is_code, (*piece).to_owned()))
                .collect();
            assert_eq!(pieces(text), expected, "{text}");
        };
        check(
            "Run `data-restore policy apply`, or wait.",
            &[
                (false, "Run "),
                (true, "data-restore policy apply"),
                (false, ", or wait."),
            ],
        );
        check("`a` `b`", &[(true, "a"), (false, " "), (true, "b")]);
        check("Nothing here.", &[(false, "Nothing here.")]);
        check("One ` alone", &[(false, "One ` alone")]);
        check("", &[]);
    }
}
