//! Signature Version 4: the same canonical request as the client made, the same signature or a refusal.
//!
//! S3 has its own rules (single encoding, streamed chunks) and its own verifier in `s3s`; this one is for every
//! other service. <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>

use std::fmt::Write as _;

use hmac::{Hmac, Mac};
use http::request::Parts;
use jiff::{SignedDuration, Timestamp, civil::DateTime, tz::TimeZone};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, percent_decode_str, percent_encode};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::{Refusal, Scope};
use crate::Account;

/// How far a request's date may be from the machine's, as AWS allows.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// Seven days, the longest a presigned request may be good for.
const EXPIRY_MAX_SECONDS: i64 = 7 * 24 * 3600;

/// What SigV4 percent-encodes: everything but the unreserved characters of RFC 3986.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Proves that `account`'s secret signed this request, at about `now`.
pub(crate) fn verify(
    scope: &Scope,
    account: &Account,
    parts: &Parts,
    body: &[u8],
    now: Timestamp,
) -> Result<(), Refusal> {
    let stamp = stamp(scope, parts)?;
    check_time(scope, parts, &stamp, now)?;
    let query = canonical_query(parts.uri.query().unwrap_or_default());
    let canonical = format!(
        "{method}\n{path}\n{query}\n{headers}\n{signed}\n{payload}",
        method = parts.method,
        path = canonical_path(parts.uri.path()),
        headers = canonical_headers(scope, parts)?,
        signed = scope.signed_headers.join(";"),
        payload = payload_hash(parts, body)?,
    );
    let credential_scope = format!("{}/{}/{}/aws4_request", scope.date, scope.region, scope.service);
    let to_sign = format!(
        "AWS4-HMAC-SHA256\n{stamp}\n{credential_scope}\n{}",
        hex::encode(Sha256::digest(canonical.as_bytes()))
    );
    let mut key = hmac(
        format!("AWS4{}", account.secret_access_key).as_bytes(),
        scope.date.as_bytes(),
    );
    for part in [scope.region.as_str(), scope.service.as_str(), "aws4_request"] {
        key = hmac(&key, part.as_bytes());
    }
    let expected = hex::encode(hmac(&key, to_sign.as_bytes()));
    if bool::from(expected.as_bytes().ct_eq(scope.signature.as_bytes())) {
        Ok(())
    } else {
        Err(Refusal::SignatureDoesNotMatch)
    }
}

fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    // HMAC takes a key of any length, so the error cannot happen; an empty MAC would match nothing.
    Hmac::<Sha256>::new_from_slice(key).map_or_else(
        |_| Vec::new(),
        |mut mac| {
            mac.update(message);
            mac.finalize().into_bytes().to_vec()
        },
    )
}

/// `YYYYMMDDTHHMMSSZ` of the request.
fn stamp(scope: &Scope, parts: &Parts) -> Result<String, Refusal> {
    let stamp = if scope.presigned {
        query_parameter(parts, "X-Amz-Date")
    } else {
        parts
            .headers
            .get("x-amz-date")
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned)
    };
    stamp.ok_or_else(|| {
        Refusal::IncompleteSignature(
            "The request must contain either a valid (registered) AWS access key ID and an 'X-Amz-Date' \
             header or parameter."
                .to_owned(),
        )
    })
}

fn check_time(scope: &Scope, parts: &Parts, stamp: &str, now: Timestamp) -> Result<(), Refusal> {
    let signed_at = DateTime::strptime("%Y%m%dT%H%M%SZ", stamp)
        .ok()
        .and_then(|at| at.to_zoned(TimeZone::UTC).ok())
        .map(|at| at.timestamp())
        .ok_or_else(|| {
            Refusal::IncompleteSignature(format!(
                "Date must be in ISO-8601 'basic format'. Got '{stamp}'. See http://en.wikipedia.org/wiki/ISO_8601"
            ))
        })?;
    if !stamp.starts_with(&scope.date) {
        return Err(Refusal::SignatureDoesNotMatch);
    }
    let valid_for = if scope.presigned {
        let seconds = query_parameter(parts, "X-Amz-Expires")
            .and_then(|value| value.parse::<i64>().ok())
            .filter(|seconds| (1..=EXPIRY_MAX_SECONDS).contains(seconds))
            .unwrap_or(EXPIRY_MAX_SECONDS.min(SKEW.as_secs()));
        SignedDuration::from_secs(seconds).max(SKEW)
    } else {
        SKEW
    };
    if now > signed_at + valid_for {
        return Err(Refusal::Expired(format!(
            "Signature expired: {stamp} is now earlier than {} ({} - {} min.)",
            basic(now - valid_for),
            basic(now),
            valid_for.as_mins()
        )));
    }
    if signed_at > now + SKEW {
        return Err(Refusal::Expired(format!(
            "Signature not yet current: {stamp} is still later than {} ({} + {} min.)",
            basic(now + SKEW),
            basic(now),
            SKEW.as_mins()
        )));
    }
    Ok(())
}

