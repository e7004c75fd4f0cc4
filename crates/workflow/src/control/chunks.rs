//! Texts that are too long for one item.

/// Bytes of one part: an item may have 400 KB with its keys.
const PART_BYTES_MAX: usize = 300 * 1024;

/// Cuts a text into parts that fit into items; never within a character. An empty text is one empty part.
pub(crate) fn split(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while rest.len() > PART_BYTES_MAX {
        let (part, behind) = rest.split_at(rest.floor_char_boundary(PART_BYTES_MAX));
        parts.push(part);
        rest = behind;
    }
    parts.push(rest);
    parts
}

/// The text that was cut.
pub(crate) fn join<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    parts.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_is_whole_again_and_no_part_is_too_long() {
        for text in [String::new(), "x".into(), "ż".repeat(PART_BYTES_MAX)] {
            let parts = split(&text);
            assert!(parts.iter().all(|part| part.len() <= PART_BYTES_MAX));
            assert_eq!(join(parts), text);
        }
    }
}
