//! Which sources somebody may know of.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::ids::SourceId;

/// The sources that exist for somebody. Whatever asks for a source in somebody's name asks this first, so that a source of
/// others and one that does not exist are the same to them, and take as long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Every source.
    All,
    /// These alone.
    Only(BTreeSet<SourceId>),
}

impl Scope {
    /// Whether `source` exists for them.
    pub fn holds(&self, source: &SourceId) -> bool {
        match self {
            Self::All => true,
            Self::Only(sources) => sources.contains(source),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_of_nothing_holds_nothing() {
        let source = |name: &str| -> SourceId { name.parse().unwrap() };
        assert!(!Scope::Only(BTreeSet::new()).holds(&source("tvshows")));
        let own = Scope::Only(BTreeSet::from([source("tvshows")]));
        assert!(own.holds(&source("tvshows")) && !own.holds(&source("tvshow")));
        assert!(Scope::All.holds(&source("tvshows")));
    }
}
