//! `s3://BUCKET/PREFIX/EXPORT`, as copies are named on the command line.

use std::fmt;
use std::str::FromStr;

/// The bucket and prefix of one copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The bucket.
    pub bucket: String,
    /// The export's prefix, without slashes at its ends.
    pub prefix: String,
}

impl Location {
    /// The export's own folder: the last part of the prefix, which is its label.
    pub fn export(&self) -> &str {
        self.prefix.rsplit('/').next().unwrap_or_default()
    }
}

impl FromStr for Location {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some(rest) = text.strip_prefix("s3://") else {
            return Err("a copy is written s3://BUCKET/PREFIX/EXPORT".to_owned());
        };
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let prefix = prefix.trim_matches('/');
        if !(3..=63).contains(&bucket.len())
            || !bucket
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.'))
        {
            return Err(format!(
                "{bucket:?} is not a bucket name: 3 to 63 lower-case letters, digits, hyphens and dots"
            ));
        }
        if prefix.is_empty() {
            return Err(
                "the export's folder is missing: a copy is written s3://BUCKET/PREFIX/EXPORT".to_owned(),
            );
        }
        Ok(Self {
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
        })
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_has_a_bucket_and_an_export() {
        let location: Location = "s3://backups/exports/tvshows-1/".parse().unwrap();
        assert_eq!(location.to_string(), "s3://backups/exports/tvshows-1");
        assert_eq!(location.export(), "tvshows-1");
        for bad in [
            "", "backups/x", "s3://", "s3://backups", "s3://backups/", "s3://Back_ups/x", "http://backups/x",
        ] {
            assert!(bad.parse::<Location>().is_err(), "{bad:?}");
        }
    }
}
