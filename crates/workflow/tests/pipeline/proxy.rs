//! A door to the embedded AWS that shuts at the Nth request, before it is passed on or before its answer is.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::OwnedReadHalf;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// When the door shuts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// AWS never sees the request.
    Request,
    /// AWS does what it was asked, and nobody hears of it.
    Answer,
}

pub struct Proxy {
    address: SocketAddr,
    pub seen: Arc<AtomicUsize>,
    /// The first lines of the requests.
    pub lines: Arc<Mutex<Vec<String>>>,
    /// Cancelled when the door has shut.
    pub shut: CancellationToken,
    accepting: tokio::task::JoinHandle<()>,
}

impl Proxy {
    /// A door to `target` that shuts at request `at`, counted from 1.
    pub async fn new(target: SocketAddr, at: usize, cut: Cut) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (seen, shut) = (Arc::new(AtomicUsize::new(0)), CancellationToken::new());
        let lines = Arc::new(Mutex::new(Vec::new()));
        let (counter, log, token) = (Arc::clone(&seen), Arc::clone(&lines), shut.clone());
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (counter, log, token) = (Arc::clone(&counter), Arc::clone(&log), token.clone());
                tokio::spawn(async move { pass(client, target, (at, cut), &counter, &log, &token).await });
            }
        });
        Self {
            address,
            seen,
            lines,
            shut,
            accepting,
        }
    }

    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shut.cancel();
        self.accepting.abort();
    }
}

async fn pass(
    client: TcpStream,
    target: SocketAddr,
    (at, cut): (usize, Cut),
    counter: &AtomicUsize,
    lines: &Mutex<Vec<String>>,
    shut: &CancellationToken,
) {
    if shut.is_cancelled() {
        return;
    }
    let server = TcpStream::connect(target).await.unwrap();
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let is_mute = AtomicBool::new(false);
    let answers = async {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(read @ 1..) = from_server.read(&mut buffer).await {
            if is_mute.load(Ordering::SeqCst) {
                continue;
            }
            if to_client.write_all(&buffer[..read]).await.is_err() {
                break;
            }
        }
    };
    let requests = async {
        let mut buffer = vec![0; 64 * 1024];
        while let Some(read) = next(&mut from_client, &mut buffer).await {
            let is_head = [&b"GET "[..], b"POST ", b"PUT ", b"HEAD ", b"DELETE "]
                .iter()
                .any(|method| buffer[..read].starts_with(method));
            if is_head {
                let line = buffer[..read]
                    .split(|byte| *byte == b'\r')
                    .next()
                    .unwrap_or_default();
                lines
                    .lock()
                    .unwrap()
                    .push(String::from_utf8_lossy(line).into_owned());
            }
            if is_head && counter.fetch_add(1, Ordering::SeqCst) + 1 == at {
                if cut == Cut::Answer {
                    is_mute.store(true, Ordering::SeqCst);
                    // The whole request goes through; what comes back is never read.
                    to_server.write_all(&buffer[..read]).await.unwrap();
                    while let Ok(Some(read)) = tokio::time::timeout(
                        std::time::Duration::from_millis(20),
                        next(&mut from_client, &mut buffer),
                    )
                    .await
                    {
                        to_server.write_all(&buffer[..read]).await.unwrap();
                    }
                    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                }
                shut.cancel();
                return;
            }
            if to_server.write_all(&buffer[..read]).await.is_err() {
                break;
            }
        }
    };
    tokio::select! {
        () = answers => {}
        () = requests => {}
        () = shut.cancelled() => {}
    }
}

async fn next(from: &mut OwnedReadHalf, buffer: &mut [u8]) -> Option<usize> {
    match from.read(buffer).await {
        Ok(read @ 1..) => Some(read),
        _ => None,
    }
}
