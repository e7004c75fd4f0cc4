//! `s3://BUCKET/PREFIX/EXPORT`, as copies are named on the command line, and `s3://BUCKET/PREFIX`, as work prefixes are.

use std::fmt;
use std::str::FromStr;

use recovery::ids::Region;

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
        let (bucket, prefix) = parse(text, "a copy is written s3://BUCKET/PREFIX/EXPORT")?;
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

/// `REGION=S3_URI`: a copy elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopyElsewhere {
    /// The Region of its bucket.
    pub region: Region,
    /// Where it lies there.
    pub location: Location,
}

impl FromStr for CopyElsewhere {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (region, location) = text
            .split_once('=')
            .ok_or("a copy elsewhere is written REGION=s3://BUCKET/PREFIX/EXPORT")?;
        Ok(Self {
            region: region.parse().map_err(|error| format!("{error}"))?,
            location: location.parse()?,
        })
    }
}

/// The bucket and prefix that an import's objects lie below. The prefix may be empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkPrefix {
    /// The bucket.
    pub bucket: String,
    /// The prefix, without slashes at its ends.
    pub prefix: String,
}

impl FromStr for WorkPrefix {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (bucket, prefix) = parse(text, "a work prefix is written s3://BUCKET/PREFIX")?;
        Ok(Self {
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
        })
    }
}

/// Bucket and prefix of `s3://BUCKET/PREFIX`. `form` says how it is written.
fn parse<'a>(text: &'a str, form: &str) -> Result<(&'a str, &'a str), String> {
    let rest = text.strip_prefix("s3://").ok_or(form)?;
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    let is_allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.');
    if !(3..=63).contains(&bucket.len()) || !bucket.bytes().all(is_allowed) {
        return Err(format!(
            "{bucket:?} is not a bucket name: 3 to 63 lower-case letters, digits, hyphens and dots"
        ));
    }
    Ok((bucket, prefix.trim_matches('/')))
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
        let work: WorkPrefix = "s3://staging/a/b/".parse().unwrap();
        assert_eq!((work.bucket.as_str(), work.prefix.as_str()), ("staging", "a/b"));
        assert_eq!("s3://staging".parse::<WorkPrefix>().unwrap().prefix, "");
        assert!("staging/a".parse::<WorkPrefix>().is_err());
    }
}
