//! Objects over the wire: put, copy, attributes, delete.

#[cfg_attr(
    not(test), // where tests are compiled, clippy lets wildcards be
    expect(clippy::wildcard_imports, reason = "an operation names an input, an output and their parts")
)]
use s3s::dto::*;
use s3s::{S3Error, S3Request, S3Result, s3_error};

use super::super::checksum::Algorithm;
use super::super::put::NewObject;
use super::super::read::{Opened, parts_count};
use super::super::{S3Failure, archive};
use super::access::asker;
use super::body::Declared;
use super::read::refuse_customer_keys;
use super::shape::{
    self, ChecksumFields, ReadConditions, declared_checksums, encryption, long, set_checksums, version_id,
};
use super::{Protocol, list};

/// S3 deletes at most this many objects in one request.
const DELETE_MAX: usize = 1000;

impl Protocol {
    pub(super) async fn put_object(&self, request: S3Request<PutObjectInput>) -> S3Result<PutObjectOutput> {
        let asker = asker(&request)?;
        let input = &request.input;
        refuse_customer_keys(input.sse_customer_algorithm.as_ref())?;
        if input.write_offset_bytes.is_some() {
            return Err(s3_error!(NotImplemented, "Appending is for directory buckets"));
        }
        let declared = Declared::read(
            &request,
            declared_checksums!(input),
            input.checksum_algorithm.as_ref(),
            input.content_md5.as_deref(),
        )?;
        let new = NewObject {
            bucket: input.bucket.clone(),
            key: input.key.clone(),
            attributes: shape::attributes(&request.headers, input.metadata.clone())?,
            condition: shape::condition(input.if_match.as_ref(), input.if_none_match.as_ref())?,
        };
        let algorithm = declared.algorithm.unwrap_or(Algorithm::Crc64Nvme);
        let PutObjectInput {
            body, content_length, ..
        } = request.input;
        let blob = declared
            .receive(&self.store, body, content_length, algorithm)
            .await?;
        let version = self.store.add_blob(&asker, new, blob, algorithm).await?;
        let (server_side_encryption, ssekms_key_id) = encryption(&version.attributes);
        let mut output = PutObjectOutput {
            e_tag: Some(shape::etag(&version.etag)),
            server_side_encryption,
            ssekms_key_id,
            version_id: version_id(&version),
            ..Default::default()
        };
        output.checksum_type = set_checksums!(output, ChecksumFields::of_version(&version));
        Ok(output)
    }

    /// A copy is an object uploaded at once, with a full-object checksum by the source's algorithm or the one asked
    /// for, however the source came.
    pub(super) async fn copy_object(
        &self,
        request: S3Request<CopyObjectInput>,
    ) -> S3Result<CopyObjectOutput> {
        let asker = asker(&request)?;
        let input = &request.input;
        let source = self.source(&asker, &input.copy_source).await?;
        ReadConditions {
            if_match: input.copy_source_if_match.as_ref(),
            if_none_match: input.copy_source_if_none_match.as_ref(),
            if_modified_since: input.copy_source_if_modified_since.as_ref(),
            if_unmodified_since: input.copy_source_if_unmodified_since.as_ref(),
        }
        .check(&source.version)
        .map_err(precondition)?;
        let asked = shape::attributes(&request.headers, input.metadata.clone())?;
        let replaces = input
            .metadata_directive
            .as_ref()
            .is_some_and(|directive| directive.as_str() == "REPLACE");
        let replaces_tags = input
            .tagging_directive
            .as_ref()
            .is_some_and(|directive| directive.as_str() == "REPLACE");
        let mut attributes = if replaces {
            asked.clone()
        } else {
            source.version.attributes.clone()
        };
        let condition = shape::condition_of_headers(&request.headers)?;
        attributes.storage_class = asked.storage_class;
        attributes.kms_key_id = asked.kms_key_id;
        attributes.lock = asked.lock;
        attributes.thaw = None;
        attributes.tagging = if replaces_tags {
            asked.tagging
        } else {
            source.version.attributes.tagging.clone()
        };
        let same = source.version.bucket == input.bucket && source.version.key == input.key;
        if same && !replaces && attributes == source.version.attributes {
            return Err(s3_error!(
                InvalidRequest,
                "This copy request is illegal because it is trying to copy an object to itself without changing the \
                 object's metadata, storage class, website redirect location or encryption attributes."
            ));
        }
        let named = shape::algorithm(input.checksum_algorithm.as_ref())?;
        let algorithm = named
            .or_else(|| {
                source
                    .version
                    .checksum
                    .as_ref()
                    .map(|checksum| checksum.algorithm)
            })
            .unwrap_or(Algorithm::Crc64Nvme);
        let source_version_id = version_id(&source.version);
        let new = NewObject {
            bucket: input.bucket.clone(),
            key: input.key.clone(),
            attributes,
            condition,
        };
        let size = source.version.size;
        let blob = self
            .store
            .inner
            .blobs
            .write(source.stream(0..size)?, &[algorithm])
            .await?;
        let version = self.store.add_blob(&asker, new, blob, algorithm).await?;
        let mut result = CopyObjectResult {
            e_tag: Some(shape::etag(&version.etag)),
            last_modified: Some(shape::time(version.modified)),
            ..Default::default()
        };
        result.checksum_type = set_checksums!(result, ChecksumFields::of_version(&version));
        let (server_side_encryption, ssekms_key_id) = encryption(&version.attributes);
        Ok(CopyObjectOutput {
            copy_object_result: Some(result),
            copy_source_version_id: source_version_id,
            server_side_encryption,
            ssekms_key_id,
            version_id: version_id(&version),
            ..Default::default()
        })
    }

