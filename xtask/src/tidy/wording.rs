//! What a source must not say: unfinished work, silenced lints, hosts of registries, paths of one machine.

use super::Finding;
use super::sources::Source;

/// Words and why each is not written. Split, so that this file does not break its own rule.
const NEVER: [(&[&str], &str); 17] = [
    (&["TO", "DO"], "unfinished work belongs in an issue"),
    (&["FIX", "ME"], "unfinished work belongs in an issue"),
    (&["to", "do!("], "unfinished work belongs in an issue"),
    (&["unimplemen", "ted!("], "unfinished work belongs in an issue"),
    (&["#[igno", "re]"], "say why it does not run: `#[ignore = \"…\"]`"),
    (
        &["#[al", "low("],
        "say `#[expect(…, reason = …)]`, which tells when it is no longer needed",
    ),
    (
        &["#![al", "low("],
        "say `#![expect(…, reason = …)]`, which tells when it is no longer needed",
    ),
    (
        &["registry.npm", "js.org"],
        "a machine's own settings name its registries",
    ),
    (&["py", "pi.org"], "a machine's own settings name its registries"),
    (
        &["pythonhos", "ted.org"],
        "a machine's own settings name its registries",
    ),
    (
        &["deb.deb", "ian.org"],
        "a machine's own settings name its mirrors",
    ),
    (
        &["index.crates", ".io"],
        "a machine's own settings name its registries",
    ),
    (
        &["static.crates", ".io"],
        "a machine's own settings name its registries",
    ),
    (
        &["static.rust-", "lang.org"],
        "a machine's own settings name its mirrors",
    ),
    (&["/ho", "me/"], "a path of one machine"),
    (&["/ro", "ot/"], "a path of one machine"),
    (&["/wo", "rk/"], "a path of one machine"),
];

pub fn check(source: &Source) -> Vec<Finding> {
    let never: Vec<(String, &str)> = NEVER.iter().map(|(parts, why)| (parts.concat(), *why)).collect();
    let mut findings = Vec::new();
    for (number, line) in source.numbered_lines() {
        for (word, why) in &never {
            if says(line, word) {
                findings.push(Finding::of_line(source, number, format!("`{word}`: {why}")));
            }
        }
    }
    findings
}

/// Whether a line holds the word and not a longer one that ends or begins with it.
fn says(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let joins = |neighbour: Option<char>| neighbour.is_some_and(|c| c.is_alphanumeric() || c == '_');
        // A path in the middle of a longer one (`$HOME/work/`, `network/work/`) is relative to something.
        let continues_a_path =
            word.starts_with('/') && before.is_some_and(|c| c.is_alphanumeric() || "_-.}~".contains(c));
        let continues_a_word = word.starts_with(char::is_alphabetic) && joins(before);
        let goes_on = word.ends_with(char::is_alphabetic) && joins(after);
        !continues_a_path && !continues_a_word && !goes_on
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_are_meant() {
        let unfinished = ["TO", "DO"].concat();
        assert!(says(&format!("// {unfinished}: later"), &unfinished));
        assert!(!says(&format!("MAS{unfinished}N"), &unfinished));
    }

    #[test]
    fn paths_are_meant_from_the_root() {
        let machine = ["/wo", "rk/"].concat();
        assert!(says(&format!("open \"{machine}data\""), &machine));
        assert!(!says(&format!("$HOME{machine}data"), &machine));
    }
}
