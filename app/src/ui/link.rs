//! Addresses: encoding values, building queries.

use std::fmt::Write as _;

/// Encodes `value` for use as one query value or one path segment.
pub(crate) fn encode(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            text.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

/// `path?a=1&b=2` of the pairs that have a value.
pub(crate) fn with_query<'a>(
    path: &str,
    pairs: impl IntoIterator<Item = (&'a str, Option<&'a str>)>,
) -> String {
    let query: Vec<String> = pairs
        .into_iter()
        .filter_map(|(name, value)| {
            value
                .filter(|value| !value.is_empty())
                .map(|value| format!("{name}={}", encode(value)))
        })
        .collect();
    if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{}", query.join("&"))
    }
}

/// Whether `path` stays on this site, so that a redirect to it cannot lead a person elsewhere.
pub(crate) fn is_own_path(path: &str) -> bool {
    path.starts_with('/') && !path.starts_with("//") && !path.contains(['\\', '\n', '\r', '\t'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_holds_what_has_a_value() {
        let link = with_query(
            "/",
            [("window", Some("24h")), ("point", None), ("q", Some("a b&c"))],
        );
        assert_eq!(link, "/?window=24h&q=a%20b%26c");
        assert_eq!(with_query("/restores", [("cursor", Some(""))]), "/restores");
    }

    #[test]
    fn only_paths_of_this_site_are_followed() {
        assert!(is_own_path("/restores?x=1"));
        for foreign in [
            "//evil.example", "https://evil.example", "/\\evil.example", "restores",
        ] {
            assert!(!is_own_path(foreign), "{foreign}");
        }
    }
}
