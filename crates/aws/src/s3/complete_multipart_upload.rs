//! CompleteMultipartUpload.

use aws_sdk_s3::types::{ChecksumType, CompletedMultipartUpload, CompletedPart};

use super::{BucketRef, Onto};
use crate::{Cloud, Error};

/// A part of an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopiedPart {
    /// From 1.
    pub number: i32,
    /// Its ETag, with its quotes.
    pub etag: String,
    /// Its CRC64NVME, base64, where S3 told one.
    pub crc64nvme: Option<String>,
}

impl Cloud {
    /// Makes the parts of an upload an object of `size` bytes. Gives the new version's id.
    ///
    /// [`crate::ErrorKind::Precondition`]: something else lies where the object goes; the upload stays.
    pub async fn complete_multipart_upload(
        &self,
        bucket: &BucketRef,
        key: &str,
        upload: &str,
        parts: Vec<CopiedPart>,
        size: u64,
        onto: &Onto,
    ) -> Result<Option<String>, Error> {
        let (if_match, if_none_match) = onto.conditions();
        let parts = parts
            .into_iter()
            .map(|part| {
                CompletedPart::builder()
                    .part_number(part.number)
                    .e_tag(part.etag)
                    .set_checksum_crc64_nvme(part.crc64nvme)
                    .build()
            })
            .collect();
        let answer = self
            .clients(&bucket.region, bucket.account.as_ref())
            .s3
            .complete_multipart_upload()
            .bucket(&bucket.name)
            .key(key)
            .upload_id(upload)
            .checksum_type(ChecksumType::FullObject)
            .multipart_upload(CompletedMultipartUpload::builder().set_parts(Some(parts)).build())
            .set_mpu_object_size(i64::try_from(size).ok())
            .set_if_match(if_match)
            .set_if_none_match(if_none_match)
            .send()
            .await
            .map_err(|error| Error::from_sdk("CompleteMultipartUpload", bucket.uri(key), &error))?;
        Ok(answer.version_id().map(str::to_owned))
    }
}
