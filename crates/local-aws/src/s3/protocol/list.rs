//! Listings over the wire.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
#[cfg_attr(
    not(test), // where tests are compiled, clippy lets wildcards be
    expect(clippy::wildcard_imports, reason = "an operation names an input, an output and their parts")
)]
use s3s::dto::*;
use s3s::{S3Request, S3Result, s3_error};

use super::super::listing::{self, Next, PAGE_MAX, Page, PageRequest, Walk};
use super::super::versions::Version;
use super::access::asker;
use super::{Protocol, shape};

/// A page's size as asked for, within S3's bound.
pub(super) fn limit(asked: Option<i32>) -> usize {
    asked
        .and_then(|asked| usize::try_from(asked).ok())
        .map_or(PAGE_MAX, |asked| asked.min(PAGE_MAX))
}

impl Protocol {
    pub(super) async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<ListObjectsV2Output> {
        let input = request.input;
        check_limit(input.max_keys)?;
        let after = match &input.continuation_token {
            Some(token) => Some(read_token(token)?),
            None => input.start_after.clone(),
        };
        let encoding = Encoding::of(input.encoding_type.as_ref());
        let page = self
            .page(
                Walk::Objects,
                PageRequest {
                    bucket: input.bucket.clone(),
                    prefix: input.prefix.clone().unwrap_or_default(),
                    delimiter: input.delimiter.clone(),
                    after,
                    after_version: None,
                    entries_max: limit(input.max_keys),
                },
            )
            .await?;
        let key_count = i32::try_from(page.versions.len() + page.common_prefixes.len()).ok();
        let owner = input.fetch_owner.unwrap_or(false).then_some(page.owner);
        Ok(ListObjectsV2Output {
            name: Some(input.bucket),
            prefix: Some(encoding.encode(input.prefix.unwrap_or_default())),
            max_keys: Some(input.max_keys.unwrap_or(1000)),
            key_count,
            continuation_token: input.continuation_token,
            is_truncated: Some(page.next.is_some()),
            next_continuation_token: page.next.map(|next| STANDARD.encode(next.key)),
            contents: Some(
                page.versions
                    .into_iter()
                    .map(|version| object(version, owner.as_deref(), encoding))
                    .collect(),
            ),
            common_prefixes: Some(common_prefixes(page.common_prefixes, encoding)),
            delimiter: input.delimiter.map(|delimiter| encoding.encode(delimiter)),
            encoding_type: input.encoding_type,
            start_after: input.start_after.map(|key| encoding.encode(key)),
            ..Default::default()
        })
    }

    pub(super) async fn list_objects(
        &self,
        request: S3Request<ListObjectsInput>,
    ) -> S3Result<ListObjectsOutput> {
        let input = request.input;
        check_limit(input.max_keys)?;
        let encoding = Encoding::of(input.encoding_type.as_ref());
        let page = self
            .page(
                Walk::Objects,
                PageRequest {
                    bucket: input.bucket.clone(),
                    prefix: input.prefix.clone().unwrap_or_default(),
                    delimiter: input.delimiter.clone(),
                    after: input.marker.clone(),
                    after_version: None,
                    entries_max: limit(input.max_keys),
                },
            )
            .await?;
        let owner = page.owner;
        Ok(ListObjectsOutput {
            name: Some(input.bucket),
            prefix: Some(encoding.encode(input.prefix.unwrap_or_default())),
            marker: Some(encoding.encode(input.marker.unwrap_or_default())),
            max_keys: Some(input.max_keys.unwrap_or(1000)),
            is_truncated: Some(page.next.is_some()),
            // S3 names the next marker only where the last key doesn't.
            next_marker: page
                .next
                .filter(|_| input.delimiter.is_some())
                .map(|next| encoding.encode(next.key)),
            contents: Some(
                page.versions
                    .into_iter()
                    .map(|version| object(version, Some(&owner), encoding))
                    .collect(),
            ),
            common_prefixes: Some(common_prefixes(page.common_prefixes, encoding)),
            delimiter: input.delimiter.map(|delimiter| encoding.encode(delimiter)),
            encoding_type: input.encoding_type,
            ..Default::default()
        })
    }

