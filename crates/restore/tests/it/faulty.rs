//! A proxy in front of the embedded AWS that fails as networks and services do, by a seeded dice.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures::stream;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use tokio::net::TcpListener;

type Broken = Box<dyn std::error::Error + Send + Sync>;
type Body = UnsyncBoxBody<Bytes, Broken>;

/// What may go wrong with one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// DynamoDB says that it is too fast.
    Throttled,
    /// S3 says so.
    SlowDown,
    /// The service fails.
    Internal,
    /// The connection breaks before the request is served.
    Refused,
    /// The request is served, and the connection breaks before the answer is there.
    AnswerLost,
    /// The answer's body breaks off in its middle.
    Truncated,
    /// The answer takes its time.
    Slow,
    /// The request is served, and the answer never comes.
    Silent,
}

/// The proxy.
pub struct Faulty {
    pub endpoint: String,
    state: Arc<State>,
}

struct State {
    target: String,
    client: Client<HttpConnector, Full<Bytes>>,
    dice: Mutex<StdRng>,
    /// The kind of fault that is thrown first.
    first: usize,
    /// Nothing answers below this path, and everything else does.
    gone: Option<&'static str>,
    happened: Mutex<BTreeMap<Fault, u32>>,
}

impl Faulty {
    /// A proxy of `target` whose dice begin at `seed`.
    pub async fn start(target: &str, seed: u64) -> Self {
        Self::with(target, seed, None).await
    }

    /// A proxy of `target` that throws no dice and lets nothing through to the paths below `gone`.
    pub async fn without(target: &str, gone: &'static str) -> Self {
        Self::with(target, 0, Some(gone)).await
    }

    async fn with(target: &str, seed: u64, gone: Option<&'static str>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(State {
            target: target.to_owned(),
            client: Client::builder(TokioExecutor::new()).build_http(),
            dice: Mutex::new(StdRng::seed_from_u64(seed)),
            first: usize::try_from(seed).unwrap(),
            gone,
            happened: Mutex::default(),
        });
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&shared);
                let service = service_fn(move |request| {
                    let state = Arc::clone(&state);
                    async move { state.answer(request).await }
                });
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service),
                );
            }
        });
        Self { endpoint, state }
    }

    /// How often each fault has happened.
    pub fn happened(&self) -> BTreeMap<Fault, u32> {
        self.state.happened.lock().unwrap().clone()
    }
}

impl State {
    /// An error ends the connection, which the client sees break.
    async fn answer(&self, request: Request<Incoming>) -> Result<Response<Body>, Broken> {
        let fault = match self.gone {
            Some(gone) if request.uri().path().starts_with(gone) => Some(Fault::Refused),
            Some(_) => None,
            None => self.throw(&request),
        };
        match fault {
            Some(Fault::Throttled) => {
                return Ok(refusal(
                    400,
                    r#"{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"}"#,
                ));
            }
            Some(Fault::SlowDown) => {
                return Ok(refusal(
                    503,
                    "<Error><Code>SlowDown</Code><Message>slower</Message></Error>",
                ));
            }
            Some(Fault::Internal) => return Ok(refusal(500, "")),
            Some(Fault::Refused) => return Err("refused".into()),
            Some(Fault::Slow) => tokio::time::sleep(Duration::from_millis(150)).await,
            Some(Fault::AnswerLost | Fault::Truncated | Fault::Silent) | None => {}
        }
        let (head, body) = self.forward(request).await?;
        match fault {
            Some(Fault::AnswerLost) => Err("the answer is lost".into()),
            // The client gives up first and closes the connection, which drops this.
            Some(Fault::Silent) => std::future::pending().await,
            Some(Fault::Truncated) => {
                let half = body.slice(..body.len() / 2);
                let frames = [Ok(Frame::data(half)), Err("the body broke off".into())];
                Ok(Response::from_parts(
                    head,
                    StreamBody::new(stream::iter(frames)).boxed_unsync(),
                ))
            }
            _ => Ok(Response::from_parts(head, whole(body))),
        }
    }

    /// A fault for some of the requests that move rows.
    fn throw(&self, request: &Request<Incoming>) -> Option<Fault> {
        let operation = request
            .headers()
            .get("x-amz-target")
            .map(hyper::header::HeaderValue::as_bytes);
        let of_dynamodb = [
            Fault::Throttled,
            Fault::Internal,
            Fault::Refused,
            Fault::AnswerLost,
            Fault::Truncated,
            Fault::Silent,
        ];
        let of_s3 = [
            Fault::SlowDown,
            Fault::Internal,
            Fault::Refused,
            Fault::Truncated,
            Fault::Slow,
            Fault::Silent,
        ];
        let (possible, one_in) = match operation {
            Some(name) if name.ends_with(b".BatchWriteItem") || name.ends_with(b".Scan") => (of_dynamodb, 8),
            // Few ranges are asked for.
            None if request.headers().contains_key("range") => (of_s3, 3),
            _ => return None,
        };
        let mut dice = self.dice.lock().unwrap();
        if dice.random_range(0..one_in) > 0 {
            return None;
        }
        let mut happened = self.happened.lock().unwrap();
        // The one that has happened least, the first of them in another order for each seed.
        let fault = (0..possible.len())
            .map(|turn| possible[(turn + self.first) % possible.len()])
            .min_by_key(|fault| happened.get(fault).copied().unwrap_or(0))?;
        *happened.entry(fault).or_default() += 1;
        Some(fault)
    }

    async fn forward(
        &self,
        request: Request<Incoming>,
    ) -> Result<(hyper::http::response::Parts, Bytes), Broken> {
        let (mut head, body) = request.into_parts();
        // The Host header stays as it was signed.
        let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
        head.uri = format!("{}{path}", self.target).parse::<Uri>()?;
        let body = body.collect().await?.to_bytes();
        let answer = self
            .client
            .request(Request::from_parts(head, Full::new(body)))
            .await?;
        let (head, body) = answer.into_parts();
        Ok((head, body.collect().await?.to_bytes()))
    }
}

fn refusal(status: u16, body: &'static str) -> Response<Body> {
    let mut response = Response::new(whole(Bytes::from_static(body.as_bytes())));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response
}

fn whole(body: Bytes) -> Body {
    Full::new(body)
        .map_err(|never: Infallible| match never {})
        .boxed_unsync()
}
