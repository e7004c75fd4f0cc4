//! Multipart uploads over the wire.

#[cfg_attr(
    not(test), // where tests are compiled, clippy lets wildcards be
    expect(clippy::wildcard_imports, reason = "an operation names an input, an output and their parts")
)]
use s3s::dto::*;
use s3s::{S3Request, S3Result, s3_error};

use super::super::S3Failure;
use super::super::checksum::{Algorithm, Kind};
use super::super::multipart::{Expected, NamedPart, Upload};
use super::super::put::{Condition, NewObject};
use super::access::asker;
use super::body::Declared;
use super::shape::{
    self, ChecksumFields, ReadConditions, declared_checksums, encryption, long, set_checksums, version_id,
};
use super::{Protocol, list};

/// Part numbers go up to this.
const PART_NUMBER_MAX: i32 = 10_000;

impl Protocol {
    pub(super) async fn create_multipart_upload(
        &self,
        request: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<CreateMultipartUploadOutput> {
        let asker = asker(&request)?;
        let input = request.input;
        if input.sse_customer_algorithm.is_some() {
            return Err(s3_error!(
                NotImplemented,
                "Customer-provided keys (SSE-C) are not implemented"
            ));
        }
        let kind = match &input.checksum_type {
            None => None,
            Some(kind) => Some(Kind::parse(kind.as_str()).ok_or_else(|| {
                s3_error!(InvalidRequest, "Value for x-amz-checksum-type header is invalid.")
            })?),
        };
        let algorithm = shape::algorithm(input.checksum_algorithm.as_ref())?;
        let new = NewObject {
            bucket: input.bucket,
            key: input.key,
            attributes: shape::attributes(&request.headers, input.metadata)?,
            condition: Condition::None,
        };
        let upload = self.store.create_upload(&asker, new, algorithm, kind).await?;
        let (server_side_encryption, ssekms_key_id) = encryption(&upload.attributes);
        Ok(CreateMultipartUploadOutput {
            bucket: Some(upload.bucket),
            checksum_algorithm: Some(ChecksumAlgorithm::from_static(upload.algorithm.as_str())),
            checksum_type: Some(ChecksumType::from_static(upload.kind.as_str())),
            key: Some(upload.key),
            server_side_encryption,
            ssekms_key_id,
            upload_id: Some(upload.id),
            ..Default::default()
        })
    }

    pub(super) async fn upload_part(
        &self,
        request: S3Request<UploadPartInput>,
    ) -> S3Result<UploadPartOutput> {
        let input = &request.input;
        check_part_number(input.part_number)?;
        let declared = Declared::read(
            &request,
            declared_checksums!(input),
            input.checksum_algorithm.as_ref(),
            input.content_md5.as_deref(),
        )?;
        let upload = self
            .store
            .upload(&input.bucket, &input.key, &input.upload_id)
            .await?;
        if let Some(algorithm) = declared.algorithm
            && upload.explicit
            && algorithm != upload.algorithm
        {
            return Err(s3_error!(
                InvalidRequest,
                "Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum Type: {}",
                upload.algorithm.as_str().to_lowercase(),
                algorithm.as_str().to_lowercase()
            ));
        }
        let number = input.part_number;
        let answered = declared.algorithm.unwrap_or(upload.algorithm);
        let UploadPartInput {
            body, content_length, ..
        } = request.input;
        let blob = declared
            .receive(&self.store, body, content_length, upload.algorithm)
            .await?;
        let value = blob.checksum(answered).unwrap_or_default().to_owned();
        let part = self.store.add_part(&upload, number, blob).await?;
        let (server_side_encryption, ssekms_key_id) = encryption(&upload.attributes);
        let mut output = UploadPartOutput {
            e_tag: Some(shape::etag(&part.etag)),
            server_side_encryption,
            ssekms_key_id,
            ..Default::default()
        };
        let _ = set_checksums!(output, ChecksumFields::of(answered, value));
        Ok(output)
    }

    pub(super) async fn upload_part_copy(
        &self,
        request: S3Request<UploadPartCopyInput>,
    ) -> S3Result<UploadPartCopyOutput> {
        let asker = asker(&request)?;
        let input = request.input;
        check_part_number(input.part_number)?;
        let upload = self
            .store
            .upload(&input.bucket, &input.key, &input.upload_id)
            .await?;
        let source = self.source(&asker, &input.copy_source).await?;
        ReadConditions {
            if_match: input.copy_source_if_match.as_ref(),
            if_none_match: input.copy_source_if_none_match.as_ref(),
            if_modified_since: input.copy_source_if_modified_since.as_ref(),
            if_unmodified_since: input.copy_source_if_unmodified_since.as_ref(),
        }
        .check(&source.version)?;
        let bytes = match input.copy_source_range {
            None => 0..source.version.size,
            Some(range) => source_range(&range, source.version.size)?,
        };
        let source_version_id = version_id(&source.version);
        let blob = self
            .store
            .inner
            .blobs
            .write(source.stream(bytes)?, &[upload.algorithm])
            .await?;
        let part = self.store.add_part(&upload, input.part_number, blob).await?;
        let mut result = CopyPartResult {
            e_tag: Some(shape::etag(&part.etag)),
            last_modified: Some(shape::time(part.modified)),
            ..Default::default()
        };
        let _ = set_checksums!(result, ChecksumFields::of(upload.algorithm, part.checksum));
        let (server_side_encryption, ssekms_key_id) = encryption(&upload.attributes);
        Ok(UploadPartCopyOutput {
            copy_part_result: Some(result),
            copy_source_version_id: source_version_id,
            server_side_encryption,
            ssekms_key_id,
            ..Default::default()
        })
    }

    pub(super) async fn complete_multipart_upload(
        &self,
        request: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<CompleteMultipartUploadOutput> {
        let asker = asker(&request)?;
        let input = request.input;
        let upload = self
            .store
            .upload(&input.bucket, &input.key, &input.upload_id)
            .await?;
        if let Some(kind) = &input.checksum_type
            && kind.as_str() != upload.kind.as_str()
        {
            return Err(s3_error!(
                InvalidRequest,
                "The upload was created using the {} checksum mode. The complete request must use the same checksum mode.",
                upload.kind.as_str()
            ));
        }
        let condition = shape::condition(input.if_match.as_ref(), input.if_none_match.as_ref())?;
        let expected = Expected {
            checksum: declared_checksums!(input).into_iter().next(),
            size: input.mpu_object_size.and_then(|size| u64::try_from(size).ok()),
        };
        let named = input
            .multipart_upload
            .and_then(|upload| upload.parts)
            .unwrap_or_default()
            .into_iter()
            .map(|part| named_part(&upload, &part))
            .collect::<Result<Vec<_>, S3Failure>>()?;
        let version = self
            .store
            .complete_upload(&asker, &upload, named, expected, condition)
            .await?;
        let (server_side_encryption, ssekms_key_id) = encryption(&version.attributes);
        let mut output = CompleteMultipartUploadOutput {
            e_tag: Some(shape::etag(&version.etag)),
            location: Some(format!("/{}/{}", version.bucket, version.key)),
            server_side_encryption,
            ssekms_key_id,
            version_id: version_id(&version),
            ..Default::default()
        };
        output.checksum_type = set_checksums!(output, ChecksumFields::of_version(&version));
        output.bucket = Some(version.bucket);
        output.key = Some(version.key);
        Ok(output)
    }

    pub(super) async fn abort_multipart_upload(
        &self,
        request: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<AbortMultipartUploadOutput> {
        let input = request.input;
        let upload = self
            .store
            .upload(&input.bucket, &input.key, &input.upload_id)
            .await?;
        self.store.end_upload(&upload).await?;
        Ok(AbortMultipartUploadOutput::default())
    }

    pub(super) async fn list_parts(&self, request: S3Request<ListPartsInput>) -> S3Result<ListPartsOutput> {
        let account = asker(&request)?.account;
        let input = request.input;
        let upload = self
            .store
            .upload(&input.bucket, &input.key, &input.upload_id)
            .await?;
        let after = input.part_number_marker.unwrap_or(0);
        let limit = list::limit(input.max_parts);
        let listed = upload.clone();
        let parts = self
            .store
            .inner
            .database
            .ask(move |transaction| listed.parts(transaction, after))
            .await?;
        let truncated = parts.len() > limit;
        let parts: Vec<Part> = parts
            .into_iter()
            .take(limit)
            .map(|part| {
                let mut listed = Part {
                    e_tag: Some(shape::etag(&part.etag)),
                    last_modified: Some(shape::time(part.modified)),
                    part_number: Some(part.number),
                    size: Some(long(part.size)),
                    ..Default::default()
                };
                let _ = set_checksums!(listed, ChecksumFields::of(upload.algorithm, part.checksum));
                listed
            })
            .collect();
        Ok(ListPartsOutput {
            bucket: Some(upload.bucket),
            checksum_algorithm: Some(ChecksumAlgorithm::from_static(upload.algorithm.as_str())),
            checksum_type: Some(ChecksumType::from_static(upload.kind.as_str())),
            initiator: Some(Initiator {
                display_name: None,
                id: Some(account.clone()),
            }),
            is_truncated: Some(truncated),
            key: Some(upload.key),
            max_parts: i32::try_from(limit).ok(),
            next_part_number_marker: parts.last().and_then(|part| part.part_number),
            owner: Some(shape::owner(&account)),
            part_number_marker: Some(after),
            parts: Some(parts),
            storage_class: Some(StorageClass::from(
                upload
                    .attributes
                    .storage_class
                    .unwrap_or_else(|| "STANDARD".to_owned()),
            )),
            upload_id: Some(upload.id),
            ..Default::default()
        })
    }
}

/// The bytes of a source that are copied: unlike where they are read, the source must have them all.
fn source_range(range: &str, size: u64) -> S3Result<std::ops::Range<u64>> {
    match Range::parse(range) {
        Ok(Range::Int {
            first,
            last: Some(last),
        }) if first <= last && last < size => Ok(first..last + 1),
        Ok(Range::Int { last: Some(_), .. }) => Err(s3_error!(
            InvalidArgument,
            "Range specified is not valid for source object of size: {size}"
        )),
        _ => Err(s3_error!(
            InvalidArgument,
            "The x-amz-copy-source-range value must be of the form bytes=first-last"
        )),
    }
}

fn check_part_number(number: i32) -> S3Result<()> {
    if (1..=PART_NUMBER_MAX).contains(&number) {
        Ok(())
    } else {
        Err(s3_error!(
            InvalidArgument,
            "Part number must be an integer between 1 and {PART_NUMBER_MAX}, inclusive"
        ))
    }
}

fn named_part(upload: &Upload, part: &CompletedPart) -> Result<NamedPart, S3Failure> {
    let number = part.part_number.ok_or_else(|| {
        S3Failure::InvalidRequest("Every part of the completion names its part number".to_owned())
    })?;
    let checksum = declared_checksums!(part)
        .into_iter()
        .find(|(algorithm, _)| *algorithm == upload.algorithm)
        .map(|(_, value)| value);
    // A composite checksum is one of parts that the client has vouched for, each by its checksum.
    if upload.explicit && upload.kind == Kind::Composite && checksum.is_none() {
        return Err(S3Failure::InvalidRequest(format!(
            "The upload was created using a {} checksum. The complete request must include the checksum for each \
             part. It was missing for part {number} in the request.",
            upload.algorithm.as_str().to_lowercase()
        )));
    }
    Ok(NamedPart {
        number,
        etag: part.e_tag.as_ref().map(|etag| etag.value().to_owned()),
        checksum,
    })
}
