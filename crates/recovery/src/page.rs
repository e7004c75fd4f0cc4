//! A page of a list: `{"items":[…],"next_cursor":null|"…"}`.

use serde::{Deserialize, Serialize};

/// Items and where the next ones begin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    /// At most as many items as the caller asked for.
    pub items: Vec<T>,
    /// Opaque; give it back to get the next page. `None` on the last page.
    pub next_cursor: Option<String>,
}
