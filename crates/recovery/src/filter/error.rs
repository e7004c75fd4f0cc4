//! A filter that is not understood.

use serde::{Deserialize, Serialize};

/// Where a filter is not understood, why, and what could stand there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("the filter is not understood at character {position}: {problem}{}", listed(.possible))]
pub struct FilterError {
    /// The character that it begins at, from 1.
    pub position: usize,
    /// What is wrong there.
    pub problem: String,
    /// What could stand there, where that can be listed.
    pub possible: Vec<String>,
}

fn listed(possible: &[String]) -> String {
    if possible.is_empty() {
        String::new()
    } else {
        format!("; possible: {}", possible.join(", "))
    }
}
