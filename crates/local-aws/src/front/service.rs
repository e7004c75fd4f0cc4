//! What a JSON or query service offers to the front.

use bytes::Bytes;

use crate::Caller;

/// A JSON or query service of the embedded cloud, for example AWS Backup.
///
/// The front has already proven the signature, bounded the body to 16 MB, read it whole and checked that the
/// Region exists. It adds `x-amzn-requestid` (the [`Caller::request_id`]) to the answer. The path keeps the form
/// the client sent, percent-encoding and trailing slashes included.
#[async_trait::async_trait]
pub trait Service: Send + Sync + 'static {
    /// The service's name in a credential scope: `backup`, `rds`, `sqs`, `sts`.
    fn name(&self) -> &'static str;

    /// Answers one request, errors included, in the service's own protocol.
    async fn call(&self, caller: &Caller, request: http::Request<Bytes>) -> http::Response<Bytes>;
}
