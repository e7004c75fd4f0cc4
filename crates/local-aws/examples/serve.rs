//! The embedded cloud alone: `cargo run -p local-aws --example serve -- [FOLDER] [PORT]`.
//!
//! Without a folder everything is in memory or temporary. Prints what a shell needs and stops on Ctrl-C.

use std::net::{Ipv4Addr, SocketAddr};

use local_aws::{LocalAws, Options};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let data_dir = arguments.next().map(Into::into);
    let port = arguments.next().map_or(Ok(0), |port| port.parse())?;
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let aws = LocalAws::start(Options {
        data_dir,
        listen,
        ..Options::default()
    })
    .await?;
    let home = &aws.accounts()[0];
    println!("export AWS_ENDPOINT_URL={}", aws.endpoint());
    println!("export AWS_REGION={}", aws.regions()[0]);
    println!("export AWS_ACCESS_KEY_ID={}", home.access_key_id);
    println!("export AWS_SECRET_ACCESS_KEY={}", home.secret_access_key);
    tokio::signal::ctrl_c().await?;
    aws.shutdown().await;
    Ok(())
}
