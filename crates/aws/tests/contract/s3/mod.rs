//! What is promised of S3.

mod buckets;
mod copies;
mod listings;
mod objects;
mod settings;

use crate::case::Case;

pub fn cases() -> Vec<Case> {
    let mut all = buckets::cases();
    all.extend(objects::cases());
    all.extend(listings::cases());
    all.extend(copies::cases());
    all.extend(settings::cases());
    all
}

/// What a part of an upload has at least, when it is not the last one.
const PART_BYTES: usize = 5 * 1024 * 1024;

/// The CRC64NVME of an object, as S3 writes it.
fn crc64nvme(content: &[u8]) -> String {
    use base64::Engine as _;
    let value = crc_fast::checksum(crc_fast::CrcAlgorithm::Crc64Nvme, content);
    base64::engine::general_purpose::STANDARD.encode(value.to_be_bytes())
}
