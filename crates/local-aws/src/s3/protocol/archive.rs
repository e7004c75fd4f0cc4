//! Archived objects over the wire.

use http::StatusCode;
use s3s::dto::{RestoreObjectInput, RestoreObjectOutput};
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::super::archive::{Asked, ThawRequest};
use super::Protocol;
use super::access::asker;

/// A status that is not the operation's usual one. `s3s` answers every success of an operation alike, so it goes to the front
/// beside the answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ChosenStatus(pub(crate) StatusCode);

impl Protocol {
    pub(super) async fn restore_object(
        &self,
        request: S3Request<RestoreObjectInput>,
    ) -> S3Result<S3Response<RestoreObjectOutput>> {
        let asker = asker(&request)?;
        let input = request.input;
        let asked = input
            .restore_request
            .ok_or_else(|| s3_error!(MalformedXML, "The request names no RestoreRequest"))?;
        if asked.select_parameters.is_some() || asked.output_location.is_some() {
            return Err(s3_error!(NotImplemented, "S3 Select is not implemented"));
        }
        let days = asked
            .days
            .filter(|days| *days >= 1)
            .ok_or_else(|| s3_error!(InvalidArgument, "restoration days should be at least 1"))?;
        let tier = asked
            .glacier_job_parameters
            .map(|parameters| parameters.tier)
            .or(asked.tier);
        let thaw = ThawRequest {
            days,
            tier: tier.map(|tier| tier.as_str().to_owned()),
        };
        let done = self
            .store
            .thaw(
                &asker,
                &input.bucket,
                &input.key,
                input.version_id.as_deref(),
                thaw,
            )
            .await?;
        let status = match done {
            Asked::Begun => StatusCode::ACCEPTED,
            Asked::Prolonged => StatusCode::OK,
        };
        let mut response = S3Response::new(RestoreObjectOutput::default());
        response.extensions.insert(ChosenStatus(status));
        Ok(response)
    }
}