fn basic(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

fn query_parameter(parts: &Parts, name: &str) -> Option<String> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(parts.uri.query()?).ok()?;
    pairs
        .into_iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value)
}

/// The path as sent, its dot segments resolved, each byte encoded once more.
fn canonical_path(path: &str) -> String {
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            segment => segments.push(segment),
        }
    }
    let mut canonical = String::with_capacity(path.len() + 8);
    for segment in &segments {
        canonical.push('/');
        canonical.extend(encode(segment.as_bytes()));
    }
    if segments.is_empty() || path.ends_with('/') {
        canonical.push('/');
    }
    canonical
}

fn canonical_query(query: &str) -> String {
    let mut pairs: Vec<(String, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (encode_again(name), encode_again(value))
        })
        .filter(|(name, _)| name != "X-Amz-Signature")
        .collect();
    pairs.sort();
    let mut canonical = String::with_capacity(query.len());
    for (name, value) in pairs {
        if !canonical.is_empty() {
            canonical.push('&');
        }
        let _ = write!(canonical, "{name}={value}");
    }
    canonical
}

fn canonical_headers(scope: &Scope, parts: &Parts) -> Result<String, Refusal> {
    if !scope.signed_headers.iter().any(|name| name == "host") {
        return Err(Refusal::IncompleteSignature(
            "'Host' or ':authority' must be a 'SignedHeader'.".to_owned(),
        ));
    }
    let mut canonical = String::new();
    for name in &scope.signed_headers {
        let mut values = Vec::new();
        for value in parts.headers.get_all(name.as_str()) {
            let text = String::from_utf8_lossy(value.as_bytes());
            values.push(text.split_ascii_whitespace().collect::<Vec<_>>().join(" "));
        }
        let _ = writeln!(canonical, "{name}:{}", values.join(","));
    }
    Ok(canonical)
}

fn payload_hash(parts: &Parts, body: &[u8]) -> Result<String, Refusal> {
    let actual = hex::encode(Sha256::digest(body));
    match parts
        .headers
        .get("x-amz-content-sha256")
        .map(http::HeaderValue::as_bytes)
    {
        Some(b"UNSIGNED-PAYLOAD") => Ok("UNSIGNED-PAYLOAD".to_owned()),
        Some(declared) if declared != actual.as_bytes() => Err(Refusal::SignatureDoesNotMatch),
        _ => Ok(actual),
    }
}

/// Decodes percent-escapes, then encodes by SigV4's alphabet, so that clients may escape as they like.
fn encode_again(text: &str) -> String {
    let decoded: Vec<u8> = percent_decode_str(text).collect();
    encode(&decoded).to_string()
}

fn encode(bytes: &[u8]) -> PercentEncode<'_> {
    percent_encode(bytes, ENCODED)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The `get-vanilla-query-order-key-case` case of AWS's SigV4 test suite.
    fn suite() -> (Scope, Account, Parts) {
        let (parts, ()) = http::Request::get("/?Param2=value2&Param1=value1")
            .header("host", "example.amazonaws.com")
            .header("x-amz-date", "20150830T123600Z")
            .header(
                "authorization",
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
                 SignedHeaders=host;x-amz-date, \
                 Signature=b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
            )
            .body(())
            .unwrap()
            .into_parts();
        let account = Account {
            id: "111122223333".into(),
            access_key_id: "AKIDEXAMPLE".into(),
            role: None,
            secret_access_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into(),
        };
        (
            Scope::read(&parts.headers, &parts.uri).unwrap().unwrap(),
            account,
            parts,
        )
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_request_of_the_public_test_suite_is_proven() {
        let (scope, account, parts) = suite();
        assert_eq!(
            verify(&scope, &account, &parts, b"", at("2015-08-30T12:36:00Z")),
            Ok(())
        );
    }

    #[test]
    fn another_body_secret_or_time_is_refused() {
        let (scope, mut account, parts) = suite();
        let now = at("2015-08-30T12:36:00Z");
        assert_eq!(
            verify(&scope, &account, &parts, b"x", now),
            Err(Refusal::SignatureDoesNotMatch)
        );
        for late in ["2015-08-30T12:42:00Z", "2015-08-30T12:30:00Z"] {
            let refused = verify(&scope, &account, &parts, b"", at(late));
            assert!(matches!(refused, Err(Refusal::Expired(_))), "{refused:?}");
        }
        account.secret_access_key.push('x');
        assert_eq!(
            verify(&scope, &account, &parts, b"", now),
            Err(Refusal::SignatureDoesNotMatch)
        );
    }

    #[test]
    fn paths_are_encoded_twice_and_keep_their_trailing_slash() {
        assert_eq!(canonical_path("/backup/plans/"), "/backup/plans/");
        assert_eq!(canonical_path("/a%3Ab/./c/../d"), "/a%253Ab/d");
        assert_eq!(canonical_path(""), "/");
        assert_eq!(canonical_query("b=2&a=x%20y&a=1"), "a=1&a=x%20y&b=2");
    }
}
