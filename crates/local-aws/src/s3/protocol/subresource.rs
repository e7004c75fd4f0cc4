//! The query parameters that operations here take. S3 tells most operations from each other by one, and `s3s` takes a request
//! with one that it does not know for the plain operation on the bucket or object: a DELETE of a configuration for a DELETE
//! of the bucket.

use http::Uri;
use percent_encoding::percent_decode_str;

/// Those of requests for a bucket.
const OF_BUCKETS: &[&str] = &[
    "bucket-region", "continuation-token", "delete", "delimiter", "encoding-type", "encryption",
    "fetch-owner", "key-marker", "lifecycle", "list-type", "location", "marker", "max-buckets", "max-keys",
    "max-uploads", "object-lock", "policy", "prefix", "publicAccessBlock", "replication", "start-after",
    "tagging", "upload-id-marker", "uploads", "version-id-marker", "versioning", "versions",
];

/// Those of requests for an object.
const OF_OBJECTS: &[&str] = &[
    "attributes", "legal-hold", "max-parts", "part-number-marker", "partNumber", "restore", "retention",
    "tagging", "uploadId", "uploads", "versionId",
];

/// Those that say nothing of the operation: signatures, headers of the answer, the name that SDKs add.
const OF_ANY: &[&str] = &["AWSAccessKeyId", "Expires", "Signature", "x-id"];

/// The first parameter of a request for a bucket, or for an object in one, that no operation here takes.
pub(super) fn unknown(uri: &Uri, is_of_object: bool) -> Option<String> {
    let taken = if is_of_object { OF_OBJECTS } else { OF_BUCKETS };
    let is_known = |name: &str| {
        let lower = name.to_ascii_lowercase();
        lower.starts_with("x-amz-")
            || lower.starts_with("response-")
            || taken.contains(&name)
            || OF_ANY.contains(&name)
    };
    uri.query()
        .unwrap_or_default()
        .split('&')
        .filter_map(|parameter| parameter.split('=').next())
        .map(|name| percent_decode_str(name).decode_utf8_lossy().into_owned())
        .find(|name| !name.is_empty() && !is_known(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_served_is_found_where_it_means_something() {
        let check = |uri: &str, is_of_object: bool, expected: Option<&str>| {
            let found = unknown(&uri.parse().unwrap(), is_of_object);
            assert_eq!(found.as_deref(), expected, "{uri}");
        };
        check("/b?list-type=2&prefix=a%2Fb&x-id=ListObjectsV2", false, None);
        check(
            "/b/k?versionId=1&X-Amz-Signature=ab&response-content-type=a",
            true,
            None,
        );
        check("/b", false, None);
        check("/b?metadataConfiguration", false, Some("metadataConfiguration"));
        check("/b/k?encryption", true, Some("encryption"));
        check("/b?encryption", false, None);
        check("/b/k?renameObject=&x-id=RenameObject", true, Some("renameObject"));
    }
}