    /// The source of a copy, which may be in another Region, if the asker may read it.
    pub(super) async fn source(
        &self,
        asker: &super::super::buckets::Asker,
        source: &CopySource,
    ) -> S3Result<Opened> {
        let CopySource::Bucket {
            bucket,
            key,
            version_id,
        } = source
        else {
            return Err(s3_error!(
                NotImplemented,
                "A copy source is a bucket and a key here"
            ));
        };
        self.store
            .permit_anywhere(&asker.account, bucket, "GetObject", Some(key))
            .await?;
        let opened = self
            .store
            .open_version(bucket, key, version_id.as_deref())
            .await?;
        archive::permit_reading(&opened.version, self.store.inner.clock.now())?;
        Ok(opened)
    }

    pub(super) async fn get_object_attributes(
        &self,
        request: S3Request<GetObjectAttributesInput>,
    ) -> S3Result<GetObjectAttributesOutput> {
        let input = request.input;
        // Some clients send one header with commas, others one header for each attribute.
        let wants = |name: &str| {
            input
                .object_attributes
                .iter()
                .flat_map(|attributes| attributes.as_str().split(','))
                .any(|attribute| attribute.trim() == name)
        };
        let opened = self
            .store
            .open_version(&input.bucket, &input.key, input.version_id.as_deref())
            .await?;
        let version = &opened.version;
        let mut output = GetObjectAttributesOutput {
            last_modified: Some(shape::time(version.modified)),
            version_id: version_id(version),
            ..Default::default()
        };
        if wants("ETag") {
            output.e_tag = Some(shape::etag(&version.etag));
        }
        if wants("ObjectSize") {
            output.object_size = Some(long(version.size));
        }
        if wants("StorageClass") {
            let class = version
                .attributes
                .storage_class
                .clone()
                .unwrap_or_else(|| "STANDARD".to_owned());
            output.storage_class = Some(StorageClass::from(class));
        }
        if wants("Checksum") {
            output.checksum = ChecksumFields::of_attributes(version).map(|fields| {
                let mut checksum = Checksum::default();
                checksum.checksum_type = set_checksums!(checksum, fields);
                checksum
            });
        }
        if wants("ObjectParts") && opened.parts_count().is_some() {
            output.object_parts = Some(object_parts(&opened, input.part_number_marker, input.max_parts));
        }
        Ok(output)
    }

