//! Virtual-hosted-style addresses: `bucket.localhost:4566` and `bucket.s3.localhost:4566` name a bucket; every
//! other host, IP addresses above all, takes the bucket from the path.

use s3s::S3Result;
use s3s::host::{S3Host, VirtualHost};

/// Reads a bucket from hosts under `localhost`.
pub(super) struct LocalHost;

impl S3Host for LocalHost {
    fn parse_host_header<'a>(&'a self, host: &'a str) -> S3Result<VirtualHost<'a>> {
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        let bucket = name
            .strip_suffix(".s3.localhost")
            .or_else(|| name.strip_suffix(".localhost").filter(|bucket| *bucket != "s3"));
        Ok(match bucket {
            Some(bucket) if !bucket.is_empty() => VirtualHost::new("localhost").with_bucket(bucket),
            _ => VirtualHost::new(host),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_under_localhost_carry_a_bucket() {
        for (host, bucket) in [
            ("exports.localhost:4566", Some("exports")),
            ("exports.s3.localhost:4566", Some("exports")),
            ("a.b.localhost", Some("a.b")),
            ("s3.localhost:4566", None),
            ("localhost:4566", None),
            ("example.com", None),
        ] {
            assert_eq!(
                LocalHost.parse_host_header(host).unwrap().bucket(),
                bucket,
                "{host}"
            );
        }
    }
}
