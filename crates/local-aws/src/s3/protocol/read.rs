//! Objects over the wire: GET and HEAD, which say the same of a version.

use std::ops::Range as Bytes;

#[cfg_attr(
    not(test), // where tests are compiled, clippy lets wildcards be
    expect(clippy::wildcard_imports, reason = "an operation names an input, an output and their parts")
)]
use s3s::dto::*;
use s3s::{S3Request, S3Result, s3_error};

use super::super::archive;
use super::super::read::Opened;
use super::super::versions::Version;
use super::Protocol;
use super::shape::{self, ChecksumFields, ReadConditions, encryption, long, set_checksums, version_id};

/// What a GET or a HEAD asks for.
struct Asked {
    opened: Opened,
    /// The bytes that it asks for, if not for all.
    range: Option<Bytes<u64>>,
    /// All of them otherwise.
    bytes: Bytes<u64>,
    /// How many parts there are, where it asks for one.
    parts_count: Option<PartsCount>,
}

/// Finds what an input asks for. The inputs of GET and HEAD have the same fields and no trait.
macro_rules! asked {
    ($protocol:ident, $input:ident) => {{
        refuse_customer_keys($input.sse_customer_algorithm.as_ref())?;
        let opened = $protocol
            .store
            .open_version(&$input.bucket, &$input.key, $input.version_id.as_deref())
            .await?;
        ReadConditions {
            if_match: $input.if_match.as_ref(),
            if_none_match: $input.if_none_match.as_ref(),
            if_modified_since: $input.if_modified_since.as_ref(),
            if_unmodified_since: $input.if_unmodified_since.as_ref(),
        }
        .check(&opened.version)?;
        let range = asked_range(&opened, $input.range, $input.part_number)?;
        Asked {
            bytes: range.clone().unwrap_or(0..opened.version.size),
            parts_count: $input.part_number.and_then(|_| opened.parts_count()),
            range,
            opened,
        }
    }};
}

/// Says of a version what the outputs of GET and HEAD have under the same names.
macro_rules! described {
    ($output:ident, $input:ident, $asked:ident, $now:expr) => {{
        let version = &$asked.opened.version;
        let attributes = &version.attributes;
        let (server_side_encryption, ssekms_key_id) = encryption(attributes);
        let mut output = $output {
            accept_ranges: Some("bytes".to_owned()),
            cache_control: attributes.cache_control.clone(),
            content_disposition: attributes.content_disposition.clone(),
            content_encoding: attributes.content_encoding.clone(),
            content_language: attributes.content_language.clone(),
            content_length: Some(long($asked.bytes.end - $asked.bytes.start)),
            content_range: $asked
                .range
                .as_ref()
                .map(|range| content_range(range, version.size)),
            content_type: Some(content_type(version)),
            e_tag: Some(shape::etag(&version.etag)),
            expires: expires(version),
            last_modified: Some(shape::time(version.modified)),
            metadata: metadata(version),
            object_lock_legal_hold_status: attributes
                .lock
                .legal_hold
                .then(|| ObjectLockLegalHoldStatus::from_static(ObjectLockLegalHoldStatus::ON)),
            object_lock_mode: attributes
                .lock
                .retention
                .as_ref()
                .map(|retention| ObjectLockMode::from(retention.mode.clone())),
            object_lock_retain_until_date: attributes
                .lock
                .retention
                .as_ref()
                .map(|retention| shape::time(retention.until)),
            parts_count: $asked.parts_count,
            replication_status: replication_status(version),
            restore: archive::header(version, $now),
            server_side_encryption,
            ssekms_key_id,
            storage_class: attributes.storage_class.clone().map(StorageClass::from),
            version_id: version_id(version),
            website_redirect_location: attributes.website_redirect.clone(),
            ..Default::default()
        };
        if $input.checksum_mode.is_some() && $asked.range.is_none() {
            output.checksum_type = set_checksums!(output, ChecksumFields::of_version(version));
        }
        output
    }};
}

impl Protocol {
    pub(super) async fn get_object(&self, request: S3Request<GetObjectInput>) -> S3Result<GetObjectOutput> {
        let input = request.input;
        let asked = asked!(self, input);
        let now = self.store.inner.clock.now();
        archive::permit_reading(&asked.opened.version, now)?;
        let mut output = described!(GetObjectOutput, input, asked, now);
        output.tag_count = tag_count(&asked.opened.version);
        output.body = Some(StreamingBlob::wrap(asked.opened.stream(asked.bytes)?));
        Ok(output)
    }

    pub(super) async fn head_object(
        &self,
        request: S3Request<HeadObjectInput>,
    ) -> S3Result<HeadObjectOutput> {
        let input = request.input;
        let asked = asked!(self, input);
        let now = self.store.inner.clock.now();
        Ok(described!(HeadObjectOutput, input, asked, now))
    }
}

pub(super) fn refuse_customer_keys(algorithm: Option<&SSECustomerAlgorithm>) -> S3Result<()> {
    match algorithm {
        None => Ok(()),
        Some(_) => Err(s3_error!(
            NotImplemented,
            "Customer-provided keys (SSE-C) are not implemented"
        )),
    }
}

fn asked_range(
    opened: &Opened,
    range: Option<Range>,
    part: Option<PartNumber>,
) -> S3Result<Option<Bytes<u64>>> {
    match (range, part) {
        (Some(_), Some(_)) => Err(s3_error!(
            InvalidRequest,
            "Cannot specify both Range header and partNumber query parameter"
        )),
        // A part of an object without parts is the object, with a Content-Range all the same.
        (None, Some(part)) => Ok(Some(opened.part(part)?).filter(|bytes| !bytes.is_empty())),
        (Some(range), None) => Ok(Some(range.check(opened.version.size)?)),
        (None, None) => Ok(None),
    }
}

fn content_range(bytes: &Bytes<u64>, size: u64) -> String {
    format!("bytes {}-{}/{size}", bytes.start, bytes.end.saturating_sub(1))
}

fn content_type(version: &Version) -> String {
    version
        .attributes
        .content_type
        .clone()
        .unwrap_or_else(|| "binary/octet-stream".to_owned())
}

fn expires(version: &Version) -> Option<Timestamp> {
    let text = version.attributes.expires.as_deref()?;
    Timestamp::parse(TimestampFormat::HttpDate, text).ok()
}

fn metadata(version: &Version) -> Option<Metadata> {
    let metadata = &version.attributes.metadata;
    (!metadata.is_empty()).then(|| {
        metadata
            .iter()
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    })
}

fn replication_status(version: &Version) -> Option<ReplicationStatus> {
    version.replication_status.clone().map(ReplicationStatus::from)
}

fn tag_count(version: &Version) -> Option<TagCount> {
    i32::try_from(version.tags().len())
        .ok()
        .filter(|count| *count > 0)
}
