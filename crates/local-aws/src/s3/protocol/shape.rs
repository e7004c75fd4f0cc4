//! Between the store's shapes and S3's.

use std::time::SystemTime;

use jiff::Timestamp;
use s3s::dto::{self, ETag, ETagCondition, TimestampFormat};
use s3s::{S3Error, S3Result, s3_error};

use super::super::S3Failure;
use super::super::checksum::{Algorithm, Checksum, Kind};
use super::super::lock::Lock;
use super::super::put::Condition;
use super::super::read::parts_count;
use super::super::versions::{Attributes, Version};

pub(super) fn time(at: Timestamp) -> dto::Timestamp {
    dto::Timestamp::from(SystemTime::from(at))
}

/// In whole seconds, as versions are dated.
pub(super) fn seconds(at: &dto::Timestamp) -> S3Result<i64> {
    let mut text = Vec::new();
    at.format(TimestampFormat::DateTime, &mut text)
        .map_err(S3Error::internal_error)?;
    let at: Timestamp = String::from_utf8_lossy(&text)
        .parse()
        .map_err(|error| s3_error!(error, InvalidArgument))?;
    Ok(at.as_second())
}

/// In the bounds of S3's integers.
pub(super) fn long(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

pub(super) fn etag(etag: &str) -> ETag {
    ETag::Strong(etag.to_owned())
}

/// The owner that listings name.
pub(super) fn owner(account: &str) -> dto::Owner {
    dto::Owner {
        display_name: None,
        id: Some(account.to_owned()),
    }
}

/// The checksum headers or elements of one checksum; S3 has one field for each algorithm.
#[derive(Clone, Debug, Default)]
pub(super) struct ChecksumFields {
    pub(super) crc32: Option<String>,
    pub(super) crc32c: Option<String>,
    pub(super) crc64nvme: Option<String>,
    pub(super) sha1: Option<String>,
    pub(super) sha256: Option<String>,
    pub(super) kind: Option<dto::ChecksumType>,
}

impl ChecksumFields {
    pub(super) fn of(algorithm: Algorithm, value: String) -> Self {
        let mut fields = Self::default();
        match algorithm {
            Algorithm::Crc32 => fields.crc32 = Some(value),
            Algorithm::Crc32c => fields.crc32c = Some(value),
            Algorithm::Crc64Nvme => fields.crc64nvme = Some(value),
            Algorithm::Sha1 => fields.sha1 = Some(value),
            Algorithm::Sha256 => fields.sha256 = Some(value),
        }
        fields
    }

    fn of_checksum(checksum: &Checksum, value: String) -> Self {
        let mut fields = Self::of(checksum.algorithm, value);
        fields.kind = Some(dto::ChecksumType::from_static(checksum.kind.as_str()));
        fields
    }

    /// As HEAD, GET and COPY answer: a composite one ends in the number of parts.
    pub(super) fn of_version(version: &Version) -> Self {
        match &version.checksum {
            None => Self::default(),
            Some(checksum) => {
                let value = match (checksum.kind, parts_count(version)) {
                    (Kind::Composite, Some(parts)) => format!("{}-{parts}", checksum.value),
                    _ => checksum.value.clone(),
                };
                Self::of_checksum(checksum, value)
            }
        }
    }

    /// As GetObjectAttributes answers: without the number of parts.
    pub(super) fn of_attributes(version: &Version) -> Option<Self> {
        let checksum = version.checksum.as_ref()?;
        Some(Self::of_checksum(checksum, checksum.value.clone()))
    }
}

/// Moves checksum fields into an output that has them under S3's names.
macro_rules! set_checksums {
    ($output:expr, $fields:expr) => {{
        let fields = $fields;
        $output.checksum_crc32 = fields.crc32;
        $output.checksum_crc32c = fields.crc32c;
        $output.checksum_crc64nvme = fields.crc64nvme;
        $output.checksum_sha1 = fields.sha1;
        $output.checksum_sha256 = fields.sha256;
        fields.kind
    }};
}
pub(super) use set_checksums;

/// The checksums that an input declares.
macro_rules! declared_checksums {
    ($input:expr) => {
        [
            (Algorithm::Crc32, $input.checksum_crc32.clone()),
            (Algorithm::Crc32c, $input.checksum_crc32c.clone()),
            (Algorithm::Crc64Nvme, $input.checksum_crc64nvme.clone()),
            (Algorithm::Sha1, $input.checksum_sha1.clone()),
            (Algorithm::Sha256, $input.checksum_sha256.clone()),
        ]
        .into_iter()
        .filter_map(|(algorithm, value)| value.map(|value| (algorithm, value)))
        .collect::<Vec<(Algorithm, String)>>()
    };
}
pub(super) use declared_checksums;

/// The algorithm that a client names, which must be one that S3 knows.
pub(super) fn algorithm(name: Option<&dto::ChecksumAlgorithm>) -> S3Result<Option<Algorithm>> {
    match name {
        None => Ok(None),
        Some(name) => Algorithm::parse(name.as_str()).map(Some).ok_or_else(|| {
            s3_error!(
                InvalidRequest,
                "Checksum algorithm provided is unsupported. Please try again with any of the valid types: \
                 [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]"
            )
        }),
    }
}

/// What a write's conditional headers ask for.
pub(super) fn condition(
    if_match: Option<&ETagCondition>,
    if_none_match: Option<&ETagCondition>,
) -> S3Result<Condition> {
    match (if_match, if_none_match) {
        (None, None) => Ok(Condition::None),
        (None, Some(ETagCondition::Any)) => Ok(Condition::Absent),
        (Some(ETagCondition::ETag(etag)), None) => Ok(Condition::Etag(etag.value().to_owned())),
        _ => Err(s3_error!(
            NotImplemented,
            "A header you provided implies functionality that is not implemented: a write takes \
             either If-None-Match: * or If-Match with an ETag"
        )),
    }
}

/// The same of a copy, whose input `s3s` reads without them.
pub(super) fn condition_of_headers(headers: &http::HeaderMap) -> S3Result<Condition> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (header("if-match"), header("if-none-match")) {
        (None, None) => Ok(Condition::None),
        (None, Some("*")) => Ok(Condition::Absent),
        (Some(etag), None) if etag != "*" => Ok(Condition::Etag(etag.trim_matches('"').to_owned())),
        _ => Err(s3_error!(
            NotImplemented,
            "A header you provided implies functionality that is not implemented: a copy takes either \
             If-None-Match: * or If-Match with an ETag"
        )),
    }
}

