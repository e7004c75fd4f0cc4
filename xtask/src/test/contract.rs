//! The adapters' contract suite, which the conformance tests run over the emulators of others.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::TESTED;
use crate::command::{self, say};
use crate::workspace::Workspace;

/// Builds `crates/aws/tests/contract` just as the unit tests do, so that after those it is there; gives its binary.
pub fn build(workspace: &Workspace) -> Result<PathBuf> {
    say("building the contract suite");
    let arguments = [
        "test", "--no-run", "--message-format", "json", "--test", "contract",
    ];
    let printed = command::output(workspace.cargo().args(arguments).args(TESTED))?;
    binary(&printed).context("cargo names no binary of the contract suite")
}

/// The binary that cargo names among its messages.
fn binary(printed: &str) -> Option<PathBuf> {
    let messages = printed.lines().filter_map(|line| serde_json::from_str(line).ok());
    messages
        .filter(|message: &serde_json::Value| message["target"]["name"] == "contract")
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_binary_is_told_by_the_message_of_its_target() {
        let printed = r#"{"reason":"compiler-artifact","target":{"name":"aws"},"executable":null}
{"reason":"compiler-artifact","target":{"name":"contract"},"executable":"/target/debug/deps/contract-1"}
{"reason":"build-finished","success":true}"#;
        assert_eq!(
            binary(printed),
            Some(PathBuf::from("/target/debug/deps/contract-1"))
        );
        assert_eq!(binary("no json"), None);
    }
}
