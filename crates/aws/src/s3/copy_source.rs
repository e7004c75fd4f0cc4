//! What a copy within S3 is made from, and what may lie where it goes.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::BucketRef;

/// One writing of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopySource {
    /// Its bucket, in any Region.
    pub bucket: BucketRef,
    /// Its key.
    pub key: String,
    /// Its version, where the bucket keeps versions.
    pub version_id: Option<String>,
    /// The ETag that it must still have.
    pub etag: Option<String>,
}

/// What a key must not hold as it is in a header: everything but RFC 3986's unreserved characters and the slash.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/');

/// What must lie where a copy goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Onto {
    /// Nothing.
    Nothing,
    /// The object with this ETag.
    Etag(String),
}

impl CopySource {
    /// The header's value: bucket and key percent-encoded, and the version.
    pub(super) fn header(&self) -> String {
        let mut text = format!("{}/{}", self.bucket.name, utf8_percent_encode(&self.key, ENCODED));
        if let Some(version) = self.version_id.as_deref().filter(|version| *version != "null") {
            text.push_str("?versionId=");
            text.push_str(version);
        }
        text
    }
}

impl Onto {
    /// `If-Match` and `If-None-Match`.
    pub(super) fn conditions(&self) -> (Option<String>, Option<String>) {
        match self {
            Self::Nothing => (None, Some("*".to_owned())),
            Self::Etag(etag) => (Some(etag.clone()), None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_exports_are_encoded_and_their_slashes_stay() {
        let source = CopySource {
            bucket: BucketRef::new("us-east-1".parse().unwrap(), "copies"),
            key: "exports/shop-1/shop/shop.orders/1/part-0.gz.parquet = é".into(),
            version_id: Some("v+1".into()),
            etag: None,
        };
        assert_eq!(
            source.header(),
            "copies/exports/shop-1/shop/shop.orders/1/part-0.gz.parquet%20%3D%20%C3%A9?versionId=v+1"
        );
    }
}
