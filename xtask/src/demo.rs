//! `cargo xtask demo`: the product on the embedded AWS, with data already there.

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::build::{self, Profile};
use crate::command::{self, say};
use crate::setup;
use crate::workspace::Workspace;

/// The first start makes a day of history; that takes a minute, and longer beside a build.
const READY_WITHIN: Duration = Duration::from_mins(10);
const FIRST_PORT: u16 = 8080;
const PORTS: u16 = 20;

/// What `serve --local` writes for people and scripts.
#[derive(Deserialize)]
struct SignIns {
    url: String,
    users: Vec<User>,
}

#[derive(Deserialize)]
struct User {
    name: String,
    password: String,
    role: String,
}

/// Builds and runs the demo until it is interrupted; the exit code is the server's.
pub fn run(
    workspace: &Workspace,
    data_dir: Option<PathBuf>,
    profile: Profile,
    serve: &[String],
) -> Result<ExitCode> {
    setup::for_building(workspace)?;
    build::everything(workspace, profile, build::Cloud::Embedded)?;
    let data_dir = data_dir.unwrap_or_else(|| workspace.target.join("demo"));
    fs::create_dir_all(&data_dir).with_context(|| format!("cannot create {}", data_dir.display()))?;
    let address = free_address()?;
    let log = data_dir.join("server.log");
    // Signals are taken before the child exists, so that none can end this process and leave the child behind.
    let mut signals = Signals::new([SIGINT, SIGTERM]).context("cannot listen for signals")?;
    let mut server = start(workspace, profile, &data_dir, address, &log, serve)?;
    let pid = server.id().to_string();
    thread::spawn(move || {
        for signal in signals.forever() {
            let name = if signal == SIGINT { "-INT" } else { "-TERM" };
            command::succeeds(Command::new("kill").args([name, &pid]));
        }
    });
    say(format!("starting the server; its log is {}", log.display()));
    if let Err(error) = wait_until_ready(&mut server, address) {
        drop(server.kill());
        drop(server.wait());
        return Err(error.context(format!(
            "the server did not start; the end of its log:\n{}",
            tail(&log)
        )));
    }
    print_sign_ins(&data_dir)?;
    let status = server.wait().context("cannot wait for the server")?;
    Ok(status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .map_or(ExitCode::FAILURE, ExitCode::from))
}

fn start(
    workspace: &Workspace,
    profile: Profile,
    data_dir: &Path,
    address: SocketAddr,
    log: &Path,
    serve: &[String],
) -> Result<Child> {
    let log_file = File::create(log).with_context(|| format!("cannot create {}", log.display()))?;
    Command::new(workspace.server_binary(profile.folder()))
        .args(["serve", "--local", "--data-dir"])
        .arg(data_dir)
        .args(["--listen", &address.to_string()])
        .args(serve)
        .envs(workspace.site_environment())
        .stdin(Stdio::null())
        .stdout(log_file.try_clone().context("cannot share the log")?)
        .stderr(log_file)
        // Its own group: Ctrl-C reaches it once, through this process, and not twice.
        .process_group(0)
        .spawn()
        .context("cannot start the server")
}

fn free_address() -> Result<SocketAddr> {
    for port in FIRST_PORT..FIRST_PORT + PORTS {
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        match TcpListener::bind(address) {
            Ok(_) => return Ok(address),
            Err(error) if error.kind() == ErrorKind::AddrInUse => {}
            Err(error) => return Err(error).with_context(|| format!("cannot listen on {address}")),
        }
    }
    bail!("ports {FIRST_PORT} to {} are all taken", FIRST_PORT + PORTS - 1)
}

#[expect(
    clippy::disallowed_methods,
    reason = "xtask has no async runtime that a sleeping thread could hold up"
)]
fn wait_until_ready(server: &mut Child, address: SocketAddr) -> Result<()> {
    let started = Instant::now();
    while started.elapsed() < READY_WITHIN {
        if let Some(status) = server.try_wait().context("cannot look after the server")? {
            bail!("it ended with {status}");
        }
        if is_ready(address) {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(200));
    }
    bail!("it was not ready within {} s", READY_WITHIN.as_secs())
}

fn is_ready(address: SocketAddr) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        write!(
            stream,
            "GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
        )?;
        let mut head = [0; 12];
        stream.read_exact(&mut head)?;
        Ok(head.ends_with(b" 200"))
    };
    ask().unwrap_or(false)
}

fn print_sign_ins(data_dir: &Path) -> Result<()> {
    let file = data_dir.join("demo.json");
    let text =
        fs::read_to_string(&file).with_context(|| format!("the server wrote no {}", file.display()))?;
    let sign_ins: SignIns =
        serde_json::from_str(&text).with_context(|| format!("cannot read {}", file.display()))?;
    println!("\n  AWS Data Restore is at  {}\n", sign_ins.url);
    for user in &sign_ins.users {
        println!(
            "  sign in as {:<10} password {:<20} ({})",
            user.name, user.password, user.role
        );
    }
    println!("\n  Ctrl-C stops it; starting again goes on with the same data.\n");
    Ok(())
}

fn tail(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}
