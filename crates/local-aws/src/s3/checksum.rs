//! Checksums as S3 keeps them: one algorithm per object, over the whole object or over its parts' checksums.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crc_fast::{CrcAlgorithm, Digest as CrcDigest};
use s3s::crypto::Checksum as _;
use serde::{Deserialize, Serialize};

/// An algorithm that S3 knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Algorithm {
    Crc32,
    Crc32c,
    Crc64Nvme,
    Sha1,
    Sha256,
}

/// What a checksum was computed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Kind {
    /// The object's bytes.
    FullObject,
    /// The checksums of the object's parts.
    Composite,
}

/// The checksum kept with an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Checksum {
    pub(super) algorithm: Algorithm,
    pub(super) kind: Kind,
    /// Base64, without the number of parts.
    pub(super) value: String,
}

impl Algorithm {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64Nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
        }
    }

    /// From `x-amz-checksum-algorithm`, in any letter case.
    pub(super) fn parse(text: &str) -> Option<Self> {
        [
            Self::Crc32,
            Self::Crc32c,
            Self::Crc64Nvme,
            Self::Sha1,
            Self::Sha256,
        ]
        .into_iter()
        .find(|algorithm| algorithm.as_str().eq_ignore_ascii_case(text))
    }

    fn crc(self) -> Option<(CrcAlgorithm, usize)> {
        match self {
            Self::Crc32 => Some((CrcAlgorithm::Crc32IsoHdlc, 4)),
            Self::Crc32c => Some((CrcAlgorithm::Crc32Iscsi, 4)),
            Self::Crc64Nvme => Some((CrcAlgorithm::Crc64Nvme, 8)),
            Self::Sha1 | Self::Sha256 => None,
        }
    }

    /// The kind that a multipart upload gets when it asks for none; CRC64NVME is always of the full object.
    pub(super) fn default_kind(self) -> Kind {
        if self == Self::Crc64Nvme {
            Kind::FullObject
        } else {
            Kind::Composite
        }
    }

    /// Whether S3 offers this algorithm in this kind for multipart uploads.
    pub(super) fn supports(self, kind: Kind) -> bool {
        match kind {
            Kind::FullObject => self.crc().is_some(),
            Kind::Composite => self != Self::Crc64Nvme,
        }
    }
}

impl Kind {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::FullObject => "FULL_OBJECT",
            Self::Composite => "COMPOSITE",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        [Self::FullObject, Self::Composite]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }
}

/// A checksum in the making.
pub(super) enum Hasher {
    Crc(Box<CrcDigest>, usize),
    Sha1(s3s::crypto::Sha1),
    Sha256(s3s::crypto::Sha256),
}

impl Hasher {
    pub(super) fn new(algorithm: Algorithm) -> Self {
        match (algorithm, algorithm.crc()) {
            (_, Some((crc, width))) => Self::Crc(Box::new(CrcDigest::new(crc)), width),
            (Algorithm::Sha1, None) => Self::Sha1(s3s::crypto::Sha1::new()),
            (_, None) => Self::Sha256(s3s::crypto::Sha256::new()),
        }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Crc(digest, _) => digest.update(bytes),
            Self::Sha1(digest) => digest.update(bytes),
            Self::Sha256(digest) => digest.update(bytes),
        }
    }

    /// Base64 of the big-endian digest.
    pub(super) fn finish(self) -> String {
        match self {
            Self::Crc(digest, width) => encode_crc(digest.finalize(), width),
            Self::Sha1(digest) => STANDARD.encode(digest.finalize()),
            Self::Sha256(digest) => STANDARD.encode(digest.finalize()),
        }
    }
}

fn encode_crc(crc: u64, width: usize) -> String {
    STANDARD.encode(&crc.to_be_bytes()[8 - width..])
}

/// The checksum of one value.
#[cfg(test)]
fn of(algorithm: Algorithm, bytes: &[u8]) -> String {
    let mut hasher = Hasher::new(algorithm);
    hasher.update(bytes);
    hasher.finish()
}

/// The object's checksum from its parts' `(checksum, size)`, without reading a byte again; `None` where a part's
/// checksum cannot be read or the kind isn't offered.
pub(super) fn combine(algorithm: Algorithm, kind: Kind, parts: &[(String, u64)]) -> Option<Checksum> {
    let value = match (kind, algorithm.crc()) {
        (Kind::FullObject, Some((crc, width))) => {
            let mut whole: Option<u64> = None;
            for (checksum, size) in parts {
                let part = decode_crc(checksum, width)?;
                whole = Some(match whole {
                    None => part,
                    Some(before) => crc_fast::checksum_combine(crc, before, part, *size),
                });
            }
            encode_crc(whole?, width)
        }
        (Kind::FullObject, None) => return None,
        (Kind::Composite, _) => {
            let mut hasher = Hasher::new(algorithm);
            for (checksum, _) in parts {
                hasher.update(&STANDARD.decode(checksum).ok()?);
            }
            hasher.finish()
        }
    };
    Some(Checksum {
        algorithm,
        kind,
        value,
    })
}

fn decode_crc(checksum: &str, width: usize) -> Option<u64> {
    let bytes = STANDARD.decode(checksum).ok()?;
    (bytes.len() == width).then(|| bytes.iter().fold(0, |crc, byte| crc << 8 | u64::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        // The check values of the CRC catalogue for "123456789", and FIPS 180's for "abc".
        assert_eq!(
            of(Algorithm::Crc64Nvme, b"123456789"),
            STANDARD.encode(0xae8b_1486_0a79_9888_u64.to_be_bytes())
        );
        assert_eq!(
            of(Algorithm::Crc32, b"123456789"),
            STANDARD.encode(0xcbf4_3926_u32.to_be_bytes())
        );
        assert_eq!(
            of(Algorithm::Crc32c, b"123456789"),
            STANDARD.encode(0xe306_9283_u32.to_be_bytes())
        );
        assert_eq!(
            of(Algorithm::Sha256, b"abc"),
            "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="
        );
        assert_eq!(of(Algorithm::Sha1, b"abc"), "qZk+NkcGgWq6PiVxeFDCbJzQ2J0=");
    }

    #[test]
    fn a_full_object_checksum_combined_from_parts_is_that_of_the_whole() {
        let whole: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
        for algorithm in [Algorithm::Crc32, Algorithm::Crc32c, Algorithm::Crc64Nvme] {
            let parts: Vec<(String, u64)> = whole
                .chunks(70_001)
                .map(|part| (of(algorithm, part), part.len() as u64))
                .collect();
            let combined = combine(algorithm, Kind::FullObject, &parts).unwrap();
            assert_eq!(combined.value, of(algorithm, &whole), "{algorithm:?}");
        }
        assert_eq!(
            combine(
                Algorithm::Sha256,
                Kind::FullObject,
                &[(of(Algorithm::Sha256, b"x"), 1)]
            ),
            None
        );
    }

    #[test]
    fn a_composite_checksum_is_that_of_the_parts_digests() {
        let parts = [
            (of(Algorithm::Crc32, b"one"), 3),
            (of(Algorithm::Crc32, b"two"), 3),
        ];
        let joined: Vec<u8> = parts
            .iter()
            .flat_map(|(part, _)| STANDARD.decode(part).unwrap())
            .collect();
        let combined = combine(Algorithm::Crc32, Kind::Composite, &parts).unwrap();
        assert_eq!(combined.value, of(Algorithm::Crc32, &joined));
    }
}
