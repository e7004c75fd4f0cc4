//! What the pages know of the installation.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// Where it runs. The server gives it by context, and sends it along with the first page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Installation {
    /// Whether it works on AWS itself, whose console shows the same resources.
    pub is_aws: bool,
}

/// The installation of this request; nothing is known of it where nobody gave it.
pub fn installation() -> Installation {
    use_context().unwrap_or_default()
}
