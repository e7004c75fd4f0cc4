//! Bodies on their way in: the checksum to compute is known before the first byte, the one to compare with maybe
//! only after the last.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use s3s::dto::{ChecksumAlgorithm, StreamingBlob};
use s3s::{S3Request, S3Result, TrailingHeaders, s3_error};

use super::super::blobs::Blob;
use super::super::checksum::Algorithm;
use super::super::multipart::is_checksum;
use super::super::{S3Failure, S3Store};
use super::shape;

/// The prefix of checksum headers and trailers.
const PREFIX: &str = "x-amz-checksum-";

/// What a client says of a body's bytes.
#[derive(Debug)]
pub(super) struct Declared {
    /// Named by any of the headers; `None` when the client leaves it to S3.
    pub(super) algorithm: Option<Algorithm>,
    value: Option<String>,
    content_md5: Option<[u8; 16]>,
    trailers: Option<TrailingHeaders>,
}

impl Declared {
    /// From a request's checksum fields, checksum algorithm and Content-MD5.
    pub(super) fn read<T>(
        request: &S3Request<T>,
        checksums: Vec<(Algorithm, String)>,
        named: Option<&ChecksumAlgorithm>,
        content_md5: Option<&str>,
    ) -> S3Result<Self> {
        let mut checksums = checksums.into_iter();
        let header = checksums.next();
        if checksums.next().is_some() {
            return Err(s3_error!(
                InvalidRequest,
                "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed."
            ));
        }
        if let Some((algorithm, value)) = &header
            && !is_checksum(*algorithm, value)
        {
            return Err(s3_error!(
                InvalidRequest,
                "Value for {PREFIX}{} header is invalid.",
                algorithm.as_str().to_lowercase()
            ));
        }
        let trailer = request
            .headers
            .get("x-amz-trailer")
            .and_then(|names| names.to_str().ok())
            .and_then(|names| names.split(',').find_map(|name| name.trim().strip_prefix(PREFIX)))
            .and_then(Algorithm::parse);
        let (algorithm, value) = match header {
            Some((algorithm, value)) => (Some(algorithm), Some(value)),
            None => (trailer, None),
        };
        if let Some(named) = shape::algorithm(named)?
            && algorithm != Some(named)
        {
            return Err(s3_error!(
                InvalidRequest,
                "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer \
                 headers were found."
            ));
        }
        let content_md5 = content_md5
            .map(|text| {
                STANDARD
                    .decode(text)
                    .ok()
                    .and_then(|digest| <[u8; 16]>::try_from(digest).ok())
                    .ok_or(S3Failure::InvalidDigest("Content-MD5"))
            })
            .transpose()?;
        Ok(Self {
            algorithm,
            value,
            content_md5,
            trailers: request.trailing_headers.clone(),
        })
    }

    /// Writes the body to disk, hashed by `algorithm` and by the one declared, and compares. Bytes that aren't those declared are removed.
    pub(super) async fn receive(
        &self,
        store: &S3Store,
        body: Option<StreamingBlob>,
        length: Option<i64>,
        algorithm: Algorithm,
    ) -> S3Result<Blob> {
        let blobs = &store.inner.blobs;
        let mut algorithms = vec![algorithm];
        algorithms.extend(self.algorithm.filter(|declared| *declared != algorithm));
        let blob = match body {
            Some(body) => blobs.write(body, &algorithms).await?,
            None => {
                blobs
                    .write(futures::stream::empty::<Result<_, std::io::Error>>(), &algorithms)
                    .await?
            }
        };
        if let Err(failure) = self.compare(&blob, length) {
            blobs.remove(vec![blob.id]).await;
            return Err(failure.into());
        }
        Ok(blob)
    }

    fn compare(&self, blob: &Blob, length: Option<i64>) -> Result<(), S3Failure> {
        if length.is_some_and(|length| u64::try_from(length) != Ok(blob.size)) {
            return Err(S3Failure::IncompleteBody(format!("{} bytes came", blob.size)));
        }
        if self.content_md5.is_some_and(|digest| digest != blob.md5) {
            return Err(S3Failure::BadDigest("Content-MD5"));
        }
        let Some(algorithm) = self.algorithm else {
            return Ok(());
        };
        let name = format!("{PREFIX}{}", algorithm.as_str().to_lowercase());
        let trailer = || {
            self.trailers.as_ref()?.read(|trailers| {
                trailers
                    .get(&name)
                    .and_then(|value| value.to_str().ok())
                    .map(str::to_owned)
            })?
        };
        match self.value.clone().or_else(trailer) {
            Some(value) if blob.checksum(algorithm) == Some(value.as_str()) => Ok(()),
            Some(_) => Err(S3Failure::BadDigest(algorithm.as_str())),
            None => Err(S3Failure::IncompleteBody(
                "the trailing checksum that x-amz-trailer names did not come".to_owned(),
            )),
        }
    }
}