    pub(super) async fn get_object_tagging(
        &self,
        request: S3Request<GetObjectTaggingInput>,
    ) -> S3Result<GetObjectTaggingOutput> {
        let input = request.input;
        let opened = self
            .store
            .open_version(&input.bucket, &input.key, input.version_id.as_deref())
            .await?;
        let tag_set = opened
            .version
            .tags()
            .into_iter()
            .map(|(key, value)| Tag {
                key: Some(key),
                value: Some(value),
            })
            .collect();
        Ok(GetObjectTaggingOutput {
            tag_set,
            version_id: version_id(&opened.version),
        })
    }

    pub(super) async fn delete_object(
        &self,
        request: S3Request<DeleteObjectInput>,
    ) -> S3Result<DeleteObjectOutput> {
        let asker = asker(&request)?;
        let input = request.input;
        let deleted = self
            .store
            .delete_object(
                &asker,
                &input.bucket,
                &input.key,
                input.version_id.as_deref(),
                input.bypass_governance_retention.unwrap_or(false),
            )
            .await?;
        Ok(DeleteObjectOutput {
            delete_marker: deleted.delete_marker.then_some(true),
            version_id: deleted.version_id,
            ..Default::default()
        })
    }

    pub(super) async fn delete_objects(
        &self,
        request: S3Request<DeleteObjectsInput>,
    ) -> S3Result<DeleteObjectsOutput> {
        let asker = asker(&request)?;
        let DeleteObjectsInput {
            bucket,
            delete,
            bypass_governance_retention,
            ..
        } = request.input;
        let bypass = bypass_governance_retention.unwrap_or(false);
        if delete.objects.is_empty() || delete.objects.len() > DELETE_MAX {
            return Err(s3_error!(
                MalformedXML,
                "A request deletes between 1 and {DELETE_MAX} objects"
            ));
        }
        let quiet = delete.quiet.unwrap_or(false);
        let (mut done, mut errors) = (Vec::new(), Vec::new());
        for object in delete.objects {
            let named = object.version_id.as_deref();
            match self
                .store
                .delete_object(&asker, &bucket, &object.key, named, bypass)
                .await
            {
                Ok(_) if quiet => {}
                Ok(deleted) => done.push(DeletedObject {
                    delete_marker: deleted.delete_marker.then_some(true),
                    delete_marker_version_id: deleted.version_id.filter(|_| deleted.delete_marker),
                    key: Some(object.key),
                    version_id: object.version_id,
                }),
                Err(failure) => {
                    let error = S3Error::from(failure);
                    errors.push(Error {
                        code: Some(error.code().as_str().to_owned()),
                        key: Some(object.key),
                        message: error.message().map(str::to_owned),
                        version_id: object.version_id,
                    });
                }
            }
        }
        Ok(DeleteObjectsOutput {
            deleted: Some(done),
            errors: Some(errors),
            ..Default::default()
        })
    }
}

/// A copy answers 412 where a GET answers 304.
fn precondition(error: S3Error) -> S3Error {
    match error.code() {
        s3s::S3ErrorCode::NotModified => S3Failure::PreconditionFailed("x-amz-copy-source-if-*").into(),
        _ => error,
    }
}

fn object_parts(
    opened: &Opened,
    after: Option<PartNumberMarker>,
    limit: Option<MaxParts>,
) -> GetObjectAttributesParts {
    let after = after.unwrap_or(0);
    let limit = list::limit(limit);
    let algorithm = opened
        .version
        .checksum
        .as_ref()
        .map(|checksum| checksum.algorithm);
    let mut rest = opened
        .segments
        .iter()
        .filter(|segment| segment.part > after)
        .peekable();
    let parts: Vec<ObjectPart> = rest
        .by_ref()
        .take(limit)
        .map(|segment| {
            let mut part = ObjectPart {
                part_number: Some(segment.part),
                size: Some(long(segment.size)),
                ..Default::default()
            };
            if let (Some(algorithm), Some(value)) = (algorithm, segment.checksum.clone()) {
                let _ = set_checksums!(part, ChecksumFields::of(algorithm, value));
            }
            part
        })
        .collect();
    GetObjectAttributesParts {
        is_truncated: Some(rest.peek().is_some()),
        max_parts: i32::try_from(limit).ok(),
        next_part_number_marker: parts.last().and_then(|part| part.part_number),
        part_number_marker: Some(after),
        total_parts_count: parts_count(&opened.version),
        parts: Some(parts),
    }
}
