//! Whether a request that changes something came from this server's own pages.
//!
//! Cookies are sent by a browser whoever made it send them. `SameSite=Lax` keeps them from most foreign requests;
//! this check refuses the rest, server functions and the sign-in form included.

use http::header::{HOST, HeaderMap, ORIGIN};
use http::{HeaderName, Method};
use url::Url;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The URL under which browsers reach this server, when a proxy stands in front.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(Url);

impl PublicUrl {
    /// Reads `https://host[:port]`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|error| format!("{text:?} is not a URL: {error}"))?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err(format!("{text:?} is not an http or https URL"));
        }
        if url.path() != "/" || url.query().is_some() || !url.username().is_empty() {
            return Err(format!("{text:?} has more than scheme, host and port"));
        }
        Ok(Self(url))
    }

    /// Whether it is https.
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// `https://host[:port]`.
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }
}

/// Whether the method changes nothing by HTTP's rules.
pub fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Whether a changing request with these headers may come from a browser page of ours, or from no browser at all.
pub fn is_own(headers: &HeaderMap, public_url: Option<&PublicUrl>) -> bool {
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("\u{0}"));
    if let Some(site) = text(SEC_FETCH_SITE) {
        return matches!(site, "same-origin" | "none");
    }
    // Older browsers send Origin with every POST; what sends neither is no browser and carries no foreign cookies.
    let Some(origin) = text(ORIGIN) else {
        return true;
    };
    if let Some(public_url) = public_url {
        return origin == public_url.origin();
    }
    let host = origin.split_once("://").map(|(_, host)| host);
    host.is_some() && host == text(HOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(headers: &[(&str, &str)], public_url: Option<&str>, expected: bool) {
        let map = headers
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_bytes(name.as_bytes()).unwrap(),
                    value.parse().unwrap(),
                )
            })
            .collect();
        let public_url = public_url.map(|url| PublicUrl::parse(url).unwrap());
        assert_eq!(is_own(&map, public_url.as_ref()), expected, "{headers:?}");
    }

    #[test]
    fn only_our_own_pages_may_change_something() {
        check(&[], None, true);
        check(&[("sec-fetch-site", "same-origin")], None, true);
        check(&[("sec-fetch-site", "same-site")], None, false);
        check(
            &[
                ("sec-fetch-site", "cross-site"),
                ("origin", "http://a"),
                ("host", "a"),
            ],
            None,
            false,
        );
        check(&[("origin", "http://a:8080"), ("host", "a:8080")], None, true);
        check(
            &[("origin", "http://evil.example"), ("host", "a:8080")],
            None,
            false,
        );
        check(&[("origin", "null"), ("host", "a:8080")], None, false);
        let public = Some("https://restore.example.com");
        check(
            &[
                ("origin", "https://restore.example.com"),
                ("host", "10.0.0.7:8080"),
            ],
            public,
            true,
        );
        check(&[("origin", "http://restore.example.com")], public, false);
        check(
            &[("origin", "http://10.0.0.7:8080"), ("host", "10.0.0.7:8080")],
            public,
            false,
        );
    }

    #[test]
    fn a_public_url_is_scheme_host_and_port() {
        assert!(
            PublicUrl::parse("https://restore.example.com")
                .unwrap()
                .is_https()
        );
        assert!(!PublicUrl::parse("http://localhost:8080/").unwrap().is_https());
        for bad in [
            "restore.example.com", "ftp://a", "https://a/b", "https://u@a/", "https://a/?q",
        ] {
            assert!(PublicUrl::parse(bad).is_err(), "{bad}");
        }
    }
}
