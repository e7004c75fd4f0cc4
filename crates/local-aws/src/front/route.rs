//! From a request to the service that answers it.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Request, Response};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use jiff::Timestamp;
use s3s::Body;
use s3s::service::S3Service;

use super::calls::touched;
use super::{Calls, Refusal, Scope, Service, Signed, session_token, signature};
use crate::Caller;
use crate::keyring::{Keyring, Unaccepted};
use crate::outage::{Outages, Unanswered};
use crate::s3::{ChosenStatus, SignedRegion};

/// The largest body of any JSON or query service, DynamoDB's.
const BODY_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Knows every service and every key.
pub(crate) struct Front {
    regions: Vec<String>,
    keyring: Arc<Keyring>,
    s3: S3Service,
    services: HashMap<&'static str, Arc<dyn Service>>,
    calls: Option<Arc<Calls>>,
    outages: Outages,
}

impl Front {
    pub(crate) fn new(
        regions: &[String],
        outages: Outages,
        keyring: Arc<Keyring>,
        s3: S3Service,
        services: Vec<Arc<dyn Service>>,
        calls: Option<Arc<Calls>>,
    ) -> Self {
        Self {
            regions: regions.to_vec(),
            keyring,
            s3,
            services: services
                .into_iter()
                .map(|service| (service.name(), service))
                .collect(),
            calls,
            outages,
        }
    }

    /// Answers one request; whatever goes wrong becomes an answer, too, but for a Region that is cut off.
    pub(crate) async fn answer(&self, request: Request<Incoming>) -> Result<Response<Body>, Unanswered> {
        let request_id = uuid::Uuid::new_v4().to_string();
        if request.uri().path() == "/_local/health" {
            return Ok(self.health());
        }
        let scope = match Scope::read_for_routing(&request) {
            Ok(scope) => scope,
            Err(refusal) => {
                let (parts, _) = request.into_parts();
                return Ok(refused(refusal, &parts, &request_id));
            }
        };
        if scope
            .as_ref()
            .is_some_and(|scope| self.outages.is_cut_off(&scope.region))
        {
            return Err(Unanswered);
        }
        let is_s3 = match &scope {
            Some(scope) => matches!(scope.service.as_str(), "s3" | "s3express"),
            // S3 is the one service that takes anonymous requests (and refuses them in its own words).
            None => !names_another_service(&request),
        };
        if is_s3 {
            return Ok(self.s3(request, scope, &request_id).await);
        }
        let (parts, body) = request.into_parts();
        Ok(match self.dispatch(scope, &parts, body, &request_id).await {
            Ok(response) => stamped(response.map(Body::from), &request_id),
            Err(refusal) => refused(refusal, &parts, &request_id),
        })
    }

    fn health(&self) -> Response<Body> {
        let mut services: Vec<&str> = self.services.keys().copied().chain(["s3"]).collect();
        services.sort_unstable();
        let body = serde_json::json!({ "status": "running", "regions": self.regions, "services": services })
            .to_string();
        let mut response = Response::new(Body::from(Bytes::from(body)));
        response.headers_mut().insert(
            http::header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        response
    }

    async fn s3(
        &self,
        mut request: Request<Incoming>,
        scope: Option<Scope>,
        request_id: &str,
    ) -> Response<Body> {
        if let Some(scope) = scope {
            request.extensions_mut().insert(SignedRegion(scope.region));
        }
        match self.s3.call(request.map(Body::from)).await {
            Ok(mut response) => {
                if let Some(ChosenStatus(status)) = response.extensions().get().copied() {
                    *response.status_mut() = status;
                }
                if let Ok(id) = HeaderValue::from_str(request_id) {
                    response.headers_mut().insert("x-amz-request-id", id);
                }
                response
            }
            Err(error) => {
                tracing::error!(?error, request_id, "an S3 request could not be answered");
                let mut response = Response::new(Body::empty());
                *response.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
                response
            }
        }
    }

    async fn dispatch(
        &self,
        scope: Option<Scope>,
        parts: &Parts,
        body: Incoming,
        request_id: &str,
    ) -> Result<Response<Bytes>, Refusal> {
        let scope = scope.ok_or(Refusal::MissingAuthenticationToken)?;
        let body = Limited::new(body, BODY_BYTES_MAX)
            .collect()
            .await
            .map_err(|error| {
                if error.is::<LengthLimitError>() {
                    Refusal::TooLarge
                } else {
                    Refusal::Body(error.to_string())
                }
            })?;
        let body = body.to_bytes();
        let now = Timestamp::now();
        let token = session_token(&parts.headers, &parts.uri);
        let (account, principal) = self
            .keyring
            .identify(&scope.access_key_id, token.as_deref(), now)
            .map_err(|unaccepted| match unaccepted {
                Unaccepted::Unknown => Refusal::UnknownKey,
                Unaccepted::Expired => Refusal::ExpiredToken,
            })?;
        signature::verify(&scope, &account, parts, &body, now)?;
        let service = self
            .services
            .get(scope.service.as_str())
            .ok_or_else(|| Refusal::UnknownService(scope.service.clone()))?;
        // IAM is global and STS has a global endpoint: both sign for us-east-1, whether or not it is configured.
        let is_global = matches!(scope.service.as_str(), "iam" | "sts");
        if !is_global && !self.regions.contains(&scope.region) {
            return Err(Refusal::UnknownRegion(scope.region));
        }
        if let Some(calls) = &self.calls {
            let by = Signed {
                account: &account,
                region: &scope.region,
                service: &scope.service,
            };
            calls.record(by, &touched(by, parts, &body));
        }
        let caller = Caller {
            account_id: account.id,
            principal,
            region: scope.region,
            service: scope.service,
            request_id: request_id.to_owned(),
        };
        let request = Request::from_parts(parts.clone(), body);
        Ok(service.call(&caller, request).await)
    }
}

impl Scope {
    fn read_for_routing(request: &Request<Incoming>) -> Result<Option<Self>, Refusal> {
        match Self::read(request.headers(), request.uri()) {
            // `s3s` words its own refusals.
            Err(_) if !names_another_service(request) => Ok(None),
            result => result,
        }
    }
}

/// Whether an unsigned request is plainly not for S3: a JSON target or a form.
fn names_another_service<B>(request: &Request<B>) -> bool {
    let form = request
        .headers()
        .get(http::header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/x-www-form-urlencoded"));
    request.headers().contains_key("x-amz-target") || form
}

fn refused(refusal: Refusal, parts: &Parts, request_id: &str) -> Response<Body> {
    tracing::debug!(?refusal, method = %parts.method, path = parts.uri.path(), request_id, "refused");
    stamped(
        refusal.into_response(parts, request_id).map(Body::from),
        request_id,
    )
}

fn stamped(mut response: Response<Body>, request_id: &str) -> Response<Body> {
    if let Ok(id) = HeaderValue::from_str(request_id) {
        response.headers_mut().insert("x-amzn-requestid", id);
    }
    response
}
