//! A door to the embedded AWS at which requests come to harm, as they do on the way to AWS and in it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

/// What comes to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The service says that it is asked too fast.
    Throttled,
    /// The service says that it has failed.
    Service,
    /// The connection ends without an answer.
    Reset,
    /// The answer never begins.
    Silence,
    /// The service says that the credentials have expired.
    Expired,
    /// The service says that the request's time is not its own.
    Skewed,
}

/// A door to `target`: its first `harmed` requests come to harm, the others pass.
pub struct Door {
    address: SocketAddr,
    accepting: tokio::task::JoinHandle<()>,
}

impl Door {
    pub async fn new(target: SocketAddr, fault: Fault, harmed: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let left = Arc::new(AtomicUsize::new(harmed));
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let left = Arc::clone(&left);
                tokio::spawn(async move { pass(client, target, fault, &left).await });
            }
        });
        Self { address, accepting }
    }

    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn pass(mut client: TcpStream, target: SocketAddr, fault: Fault, left: &AtomicUsize) {
    let take = |count: usize| count.checked_sub(1);
    while left
        .fetch_update(Ordering::SeqCst, Ordering::SeqCst, take)
        .is_ok()
    {
        let Some(request) = read(&mut client).await else {
            // A connection that nobody used: the harm is for the next one.
            left.fetch_add(1, Ordering::SeqCst);
            return;
        };
        match fault {
            Fault::Reset => return,
            Fault::Silence => return std::future::pending().await,
            Fault::Throttled | Fault::Service | Fault::Expired | Fault::Skewed => {
                let answer = answer(fault, &request);
                client.write_all(answer.as_bytes()).await.unwrap();
                if answer.contains("connection: close") {
                    return;
                }
            }
        }
    }
    let mut server = TcpStream::connect(target).await.unwrap();
    // It ends when either side has had enough.
    let _ = copy_bidirectional(&mut client, &mut server).await;
}

/// One request's head, once its body has come, too.
async fn read(client: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4 * 1024];
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let length = header(&head, "content-length").and_then(|length| length.parse().ok());
            if bytes.len() >= end + 4 + length.unwrap_or(0) {
                return Some(head);
            }
        }
        match client.read(&mut buffer).await {
            Ok(read @ 1..) => bytes.extend_from_slice(&buffer[..read]),
            _ => return None,
        }
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (given, value) = line.split_once(':')?;
        given.eq_ignore_ascii_case(name).then_some(value.trim())
    })
}

/// What the service that is asked would answer, in its protocol: XML of S3 and of the Query protocol, JSON of the others.
fn answer(fault: Fault, head: &str) -> String {
    let scope = header(head, "authorization").unwrap_or_default();
    let service = scope.split('/').nth(3).unwrap_or_default();
    let is_json = matches!(service, "dynamodb" | "sqs" | "kms" | "backup");
    let (status, code, message) = match (fault, service) {
        (Fault::Throttled, "s3") => (503, "SlowDown", "Please reduce your request rate."),
        (Fault::Throttled, "backup") => (429, "ThrottlingException", "Rate exceeded"),
        (Fault::Throttled, _) if is_json => (400, "ThrottlingException", "Rate exceeded"),
        (Fault::Throttled, _) => (400, "Throttling", "Rate exceeded"),
        (Fault::Expired, "s3") => (400, "ExpiredToken", "The provided token has expired."),
        (Fault::Expired, _) if is_json => (
            400,
            "ExpiredTokenException",
            "The security token included in the request is expired",
        ),
        (Fault::Expired, _) => (
            403,
            "ExpiredToken",
            "The security token included in the request is expired",
        ),
        (Fault::Skewed, "s3") => (
            403,
            "RequestTimeTooSkewed",
            "The difference between the request time and the current time is too large.",
        ),
        (Fault::Skewed, _) if is_json => (
            403,
            "InvalidSignatureException",
            "Signature expired: 20261121T080000Z is now earlier than 20261121T090000Z",
        ),
        (Fault::Skewed, _) => (
            403,
            "SignatureDoesNotMatch",
            "Signature expired: 20261121T080000Z is now earlier than 20261121T090000Z",
        ),
        (_, "s3") => (
            500,
            "InternalError",
            "We encountered an internal error. Please try again.",
        ),
        (..) => (500, "InternalFailure", "An internal error occurred."),
    };
    let body = match service {
        _ if is_json => format!("{{\"__type\":\"{code}\",\"message\":\"{message}\"}}"),
        "s3" => format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>"),
        _ => format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
        ),
    };
    // The answer to a HEAD has none.
    let body = if head.starts_with("HEAD ") {
        String::new()
    } else {
        body
    };
    let kind = if is_json {
        "application/json"
    } else {
        "application/xml"
    };
    format!(
        "HTTP/1.1 {status} No\r\ncontent-type: {kind}\r\nx-amzn-errortype: {code}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}