    pub(super) async fn list_object_versions(
        &self,
        request: S3Request<ListObjectVersionsInput>,
    ) -> S3Result<ListObjectVersionsOutput> {
        let input = request.input;
        check_limit(input.max_keys)?;
        if input.version_id_marker.is_some() && input.key_marker.is_none() {
            return Err(s3_error!(
                InvalidArgument,
                "A version-id marker cannot be specified without a key marker."
            ));
        }
        let encoding = Encoding::of(input.encoding_type.as_ref());
        let page = self
            .page(
                Walk::Versions,
                PageRequest {
                    bucket: input.bucket.clone(),
                    prefix: input.prefix.clone().unwrap_or_default(),
                    delimiter: input.delimiter.clone(),
                    after: input.key_marker.clone().filter(|marker| !marker.is_empty()),
                    after_version: input.version_id_marker.clone(),
                    entries_max: limit(input.max_keys),
                },
            )
            .await?;
        let owner = page.owner;
        let (markers, versions): (Vec<Version>, Vec<Version>) = page
            .versions
            .into_iter()
            .partition(|version| version.delete_marker);
        let (next_key_marker, next_version_id_marker) = match page.next {
            Some(Next { key, version_id }) => (Some(encoding.encode(key)), version_id),
            None => (None, None),
        };
        Ok(ListObjectVersionsOutput {
            common_prefixes: Some(common_prefixes(page.common_prefixes, encoding)),
            delete_markers: Some(
                markers
                    .into_iter()
                    .map(|marker| DeleteMarkerEntry {
                        is_latest: Some(marker.latest),
                        last_modified: Some(shape::time(marker.modified)),
                        owner: Some(shape::owner(&owner)),
                        version_id: Some(marker.version_id),
                        key: Some(encoding.encode(marker.key)),
                    })
                    .collect(),
            ),
            delimiter: input.delimiter.map(|delimiter| encoding.encode(delimiter)),
            encoding_type: input.encoding_type,
            is_truncated: Some(next_key_marker.is_some()),
            key_marker: Some(encoding.encode(input.key_marker.unwrap_or_default())),
            max_keys: Some(input.max_keys.unwrap_or(1000)),
            name: Some(input.bucket),
            next_key_marker,
            next_version_id_marker,
            prefix: Some(encoding.encode(input.prefix.unwrap_or_default())),
            version_id_marker: input.version_id_marker,
            versions: Some(
                versions
                    .into_iter()
                    .map(|version| object_version(version, &owner, encoding))
                    .collect(),
            ),
            ..Default::default()
        })
    }

    async fn page(&self, walk: Walk, request: PageRequest) -> S3Result<OwnedPage> {
        let ask = move |transaction: &rusqlite::Transaction<'_>| {
            let bucket = super::super::buckets::Bucket::existing(transaction, &request.bucket)?;
            let Page {
                versions,
                common_prefixes,
                next,
            } = listing::page(transaction, walk, &request)?;
            Ok(OwnedPage {
                owner: bucket.account,
                versions,
                common_prefixes,
                next,
            })
        };
        Ok(self.store.inner.database.ask(ask).await?)
    }

    pub(super) async fn list_multipart_uploads(
        &self,
        request: S3Request<ListMultipartUploadsInput>,
    ) -> S3Result<ListMultipartUploadsOutput> {
        let account = asker(&request)?.account;
        let input = request.input;
        if input
            .delimiter
            .as_deref()
            .is_some_and(|delimiter| !delimiter.is_empty())
        {
            return Err(s3_error!(
                NotImplemented,
                "ListMultipartUploads takes no delimiter here"
            ));
        }
        let encoding = Encoding::of(input.encoding_type.as_ref());
        let limit = limit(input.max_uploads);
        let uploads = {
            let bucket = input.bucket.clone();
            let prefix = input.prefix.clone().unwrap_or_default();
            let key = input.key_marker.clone().unwrap_or_default();
            // Without an upload marker, the whole key of the marker has been listed.
            let id = input
                .upload_id_marker
                .clone()
                .unwrap_or_else(|| "\u{10FFFF}".to_owned());
            let ask = move |transaction: &rusqlite::Transaction<'_>| {
                super::super::multipart::Upload::list(transaction, &bucket, &prefix, (&key, &id), limit + 1)
            };
            self.store.inner.database.ask(ask).await?
        };
        let truncated = uploads.len() > limit;
        let uploads: Vec<MultipartUpload> = uploads
            .into_iter()
            .take(limit)
            .map(|upload| MultipartUpload {
                checksum_algorithm: Some(ChecksumAlgorithm::from_static(upload.algorithm.as_str())),
                checksum_type: Some(ChecksumType::from_static(upload.kind.as_str())),
                initiated: Some(shape::time(upload.initiated)),
                initiator: Some(Initiator {
                    display_name: None,
                    id: Some(account.clone()),
                }),
                key: Some(encoding.encode(upload.key)),
                owner: Some(shape::owner(&account)),
                storage_class: Some(StorageClass::from(
                    upload
                        .attributes
                        .storage_class
                        .unwrap_or_else(|| "STANDARD".to_owned()),
                )),
                upload_id: Some(upload.id),
            })
            .collect();
        let last = uploads.last().filter(|_| truncated);
        Ok(ListMultipartUploadsOutput {
            bucket: Some(input.bucket),
            encoding_type: input.encoding_type,
            is_truncated: Some(truncated),
            key_marker: input.key_marker.map(|key| encoding.encode(key)),
            max_uploads: i32::try_from(limit).ok(),
            next_key_marker: last.and_then(|upload| upload.key.clone()),
            next_upload_id_marker: last.and_then(|upload| upload.upload_id.clone()),
            prefix: input.prefix.map(|prefix| encoding.encode(prefix)),
            upload_id_marker: input.upload_id_marker,
            uploads: Some(uploads),
            ..Default::default()
        })
    }
}

