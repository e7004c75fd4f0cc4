//! GetObject of a whole object: small ones at once, large ones as a stream.

use bytes::Bytes;

use super::BucketRef;
use crate::{Cloud, Error, ErrorKind};

/// The body of an object, as it arrives.
#[derive(Debug)]
pub struct ObjectStream {
    subject: String,
    /// Bytes, as S3 announced them.
    pub size: Option<u64>,
    body: aws_sdk_s3::primitives::ByteStream,
}

impl ObjectStream {
    /// The next piece, or `None` at the end.
    pub async fn next(&mut self) -> Option<Result<Bytes, Error>> {
        let piece = self.body.next().await?;
        Some(piece.map_err(|error| {
            Error::new(
                "GetObject",
                self.subject.clone(),
                ErrorKind::Unreachable,
                format!("the body broke off: {error}"),
            )
        }))
    }
}

impl Cloud {
    /// The whole object, piece by piece. Memory holds one piece at a time.
    pub async fn get_object_stream(&self, bucket: &BucketRef, key: &str) -> Result<ObjectStream, Error> {
        self.get_object_stream_from(bucket, key, None, 0).await
    }

    /// The object from byte `offset` on. With `etag`, fails with [`ErrorKind::Precondition`] once the object has
    /// changed, so that a stream that broke off can be gone on with. `offset` lies within the object.
    pub async fn get_object_stream_from(
        &self,
        bucket: &BucketRef,
        key: &str,
        etag: Option<&str>,
        offset: u64,
    ) -> Result<ObjectStream, Error> {
        let answer = self
            .clients(&bucket.region, bucket.account.as_ref())
            .s3
            .get_object()
            .bucket(&bucket.name)
            .key(key)
            .set_if_match(etag.map(str::to_owned))
            .set_range((offset > 0).then(|| format!("bytes={offset}-")))
            .send()
            .await
            .map_err(|error| Error::from_sdk("GetObject", bucket.uri(key), &error))?;
        Ok(ObjectStream {
            subject: bucket.uri(key),
            size: answer
                .content_length()
                .and_then(|length| u64::try_from(length).ok()),
            body: answer.body,
        })
    }

    /// A small object, or an error of kind [`ErrorKind::Limit`] when it is larger than `max_bytes`.
    pub async fn get_object(&self, bucket: &BucketRef, key: &str, max_bytes: usize) -> Result<Bytes, Error> {
        let mut stream = self.get_object_stream(bucket, key).await?;
        let too_large = || {
            Error::new(
                "GetObject",
                bucket.uri(key),
                ErrorKind::Limit,
                format!("the object is larger than {max_bytes} bytes"),
            )
        };
        if stream.size.is_some_and(|size| size > max_bytes as u64) {
            return Err(too_large());
        }
        let mut content = Vec::new();
        while let Some(piece) = stream.next().await {
            let piece = piece?;
            if content.len() + piece.len() > max_bytes {
                return Err(too_large());
            }
            content.extend_from_slice(&piece);
        }
        Ok(content.into())
    }
}
