//! CreateMultipartUpload.

use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumType};

use super::BucketRef;
use crate::{Cloud, Error, ErrorKind};

impl Cloud {
    /// Begins an upload whose object gets a full-object CRC64NVME, as RDS's exports have. Gives its id.
    pub async fn create_multipart_upload(
        &self,
        bucket: &BucketRef,
        key: &str,
        content_type: Option<&str>,
    ) -> Result<String, Error> {
        let answer = self
            .clients(&bucket.region, bucket.account.as_ref())
            .s3
            .create_multipart_upload()
            .bucket(&bucket.name)
            .key(key)
            .checksum_algorithm(ChecksumAlgorithm::Crc64Nvme)
            .checksum_type(ChecksumType::FullObject)
            .set_content_type(content_type.map(str::to_owned))
            .send()
            .await
            .map_err(|error| Error::from_sdk("CreateMultipartUpload", bucket.uri(key), &error))?;
        answer.upload_id().map(str::to_owned).ok_or_else(|| {
            Error::new(
                "CreateMultipartUpload",
                bucket.uri(key),
                ErrorKind::Other,
                "the answer names no upload",
            )
        })
    }
}
