//! An AWS that gives one answer, whatever it is asked.

use aws::{Cloud, CloudConfig, StaticCredentials};
use recovery::ids::{AccountId, Region};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// A door to an AWS that answers this, with these headers.
pub async fn answering(status: u16, headers: &[(&str, &str)], body: &str) -> Cloud {
    let headers: String = headers
        .iter()
        .flat_map(|(name, value)| [name, ": ", value, "\r\n"])
        .collect();
    let answer = format!(
        "HTTP/1.1 {status} Said\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n{body}",
        body.len()
    );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let answer = answer.clone();
            tokio::spawn(async move {
                // The requests here are short: a head, and a body that comes with it.
                let mut request = vec![0; 64 * 1024];
                if client.read(&mut request).await.is_ok_and(|read| read > 0) {
                    client.write_all(answer.as_bytes()).await.unwrap();
                    client.shutdown().await.unwrap();
                }
            });
        }
    });
    let key = StaticCredentials {
        access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
        secret_access_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned(),
    };
    Cloud::connect(CloudConfig {
        endpoint_url: Some(endpoint),
        credentials: [(account(), key)].into(),
        home_account: Some(account()),
        ..CloudConfig::default()
    })
    .await
}

/// The account of AWS's examples.
pub fn account() -> AccountId {
    "123456789012".parse().unwrap()
}

/// Where they are set.
pub fn region() -> Region {
    "us-west-2".parse().unwrap()
}
