//! Reading an object whole for its SHA-256.

use aws::ErrorKind;
use recovery::inventory::ObjectFact;
use sha2::{Digest, Sha256};

use super::listing::unread;
use super::{Checker, Location, Unread};

/// Streams of one object that may break off. Each goes on where the one before ended.
const BREAKS_MAX: u32 = 5;

/// SHA-256 (hex) of exactly the writing of an object that `fact` describes. A piece at a time is in memory.
pub(super) async fn sha256(
    checker: &Checker<'_>,
    at: &Location,
    fact: &ObjectFact,
) -> Result<String, Unread> {
    if let Some(found) = checker.readings.find(&at.region, fact).await {
        return Ok(found);
    }
    let (bucket, key) = (at.bucket(), format!("{}{}", at.below(), fact.path));
    let etag = fact.etag.as_deref();
    let mut hasher = Sha256::new();
    let (mut read, mut breaks) = (0, 0);
    loop {
        let mut stream = checker
            .cloud
            .get_object_stream_from(&bucket, &key, etag, read)
            .await
            .map_err(|error| unread(at, error))?;
        let broken = loop {
            match stream.next().await {
                Some(Ok(piece)) => {
                    checker.pace.spend(piece.len() as u64).await;
                    hasher.update(&piece);
                    read += piece.len() as u64;
                }
                Some(Err(error)) => break Some(error),
                None => break None,
            }
        };
        if read == fact.size {
            break;
        }
        breaks += 1;
        let error = match broken {
            Some(error) => error,
            None => aws::Error::new(
                "GetObject",
                bucket.uri(&key),
                ErrorKind::Precondition,
                format!("{read} bytes came of an object of {}", fact.size),
            ),
        };
        if breaks > BREAKS_MAX || read > fact.size {
            return Err(unread(at, error));
        }
        tracing::debug!(%error, read, "a stream broke off; going on");
    }
    let digest = hex::encode(hasher.finalize());
    checker.readings.keep(&at.region, fact, &digest).await;
    Ok(digest)
}
