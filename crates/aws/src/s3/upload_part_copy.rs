//! UploadPartCopy.

use std::ops::Range;

use super::{BucketRef, CopiedPart, CopySource};
use crate::{Cloud, Error, ErrorKind};

impl Cloud {
    /// Copies bytes of an object within S3 as a part of an upload. `number` is from 1 to 10,000; every part but the last
    /// has 5 MiB to 5 GiB.
    pub async fn upload_part_copy(
        &self,
        from: &CopySource,
        range: Range<u64>,
        bucket: &BucketRef,
        key: &str,
        upload: &str,
        number: i32,
    ) -> Result<CopiedPart, Error> {
        let answer = self
            .clients(&bucket.region, bucket.account.as_ref())
            .s3
            .upload_part_copy()
            .bucket(&bucket.name)
            .key(key)
            .upload_id(upload)
            .part_number(number)
            .copy_source(from.header())
            .copy_source_range(format!("bytes={}-{}", range.start, range.end.saturating_sub(1)))
            .set_copy_source_if_match(from.etag.clone())
            .send()
            .await
            .map_err(|error| Error::from_sdk("UploadPartCopy", bucket.uri(key), &error))?;
        let result = answer.copy_part_result();
        let etag = result.and_then(|result| result.e_tag()).ok_or_else(|| {
            Error::new(
                "UploadPartCopy",
                bucket.uri(key),
                ErrorKind::Other,
                "the answer names no ETag",
            )
        })?;
        Ok(CopiedPart {
            number,
            etag: etag.to_owned(),
            crc64nvme: result
                .and_then(|result| result.checksum_crc64_nvme())
                .map(str::to_owned),
        })
    }
}
