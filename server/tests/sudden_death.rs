//! A server that is killed in the middle of a restore is started again, and the restore ends proven.

mod support;

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::Value;
use support::{Server, answer, json};

#[tokio::test]
async fn a_killed_restore_is_finished_by_the_next_start_and_proven() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    let endpoint = endpoint(folder.path());
    let request = server.restore_request("us-west-2", "interrupted-shows").await;
    let started = json(server.operator(Method::POST, "/api/v1/restores").json(&request)).await;
    let run_id = started["run_id"]
        .as_str()
        .unwrap_or_else(|| panic!("{started:#}"))
        .to_owned();

    let began = Instant::now();
    loop {
        let run = server.get(&format!("/restores/{run_id}")).await;
        let written = run["tables"][0]["items_written"].as_u64().unwrap();
        assert!(
            run["outcome"].is_null(),
            "it ended before it could be killed: {run:#}"
        );
        if written > 0 {
            break;
        }
        assert!(
            began.elapsed() < Duration::from_mins(2),
            "it does not begin: {run:#}"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    server.kill().await;

    let server = Server::start(folder.path()).await;
    assert_eq!(
        self::endpoint(folder.path()),
        endpoint,
        "the embedded AWS keeps its address"
    );
    let path = format!("/api/v1/restores/{run_id}");
    let seen = answer(server.viewer(Method::GET, &path)).await;
    assert!(seen.status().is_success(), "tokens and runs outlive a crash");
    let run = server.ended(&run_id).await;
    assert_eq!(run["outcome"], "proven", "{run:#}\n{}", server.log_end());
    assert_eq!(run["tables"][0]["items_written"], 100_871);
    assert!(run["resumed"].as_u64().unwrap() >= 1, "{run:#}");
}

fn endpoint(folder: &std::path::Path) -> Value {
    let json = std::fs::read(folder.join("data/local-aws.json")).unwrap();
    serde_json::from_slice::<Value>(&json).unwrap()["endpoint"].clone()
}