/// The conditional headers of a read, under their names.
#[derive(Debug)]
#[expect(clippy::struct_field_names, reason = "they are the headers' names")]
pub(super) struct ReadConditions<'a> {
    pub(super) if_match: Option<&'a ETagCondition>,
    pub(super) if_none_match: Option<&'a ETagCondition>,
    pub(super) if_modified_since: Option<&'a dto::Timestamp>,
    pub(super) if_unmodified_since: Option<&'a dto::Timestamp>,
}

impl ReadConditions<'_> {
    /// In the precedence of RFC 9110: an ETag beats a date.
    pub(super) fn check(&self, version: &Version) -> S3Result<()> {
        let matches = |condition: &ETagCondition| match condition {
            ETagCondition::Any => true,
            ETagCondition::ETag(etag) => etag.value() == version.etag,
        };
        let modified = version.modified.as_second();
        match (self.if_match, self.if_unmodified_since) {
            (Some(condition), _) if !matches(condition) => {
                return Err(S3Failure::PreconditionFailed("If-Match").into());
            }
            (None, Some(since)) if modified > seconds(since)? => {
                return Err(S3Failure::PreconditionFailed("If-Unmodified-Since").into());
            }
            _ => {}
        }
        match (self.if_none_match, self.if_modified_since) {
            (Some(condition), _) if matches(condition) => Err(S3Failure::NotModified.into()),
            (None, Some(since)) if modified <= seconds(since)? => Err(S3Failure::NotModified.into()),
            _ => Ok(()),
        }
    }
}

/// What a client sends with an object beside its bytes.
pub(super) fn attributes(headers: &http::HeaderMap, metadata: Option<dto::Metadata>) -> S3Result<Attributes> {
    let header = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .filter(|value| !value.is_empty())
            .map(str::to_owned)
    };
    let metadata = metadata.unwrap_or_default();
    let metadata_bytes: usize = metadata
        .iter()
        .map(|(name, value)| name.len() + value.len())
        .sum();
    if metadata_bytes > 2048 {
        return Err(s3_error!(
            MetadataTooLarge,
            "Your metadata headers exceed the maximum allowed metadata size"
        ));
    }
    // How the body travels isn't how the object is encoded.
    let content_encoding = header("content-encoding").and_then(|encodings| {
        let kept: Vec<&str> = encodings
            .split(',')
            .map(str::trim)
            .filter(|encoding| *encoding != "aws-chunked")
            .collect();
        (!kept.is_empty()).then(|| kept.join(","))
    });
    Ok(Attributes {
        content_type: header("content-type"),
        content_encoding,
        content_language: header("content-language"),
        content_disposition: header("content-disposition"),
        cache_control: header("cache-control"),
        expires: header("expires"),
        website_redirect: header("x-amz-website-redirect-location"),
        metadata: metadata.into_iter().collect(),
        tagging: header("x-amz-tagging"),
        storage_class: header("x-amz-storage-class").filter(|class| class != "STANDARD"),
        kms_key_id: kms_key(headers),
        thaw: None,
        lock: Lock::of_headers(&header)?,
    })
}

/// The key of a request that asks for SSE-KMS; the account's own, by its alias, where it names none.
fn kms_key(headers: &http::HeaderMap) -> Option<String> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    header("x-amz-server-side-encryption").filter(|algorithm| algorithm.starts_with("aws:kms"))?;
    Some(
        header("x-amz-server-side-encryption-aws-kms-key-id")
            .unwrap_or("alias/aws/s3")
            .to_owned(),
    )
}

/// `x-amz-server-side-encryption` and the key's id.
pub(super) fn encryption(
    attributes: &Attributes,
) -> (Option<dto::ServerSideEncryption>, Option<dto::SSEKMSKeyId>) {
    let algorithm = if attributes.kms_key_id.is_some() {
        "aws:kms"
    } else {
        "AES256"
    };
    (
        Some(dto::ServerSideEncryption::from_static(algorithm)),
        attributes.kms_key_id.clone(),
    )
}

/// The version id that answers name: none in a bucket that never had versioning.
pub(super) fn version_id(version: &Version) -> Option<String> {
    (version.version_id != super::super::versions::NULL).then(|| version.version_id.clone())
}
