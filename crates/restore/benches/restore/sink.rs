//! Services that take items.

use std::convert::Infallible;
use std::io::BufRead as _;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use local_aws::{LocalAws, Options};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use tokio::net::TcpListener;

use crate::Outcome;

/// The embedded AWS, DynamoDB in memory.
pub async fn serve_aws() -> Outcome<()> {
    let aws = LocalAws::start(Options::default()).await?;
    let account = &aws.accounts()[0];
    println!(
        "{} {} {}",
        aws.endpoint(),
        account.access_key_id,
        account.secret_access_key
    );
    until_the_bench_is_gone().await
}

/// A DynamoDB that acknowledges every batch and keeps nothing.
pub async fn serve_acknowledgements() -> Outcome<()> {
    serve(|request: Request<Incoming>| async move {
        // The request is read to its end, as a server would.
        let _ = request.into_body().collect().await;
        Response::new(Full::new(Bytes::from_static(br#"{"UnprocessedItems":{}}"#)))
    })
    .await
}

/// A proxy of `target` that refuses so many of a thousand BatchWriteItem calls as too fast, and so many with a fault.
pub async fn serve_faults(arguments: String) -> Outcome<()> {
    let mut arguments = arguments.split(' ');
    let mut next = || arguments.next().ok_or("an argument is missing");
    let (target, throttles, faults) = (
        next()?.to_owned(),
        next()?.parse::<u32>()?,
        next()?.parse::<u32>()?,
    );
    let client: Client<HttpConnector, Full<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let dice = Arc::new(Mutex::new(StdRng::seed_from_u64(11)));
    serve(move |request: Request<Incoming>| {
        let (client, target, dice) = (client.clone(), target.clone(), Arc::clone(&dice));
        async move {
            let is_batch = request
                .headers()
                .get("x-amz-target")
                .is_some_and(|target| target.as_bytes().ends_with(b".BatchWriteItem"));
            let roll = dice
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .random_range(0..1_000);
            if is_batch && roll < throttles {
                return refusal(400, "ProvisionedThroughputExceededException");
            }
            if is_batch && roll < throttles + faults {
                return refusal(500, "InternalServerError");
            }
            forward(&client, &target, request)
                .await
                .unwrap_or_else(|_| refusal(502, "BadGateway"))
        }
    })
    .await
}

fn refusal(status: u16, code: &str) -> Response<Full<Bytes>> {
    let body =
        format!(r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{code}","message":"made by the bench"}}"#);
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = hyper::StatusCode::from_u16(status).unwrap_or_default();
    response
}

async fn forward(
    client: &Client<HttpConnector, Full<Bytes>>,
    target: &str,
    request: Request<Incoming>,
) -> Outcome<Response<Full<Bytes>>> {
    let (mut head, body) = request.into_parts();
    // The Host header stays as it was signed.
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    head.uri = format!("{target}{path}").parse::<Uri>()?;
    let body = body.collect().await?.to_bytes();
    let answer = client.request(Request::from_parts(head, Full::new(body))).await?;
    let (head, body) = answer.into_parts();
    Ok(Response::from_parts(
        head,
        Full::new(body.collect().await?.to_bytes()),
    ))
}

async fn serve<F, Fut>(answer: F) -> Outcome<()>
where
    F: Fn(Request<Incoming>) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = Response<Full<Bytes>>> + Send,
{
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    println!("http://{}", listener.local_addr()?);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let answer = answer.clone();
            let service = service_fn(move |request| {
                let answer = answer(request);
                async move { Ok::<_, Infallible>(answer.await) }
            });
            let _ = stream.set_nodelay(true);
            tokio::spawn(
                hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service),
            );
        }
    });
    until_the_bench_is_gone().await
}

/// Its end closes the pipe.
async fn until_the_bench_is_gone() -> Outcome<()> {
    let gone = tokio::task::spawn_blocking(|| std::io::stdin().lock().lines().for_each(drop));
    Ok(gone.await?)
}
