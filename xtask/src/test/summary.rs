//! Reads each runner's own summary.

use std::fmt;
use std::ops::AddAssign;

/// How many tests ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub passed: u64,
    pub failed: u64,
    pub skipped: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} passed, {} failed, {} skipped",
            self.passed, self.failed, self.skipped
        )
    }
}

impl Counts {
    /// Adds a number under the word a runner uses for it; says whether the word is one.
    fn add(&mut self, word: &str, number: u64) -> bool {
        match word {
            "passed" | "pass" | "xpassed" => self.passed += number,
            "failed" | "fail" | "error" | "errors" | "timed" | "exec" | "cancelled" => self.failed += number,
            "skipped" | "ignored" | "xfailed" | "todo" => self.skipped += number,
            _ => return false,
        }
        true
    }

    /// Takes every `NUMBER WORD` of a list such as `3 passed, 1 failed`; `None` when there is no such pair.
    fn of_list(list: &str) -> Option<Self> {
        let mut counts = Self::default();
        let mut found = false;
        for part in list.split([',', ';', '(', ')']) {
            let mut words = part.split_whitespace();
            if let (Some(Ok(number)), Some(word)) = (words.next().map(str::parse), words.next()) {
                found |= counts.add(word, number);
            }
        }
        found.then_some(counts)
    }
}

/// Reads a runner's summary from everything it printed; `None` when it printed none.
pub type Reader = fn(&str) -> Option<Counts>;

/// `     Summary [   0.023s] 5 tests run: 4 passed (1 slow), 1 failed, 2 skipped`
pub fn of_nextest(printed: &str) -> Option<Counts> {
    let line = printed
        .lines()
        .rev()
        .find(|line| line.trim_start().starts_with("Summary ["))?;
    Counts::of_list(line.split_once(" run: ")?.1)
}

/// `test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out`, one line for each test binary.
pub fn of_cargo_test(printed: &str) -> Option<Counts> {
    let mut results = printed
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("test result: ")?.split_once(". "))
        .peekable();
    results.peek()?;
    let mut total = Counts::default();
    for (_, list) in results {
        total += Counts::of_list(list)?;
    }
    Some(total)
}

/// `=== 3 passed, 1 failed, 1 error, 2 skipped, 4 warnings in 0.12s ===`
pub fn of_pytest(printed: &str) -> Option<Counts> {
    let line = printed
        .lines()
        .rev()
        .map(|line| line.trim_matches(['=', ' ']))
        .find(|line| line.contains(" in ") && line.ends_with(['s', ')']))?;
    Counts::of_list(line.split(" in ").next()?)
}

/// `ℹ pass 3` (or `# pass 3` in TAP), one line for each outcome.
pub fn of_node(printed: &str) -> Option<Counts> {
    let mut counts = Counts::default();
    let mut found = false;
    for line in printed.lines() {
        let Some(rest) = line.strip_prefix("ℹ ").or_else(|| line.strip_prefix("# ")) else {
            continue;
        };
        let mut words = rest.split_whitespace();
        if let (Some(word), Some(Ok(number)), None) =
            (words.next(), words.next().map(str::parse), words.next())
        {
            found |= counts.add(word, number);
        }
    }
    found.then_some(counts)
}

/// Drops the escape sequences that colour a terminal.
pub fn without_colours(printed: &str) -> String {
    let mut plain = String::with_capacity(printed.len());
    let mut characters = printed.chars();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            for escaped in characters.by_ref() {
                if escaped.is_ascii_alphabetic() {
                    break;
                }
            }
        } else {
            plain.push(character);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(passed: u64, failed: u64, skipped: u64) -> Counts {
        Counts {
            passed,
            failed,
            skipped,
        }
    }

    #[test]
    fn nextest() {
        let line = "     Summary [   0.023s] 7 tests run: 4 passed (1 slow, 1 leaky), 1 failed, 2 timed out, 2 skipped\n        FAIL x\n";
        assert_eq!(of_nextest(line), Some(counts(4, 3, 2)));
        assert_eq!(
            of_nextest("     Summary [   0.023s] 0 tests run: 0 passed, 0 skipped"),
            Some(counts(0, 0, 0))
        );
        assert_eq!(of_nextest("error: could not compile"), None);
    }

    #[test]
    fn cargo_test() {
        let printed = "test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
                       test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 3 filtered out; finished in 0.1s\n";
        assert_eq!(of_cargo_test(printed), Some(counts(6, 2, 1)));
        assert_eq!(of_cargo_test("running 0 tests"), None);
    }

    #[test]
    fn pytest() {
        assert_eq!(
            of_pytest("=== 3 passed, 1 failed, 1 error, 2 skipped, 4 warnings in 0.12s ==="),
            Some(counts(3, 2, 2))
        );
        assert_eq!(
            of_pytest("== 8 passed in 72.01s (0:01:12) ==\n"),
            Some(counts(8, 0, 0))
        );
        assert_eq!(of_pytest("=== no tests ran in 0.01s ==="), None);
        assert_eq!(of_pytest("ERROR: usage"), None);
    }

    #[test]
    fn node() {
        let printed = "✔ signs in (3.1ms)\nℹ tests 4\nℹ suites 0\nℹ pass 2\nℹ fail 1\nℹ cancelled 0\nℹ skipped 1\nℹ todo 0\nℹ duration_ms 12.5\n";
        assert_eq!(of_node(printed), Some(counts(2, 1, 1)));
        assert_eq!(of_node("node: bad option"), None);
    }

    #[test]
    fn colours() {
        assert_eq!(
            without_colours("\u{1b}[32;1m     Summary\u{1b}[0m [ 1s]"),
            "     Summary [ 1s]"
        );
    }
}
