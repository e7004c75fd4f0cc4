//! What must not be named where: the clock and `async` in `recovery`, the AWS SDK outside `aws`.

use super::Finding;
use super::sources::Source;

/// Rules that wait or ask what time it is cannot be replayed, and do not compile for the browser.
const NOT_IN_RECOVERY: [&str; 9] = [
    "async fn", "async move", "async {", ".await", "Timestamp::now", "Zoned::now", "SystemTime", "Instant",
    "tokio::",
];

/// Crates of the SDK as Rust spells them.
const SDK: [&str; 5] = [
    "aws_sdk_", "aws_config::", "aws_smithy_", "aws_types::", "aws_credential_types::",
];

pub fn check(source: &Source) -> Vec<Finding> {
    if !source.is_rust() {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (number, line) in source.numbered_lines() {
        let code = line.trim_start();
        if code.starts_with("//") {
            continue;
        }
        if source.is_in("crates/recovery/src")
            && let Some(word) = NOT_IN_RECOVERY.iter().find(|word| code.contains(**word))
        {
            findings.push(Finding::of_line(
                source,
                number,
                format!("`{word}` in recovery, which is pure: callers pass `now`"),
            ));
        }
        let Some(word) = SDK.iter().find(|word| code.contains(**word)) else {
            continue;
        };
        if source.is_in("crates/aws") {
            if source.is_in("crates/aws/src") && code.starts_with("pub ") {
                findings.push(Finding::of_line(
                    source,
                    number,
                    format!("`{word}` in public view: no SDK type crosses the border of aws"),
                ));
            }
        } else if !source.is_in("crates/local-aws") && !source.is_in("xtask") {
            findings.push(Finding::of_line(
                source,
                number,
                format!("`{word}` outside crates/aws"),
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn findings(path: &str, text: &str) -> usize {
        check(&Source {
            path: PathBuf::from(path),
            text: text.to_owned(),
        })
        .len()
    }

    #[test]
    fn recovery_neither_waits_nor_looks_at_a_clock() {
        assert_eq!(
            findings(
                "crates/recovery/src/rpo.rs",
                "async fn age() {}\nlet now = Timestamp::now();\n"
            ),
            2
        );
        assert_eq!(
            findings(
                "crates/recovery/src/rpo.rs",
                "// no async fn here\npub fn age(now: Timestamp) {}\n"
            ),
            0
        );
        assert_eq!(
            findings("crates/workflow/src/clock.rs", "let now = Timestamp::now();\n"),
            0
        );
    }

    #[test]
    fn the_sdk_stays_behind_its_border() {
        let uses = "use aws_sdk_s3::Client;\n";
        assert_eq!(findings("crates/aws/src/get_object.rs", uses), 0);
        assert_eq!(findings("crates/local-aws/tests/s3.rs", uses), 0);
        assert_eq!(findings("crates/restore/src/writer.rs", uses), 1);
        assert_eq!(
            findings(
                "crates/aws/src/get_object.rs",
                "pub fn raw(&self) -> &aws_sdk_s3::Client {\n"
            ),
            1
        );
        assert_eq!(
            findings(
                "crates/aws/src/get_object.rs",
                "pub(crate) fn raw(&self) -> &aws_sdk_s3::Client {\n"
            ),
            0
        );
    }
}
