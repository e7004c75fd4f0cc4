//! The product as its users have it: a process with a data folder of its own.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::Value;
use tokio::process::{Child, Command};

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_data-restore");

/// A machine that other work keeps busy makes a short history in this.
const READY_WITHIN: Duration = Duration::from_mins(3);

/// Sends a request. Whatever comes back is an answer.
pub async fn answer(request: RequestBuilder) -> Response {
    request.send().await.unwrap()
}

/// Sends a request and reads its answer as JSON.
pub async fn json(request: RequestBuilder) -> Value {
    answer(request).await.json().await.unwrap()
}

/// `serve --local` with two hours of history.
pub struct Server {
    folder: PathBuf,
    process: Child,
    /// Where it answers.
    pub url: String,
    /// `demo.json`.
    pub demo: Value,
    client: reqwest::Client,
}

impl Server {
    /// Starts it on a data folder and waits until it is ready.
    pub async fn start(folder: &Path) -> Self {
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(folder.join("server.log"))
            .unwrap();
        let data = folder.join("data");
        let process = Command::new(PROGRAM)
            .args([
                "serve", "--local", "--listen", "127.0.0.1:0", "--history-hours", "2", "--data-dir",
            ])
            .arg(&data)
            .env_clear()
            .env("HOME", folder)
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::from(log.try_clone().unwrap()))
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_mins(1))
            .build()
            .unwrap();
        let mut server = Self {
            folder: folder.to_owned(),
            process,
            url: String::new(),
            demo: Value::Null,
            client,
        };
        server.wait_until_ready().await;
        server
    }

    async fn wait_until_ready(&mut self) {
        let began = Instant::now();
        while began.elapsed() < READY_WITHIN {
            if let Ok(Some(status)) = self.process.try_wait() {
                panic!("the server ended with {status}\n{}", self.log_end());
            }
            if let Ok(json) = std::fs::read(self.folder.join("data/demo.json")) {
                self.demo = serde_json::from_slice(&json).unwrap();
                self.demo["url"].as_str().unwrap().clone_into(&mut self.url);
                let answer = self.client.get(format!("{}/readyz", self.url)).send().await;
                if answer.is_ok_and(|answer| answer.status() == StatusCode::OK) {
                    return;
                }
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the server was not ready in time\n{}", self.log_end());
    }

    /// The end of its log.
    pub fn log_end(&self) -> String {
        let log = std::fs::read_to_string(self.folder.join("server.log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }

    /// A request of nobody.
    pub fn anonymous(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url))
    }

    /// A request of the operator's token.
    pub fn operator(&self, method: Method, path: &str) -> RequestBuilder {
        let token = self.demo["operator_token"].as_str().unwrap();
        self.anonymous(method, path).bearer_auth(token)
    }

    /// A request of the viewer's token.
    pub fn viewer(&self, method: Method, path: &str) -> RequestBuilder {
        let token = self.demo["viewer_token"].as_str().unwrap();
        self.anonymous(method, path).bearer_auth(token)
    }

    /// The operator's `GET /api/v1…`.
    pub async fn get(&self, path: &str) -> Value {
        let answer = answer(self.operator(Method::GET, &format!("/api/v1{path}"))).await;
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(
            status.is_success(),
            "GET {path}: {status} {text}\n{}",
            self.log_end()
        );
        serde_json::from_str(&text).unwrap()
    }

    /// Waits until a run has ended.
    pub async fn ended(&self, run_id: &str) -> Value {
        let began = Instant::now();
        while began.elapsed() < READY_WITHIN {
            let run = self.get(&format!("/restores/{run_id}")).await;
            if !run["outcome"].is_null() {
                return run;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        panic!("{run_id} did not end\n{}", self.log_end());
    }

    /// Ends it as a crash does.
    pub async fn kill(mut self) {
        self.process.kill().await.unwrap();
    }

    /// The newest recovery point of `tvshows` whose copy in `region` is verified, as a request to restore it.
    pub async fn restore_request(&self, region: &str, target: &str) -> Value {
        let points = self.get("/recovery-points?source=tvshows").await;
        let point = points["items"]
            .as_array()
            .unwrap()
            .iter()
            .find(|point| {
                point["copies"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .any(|copy| copy["region"] == region && copy["verdict"] == "Verified")
            })
            .unwrap_or_else(|| panic!("nothing is restorable in {region}: {points:#}"));
        serde_json::json!({
            "recovery_point": point["id"],
            "region": region,
            "target_region": region,
            "tables": [{ "source": "tvshows.shows", "target": target, "partition": "id" }],
        })
    }
}
