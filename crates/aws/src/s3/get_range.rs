//! GetObject of a byte range.

use std::ops::Range;

use bytes::{Bytes, BytesMut};

use super::BucketRef;
use crate::{Cloud, Error, ErrorKind};

impl Cloud {
    /// Exactly the bytes of `range`. With `etag`, fails with [`ErrorKind::Precondition`] once the object has changed.
    ///
    /// The whole range is held in memory: the caller chooses ranges that it can hold.
    pub async fn get_range(
        &self,
        bucket: &BucketRef,
        key: &str,
        etag: Option<&str>,
        range: Range<u64>,
    ) -> Result<Bytes, Error> {
        if range.is_empty() {
            return Ok(Bytes::new());
        }
        let answer = self
            .clients(&bucket.region, bucket.account.as_ref())
            .s3
            .get_object()
            .bucket(&bucket.name)
            .key(key)
            .range(format!("bytes={}-{}", range.start, range.end - 1))
            .set_if_match(etag.filter(|etag| !etag.is_empty()).map(str::to_owned))
            .send()
            .await
            .map_err(|error| Error::from_sdk("GetObject", bucket.uri(key), &error))?;
        let expected = range.end - range.start;
        // A server without ranges would answer the whole object: refuse it before it is read.
        if let Some(length) = answer.content_length()
            && u64::try_from(length).is_ok_and(|length| length > expected)
        {
            return Err(length_differs(bucket, key, expected, length.cast_unsigned()));
        }
        // Into one buffer of the right size: collecting first and joining then would hold the range twice.
        let room = usize::try_from(expected).unwrap_or(usize::MAX);
        let mut bytes = BytesMut::with_capacity(room);
        let mut body = answer.body;
        while let Some(chunk) = body.next().await {
            let chunk = chunk.map_err(|error| {
                Error::new(
                    "GetObject",
                    bucket.uri(key),
                    ErrorKind::Unreachable,
                    format!("the body broke off: {error}"),
                )
            })?;
            if chunk.len() > room - bytes.len() {
                let found = (bytes.len() + chunk.len()) as u64;
                return Err(length_differs(bucket, key, expected, found));
            }
            bytes.extend_from_slice(&chunk);
        }
        if bytes.len() == room {
            Ok(bytes.freeze())
        } else {
            Err(length_differs(bucket, key, expected, bytes.len() as u64))
        }
    }
}

fn length_differs(bucket: &BucketRef, key: &str, expected: u64, found: u64) -> Error {
    Error::new(
        "GetObject",
        bucket.uri(key),
        ErrorKind::Precondition,
        format!("a range of {expected} bytes was answered with {found} bytes"),
    )
}