/// A page, and whose the bucket is.
struct OwnedPage {
    owner: String,
    versions: Vec<Version>,
    common_prefixes: Vec<String>,
    next: Option<Next>,
}

/// `encoding-type=url`, which lets any key travel in XML.
#[derive(Clone, Copy)]
pub(super) enum Encoding {
    Plain,
    Url,
}

impl Encoding {
    pub(super) fn of(asked: Option<&EncodingType>) -> Self {
        match asked {
            Some(encoding) if encoding.as_str() == "url" => Self::Url,
            _ => Self::Plain,
        }
    }

    pub(super) fn encode(self, text: String) -> String {
        match self {
            Self::Plain => text,
            Self::Url => {
                let mut encoded = String::with_capacity(text.len());
                for &byte in text.as_bytes() {
                    if byte.is_ascii_alphanumeric() || b"-._~/*".contains(&byte) {
                        encoded.push(char::from(byte));
                    } else if byte == b' ' {
                        encoded.push('+');
                    } else {
                        let _ = write!(encoded, "%{byte:02X}");
                    }
                }
                encoded
            }
        }
    }
}

fn check_limit(asked: Option<i32>) -> S3Result<()> {
    match asked {
        Some(asked) if asked < 0 => Err(s3_error!(
            InvalidArgument,
            "Argument maxKeys must be an integer between 0 and 2147483647"
        )),
        _ => Ok(()),
    }
}

fn read_token(token: &str) -> S3Result<String> {
    STANDARD
        .decode(token)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| s3_error!(InvalidArgument, "The continuation token provided is incorrect"))
}

fn common_prefixes(prefixes: Vec<String>, encoding: Encoding) -> Vec<CommonPrefix> {
    prefixes
        .into_iter()
        .map(|prefix| CommonPrefix {
            prefix: Some(encoding.encode(prefix)),
        })
        .collect()
}

fn checksum_of(version: &Version) -> (Option<Vec<ChecksumAlgorithm>>, Option<ChecksumType>) {
    match &version.checksum {
        Some(checksum) => (
            Some(vec![ChecksumAlgorithm::from_static(checksum.algorithm.as_str())]),
            Some(ChecksumType::from_static(checksum.kind.as_str())),
        ),
        None => (None, None),
    }
}

fn class(version: &Version) -> String {
    version
        .attributes
        .storage_class
        .clone()
        .unwrap_or_else(|| "STANDARD".to_owned())
}

fn object(version: Version, owner: Option<&str>, encoding: Encoding) -> Object {
    let (checksum_algorithm, checksum_type) = checksum_of(&version);
    Object {
        checksum_algorithm,
        checksum_type,
        e_tag: Some(shape::etag(&version.etag)),
        last_modified: Some(shape::time(version.modified)),
        owner: owner.map(shape::owner),
        restore_status: None,
        size: Some(shape::long(version.size)),
        storage_class: Some(ObjectStorageClass::from(class(&version))),
        key: Some(encoding.encode(version.key)),
    }
}

fn object_version(version: Version, owner: &str, encoding: Encoding) -> ObjectVersion {
    let (checksum_algorithm, checksum_type) = checksum_of(&version);
    ObjectVersion {
        checksum_algorithm,
        checksum_type,
        e_tag: Some(shape::etag(&version.etag)),
        is_latest: Some(version.latest),
        last_modified: Some(shape::time(version.modified)),
        owner: Some(shape::owner(owner)),
        restore_status: None,
        size: Some(shape::long(version.size)),
        storage_class: Some(ObjectVersionStorageClass::from(class(&version))),
        key: Some(encoding.encode(version.key)),
        version_id: Some(version.version_id),
    }
}
