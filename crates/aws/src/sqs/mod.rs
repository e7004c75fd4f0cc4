//! SQS: receiving and deleting messages.

mod delete_messages;
mod queue_attributes;
mod queue_url;
mod receive_messages;

use recovery::ids::{AccountId, Region};

pub use queue_attributes::QueueAttributes;
pub use receive_messages::Message;

/// A queue that is known by its URL.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct QueueRef {
    /// Its Region.
    pub region: Region,
    /// Whose credentials are used.
    pub account: AccountId,
    /// Its URL.
    pub url: String,
}
