//! The credential scope: who signed a request, for which service in which Region, and how.

use http::{HeaderMap, Uri};

use super::Refusal;

/// Everything a SigV4 request says about its signature, still unproven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scope {
    pub(crate) access_key_id: String,
    /// `YYYYMMDD`
    pub(crate) date: String,
    pub(crate) region: String,
    pub(crate) service: String,
    /// Lower case, in the order they were signed in.
    pub(crate) signed_headers: Vec<String>,
    pub(crate) signature: String,
    /// The parameters stand in the query string instead of the Authorization header.
    pub(crate) presigned: bool,
}

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

impl Scope {
    /// Reads the scope from the Authorization header or the query string; `None` for an unsigned request.
    pub(crate) fn read(headers: &HeaderMap, uri: &Uri) -> Result<Option<Self>, Refusal> {
        if let Some(header) = headers.get(http::header::AUTHORIZATION) {
            let header = header
                .to_str()
                .map_err(|_| incomplete("Authorization header is not ASCII."))?;
            return Self::from_header(header).map(Some);
        }
        let query = uri.query().unwrap_or_default();
        if query.contains("X-Amz-Algorithm=") || query.contains("X-Amz-Credential=") {
            return Self::from_query(query).map(Some);
        }
        Ok(None)
    }

    fn from_header(header: &str) -> Result<Self, Refusal> {
        let Some(rest) = header.strip_prefix(ALGORITHM) else {
            return Err(incomplete(
                "Authorization header requires 'Credential', 'Signature' and 'SignedHeaders' parameters \
                 under the algorithm AWS4-HMAC-SHA256.",
            ));
        };
        let (mut credential, mut signed_headers, mut signature) = (None, None, None);
        for parameter in rest.split(',') {
            match parameter.trim().split_once('=') {
                Some(("Credential", value)) => credential = Some(value),
                Some(("SignedHeaders", value)) => signed_headers = Some(value),
                Some(("Signature", value)) => signature = Some(value),
                _ => {}
            }
        }
        Self::assemble(
            credential.ok_or_else(|| missing("Credential"))?,
            signed_headers.ok_or_else(|| missing("SignedHeaders"))?,
            signature.ok_or_else(|| missing("Signature"))?,
            false,
        )
    }

    fn from_query(query: &str) -> Result<Self, Refusal> {
        let parameters: Vec<(String, String)> =
            serde_urlencoded::from_str(query).map_err(|_| incomplete("The query string cannot be read."))?;
        let find = |name: &str| {
            parameters
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.as_str())
                .ok_or_else(|| incomplete(&format!("The query string requires the parameter '{name}'.")))
        };
        if find("X-Amz-Algorithm")? != ALGORITHM {
            return Err(incomplete("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"."));
        }
        Self::assemble(
            find("X-Amz-Credential")?,
            find("X-Amz-SignedHeaders")?,
            find("X-Amz-Signature")?,
            true,
        )
    }

    fn assemble(
        credential: &str,
        signed_headers: &str,
        signature: &str,
        presigned: bool,
    ) -> Result<Self, Refusal> {
        let mut fields = credential.split('/');
        let mut next = || fields.next().filter(|field| !field.is_empty());
        let (Some(access_key_id), Some(date), Some(region), Some(service), Some("aws4_request"), None) =
            (next(), next(), next(), next(), next(), next())
        else {
            return Err(incomplete(&format!(
                "Credential must have exactly 5 slash-delimited elements, e.g. \
                 keyid/date/region/service/term, got '{credential}'."
            )));
        };
        Ok(Self {
            access_key_id: access_key_id.to_owned(),
            date: date.to_owned(),
            region: region.to_owned(),
            service: service.to_owned(),
            signed_headers: signed_headers.split(';').map(str::to_ascii_lowercase).collect(),
            signature: signature.to_owned(),
            presigned,
        })
    }
}

/// The session token of a lent key, from the header or the query string.
pub(crate) fn session_token(headers: &HeaderMap, uri: &Uri) -> Option<String> {
    if let Some(token) = headers.get("x-amz-security-token") {
        return token.to_str().ok().map(str::to_owned);
    }
    let parameters: Vec<(String, String)> = serde_urlencoded::from_str(uri.query()?).ok()?;
    parameters
        .into_iter()
        .find(|(name, _)| name == "X-Amz-Security-Token")
        .map(|(_, token)| token)
}

fn missing(parameter: &str) -> Refusal {
    incomplete(&format!("Authorization header requires '{parameter}' parameter."))
}

fn incomplete(message: &str) -> Refusal {
    Refusal::IncompleteSignature(message.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(request: http::request::Builder) -> Result<Option<Scope>, Refusal> {
        let request = request.body(()).unwrap();
        Scope::read(request.headers(), request.uri())
    }

    #[test]
    fn a_scope_is_read_from_the_header_with_or_without_spaces_after_commas() {
        for separator in [",", ", "] {
            let header = format!(
                "AWS4-HMAC-SHA256 Credential=AKIA1/20261120/eu-west-1/backup/aws4_request{separator}\
                 SignedHeaders=host;x-amz-date{separator}Signature=abc"
            );
            let scope = read(http::Request::get("/").header("authorization", header))
                .unwrap()
                .unwrap();
            assert_eq!(
                (scope.region.as_str(), scope.service.as_str()),
                ("eu-west-1", "backup")
            );
            assert_eq!(scope.signed_headers, ["host", "x-amz-date"]);
        }
    }

    #[test]
    fn a_presigned_query_is_read_and_an_unsigned_request_has_no_scope() {
        let uri = "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIA1%2F20261120%2Fus-east-1%2Fsts%2F\
                   aws4_request&X-Amz-SignedHeaders=host&X-Amz-Signature=abc";
        let scope = read(http::Request::get(uri)).unwrap().unwrap();
        assert!(scope.presigned);
        assert_eq!(scope.service, "sts");
        assert_eq!(read(http::Request::get("/")).unwrap(), None);
    }

    #[test]
    fn a_truncated_credential_is_incomplete() {
        let request = http::Request::get("/").header(
            "authorization",
            "AWS4-HMAC-SHA256 Credential=AKIA1/20261120/us-east-1, SignedHeaders=host, Signature=abc",
        );
        assert!(matches!(read(request), Err(Refusal::IncompleteSignature(_))));
    }
}
