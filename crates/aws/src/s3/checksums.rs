//! Checksums as S3 answers them, whichever operation was asked.

use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::types::ChecksumType;
use jiff::Timestamp;
use recovery::inventory::Checksum;

/// The checksums of a GetObjectAttributes answer.
pub(super) fn of_attributes(checksum: &aws_sdk_s3::types::Checksum) -> Vec<Checksum> {
    collect(
        checksum.checksum_type(),
        [
            ("CRC64NVME", checksum.checksum_crc64_nvme()),
            ("CRC32", checksum.checksum_crc32()),
            ("CRC32C", checksum.checksum_crc32_c()),
            ("SHA1", checksum.checksum_sha1()),
            ("SHA256", checksum.checksum_sha256()),
        ],
    )
}

/// The checksums of a HeadObject answer that was asked for with checksum mode.
pub(super) fn of_head(head: &HeadObjectOutput) -> Vec<Checksum> {
    collect(
        head.checksum_type(),
        [
            ("CRC64NVME", head.checksum_crc64_nvme()),
            ("CRC32", head.checksum_crc32()),
            ("CRC32C", head.checksum_crc32_c()),
            ("SHA1", head.checksum_sha1()),
            ("SHA256", head.checksum_sha256()),
        ],
    )
}

fn collect(kind: Option<&ChecksumType>, values: [(&str, Option<&str>); 5]) -> Vec<Checksum> {
    values
        .into_iter()
        .filter_map(|(algorithm, value)| {
            let value = value.filter(|value| !value.is_empty())?;
            Some(Checksum {
                algorithm: algorithm.to_owned(),
                value: value.to_owned(),
                full_object: covers_whole_object(kind, value),
            })
        })
        .collect()
}

/// Where the type isn't told (it is younger than checksums are), a composite value shows in its `-<parts>` ending,
/// which no base64 text has.
fn covers_whole_object(kind: Option<&ChecksumType>, value: &str) -> bool {
    !value.contains('-') && !matches!(kind, Some(ChecksumType::Composite))
}

/// An SDK time as ours, to the second or better.
pub(super) fn timestamp(time: &aws_smithy_types::DateTime) -> Option<Timestamp> {
    Timestamp::new(time.secs(), i32::try_from(time.subsec_nanos()).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_composite_checksum_is_never_taken_for_a_whole_one() {
        assert!(covers_whole_object(Some(&ChecksumType::FullObject), "AAAA"));
        assert!(covers_whole_object(None, "AAAA"));
        assert!(!covers_whole_object(Some(&ChecksumType::Composite), "AAAA"));
        assert!(!covers_whole_object(None, "AAAA-3"));
    }
}
