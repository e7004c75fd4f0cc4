//! A request that reaches no service, answered in the error shape of the protocol it came in.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, request::Parts};

/// Why a request was refused before it reached a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// No signature at all.
    MissingAuthenticationToken,
    /// A signature that lacks a part.
    IncompleteSignature(String),
    /// No account has this key.
    UnknownKey,
    /// The key was lent for a time that is over.
    ExpiredToken,
    /// The signature isn't what the secret makes of this request.
    SignatureDoesNotMatch,
    /// Signed too long ago, or in the future.
    Expired(String),
    /// The credential scope names a Region that isn't configured.
    UnknownRegion(String),
    /// The credential scope names a service that isn't embedded.
    UnknownService(String),
    /// More than 16 MB.
    TooLarge,
    /// The client went away or spoke no HTTP in the middle of its body.
    Body(String),
}

impl Refusal {
    fn status(&self) -> StatusCode {
        match self {
            Self::MissingAuthenticationToken
            | Self::UnknownKey
            | Self::ExpiredToken
            | Self::SignatureDoesNotMatch
            | Self::Expired(_) => StatusCode::FORBIDDEN,
            Self::IncompleteSignature(_)
            | Self::UnknownRegion(_)
            | Self::UnknownService(_)
            | Self::Body(_) => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        }
    }

    fn json_code(&self) -> &'static str {
        match self {
            Self::MissingAuthenticationToken => "MissingAuthenticationTokenException",
            Self::IncompleteSignature(_) => "IncompleteSignatureException",
            Self::UnknownKey => "UnrecognizedClientException",
            Self::ExpiredToken => "ExpiredTokenException",
            Self::SignatureDoesNotMatch | Self::Expired(_) | Self::UnknownRegion(_) => {
                "InvalidSignatureException"
            }
            Self::UnknownService(_) => "UnknownOperationException",
            Self::TooLarge => "RequestEntityTooLargeException",
            Self::Body(_) => "SerializationException",
        }
    }

    fn xml_code(&self) -> &'static str {
        match self {
            Self::MissingAuthenticationToken => "MissingAuthenticationToken",
            Self::IncompleteSignature(_) => "IncompleteSignature",
            Self::UnknownKey => "InvalidClientTokenId",
            Self::ExpiredToken => "ExpiredToken",
            Self::SignatureDoesNotMatch | Self::Expired(_) | Self::UnknownRegion(_) => {
                "SignatureDoesNotMatch"
            }
            Self::UnknownService(_) => "InvalidAction",
            Self::TooLarge => "RequestEntityTooLarge",
            Self::Body(_) => "MalformedInput",
        }
    }

    fn message(&self) -> String {
        match self {
            Self::MissingAuthenticationToken => "Request is missing Authentication Token".to_owned(),
            Self::UnknownKey => "The security token included in the request is invalid.".to_owned(),
            Self::ExpiredToken => "The security token included in the request is expired".to_owned(),
            Self::SignatureDoesNotMatch => {
                "The request signature we calculated does not match the signature you provided. Check your AWS \
                 Secret Access Key and signing method. Consult the service documentation for details."
                    .to_owned()
            }
            Self::UnknownRegion(region) => {
                format!(
                    "Credential should be scoped to a valid region. '{region}' isn't one of this embedded AWS."
                )
            }
            Self::UnknownService(service) => {
                format!("The service '{service}' isn't part of this embedded AWS.")
            }
            Self::TooLarge => "The request body is larger than 16777216 bytes.".to_owned(),
            Self::IncompleteSignature(message)
            | Self::Expired(message)
            | Self::Body(message) => message.clone(),
        }
    }

    /// The answer to a request with these parts.
    pub(crate) fn into_response(self, parts: &Parts, request_id: &str) -> Response<Bytes> {
        let target = parts
            .headers
            .get("x-amz-target")
            .and_then(|value| value.to_str().ok());
        if let Some(target) = target {
            return self.json_target(target);
        }
        let content_type = parts
            .headers
            .get(http::header::CONTENT_TYPE)
            .map(HeaderValue::as_bytes);
        let query_protocol = content_type
            .is_some_and(|kind| kind.starts_with(b"application/x-www-form-urlencoded"))
            || parts.uri.query().is_some_and(|query| query.contains("Action="));
        if query_protocol {
            self.xml(request_id)
        } else {
            self.rest_json()
        }
    }

    /// JSON 1.0 and 1.1: the code stands in the body. DynamoDB answers 400 where others answer 403.
    fn json_target(self, target: &str) -> Response<Bytes> {
        let dynamodb = target.starts_with("DynamoDB");
        let status = match self.status() {
            StatusCode::FORBIDDEN if dynamodb => StatusCode::BAD_REQUEST,
            status => status,
        };
        let body = serde_json::json!({
            "__type": format!("com.amazon.coral.service#{}", self.json_code()),
            "message": self.message(),
        });
        respond(status, "application/x-amz-json-1.0", body.to_string())
    }

    fn rest_json(self) -> Response<Bytes> {
        let code = HeaderValue::from_static(self.json_code());
        let body = serde_json::json!({ "message": self.message() });
        let mut response = respond(self.status(), "application/json", body.to_string());
        response.headers_mut().insert("x-amzn-errortype", code);
        response
    }

    fn xml(self, request_id: &str) -> Response<Bytes> {
        let message = quick_xml::escape::escape(self.message().as_str()).into_owned();
        let fault = if self.status().is_server_error() {
            "Receiver"
        } else {
            "Sender"
        };
        let body = format!(
            "<ErrorResponse><Error><Type>{fault}</Type><Code>{}</Code><Message>{message}</Message></Error>\
             <RequestId>{request_id}</RequestId></ErrorResponse>",
            self.xml_code()
        );
        respond(self.status(), "text/xml", body)
    }
}

fn respond(status: StatusCode, content_type: &'static str, body: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(http::header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
