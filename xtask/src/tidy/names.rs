//! A file is named after its subject.

use super::Finding;
use super::sources::Source;

/// Names that say where code was put and not what it is about.
const SAY_NOTHING: [&str; 7] = ["util", "utils", "common", "helper", "helpers", "misc", "shared"];

pub fn check(source: &Source) -> Option<Finding> {
    let without_extension = source.path.with_extension("");
    let name = without_extension
        .components()
        .map(|component| component.as_os_str().to_string_lossy())
        .find(|name| SAY_NOTHING.contains(&name.to_lowercase().as_str()))?;
    Some(Finding::of_file(
        source,
        format!("`{name}` names no subject; name the file or folder after what it is about"),
    ))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn finds(path: &str) -> bool {
        check(&Source {
            path: PathBuf::from(path),
            text: String::new(),
        })
        .is_some()
    }

    #[test]
    fn files_and_folders_are_looked_at() {
        assert!(finds("crates/aws/src/utils.rs"));
        assert!(finds("server/tests/common/mod.rs"));
        assert!(!finds("crates/aws/src/error_types_of_s3.rs"));
        assert!(!finds("crates/restore/src/digest.rs"));
    }
}
