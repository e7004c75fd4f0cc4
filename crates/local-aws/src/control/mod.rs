//! The control-plane services (Backup, RDS, SQS, STS) of one embedded cloud, as the front serves them.

use std::sync::Arc;

use crate::{Context, Error, Service};

/// Everything of one embedded cloud that isn't S3 or DynamoDB. Started before the listener accepts its first
/// request, stopped after it has answered its last.
#[derive(Debug)]
pub struct Control {}

impl Control {
    /// Opens the services' state and starts their background work.
    #[expect(
        clippy::unused_async,
        reason = "the services that come read their state asynchronously"
    )]
    pub(crate) async fn start(_context: &Context) -> Result<Self, Error> {
        Ok(Self {})
    }

    /// The services that the front dispatches to, by credential-scope name.
    #[expect(clippy::unused_self, reason = "the services that come live in it")]
    pub(crate) fn services(&self) -> Vec<Arc<dyn Service>> {
        Vec::new()
    }

    /// Stops background work; state is consistent at any moment, so this only tidies.
    #[expect(
        clippy::unused_async,
        reason = "the services that come wait for their background work"
    )]
    pub(crate) async fn shutdown(&self) {}
}
