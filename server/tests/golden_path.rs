//! The whole line over HTTP: a recovery point becomes a proven table, and what is not allowed is refused.

mod support;

use std::collections::BTreeSet;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use support::Server;

const REPLICA: &str = "us-west-2";

#[tokio::test]
async fn a_replica_is_restored_and_proven_and_nobody_does_what_they_may_not() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    refuses_strangers(&server).await;
    refuses_viewers(&server).await;
    describes_every_call(&server).await;
    signs_in_and_out(&server).await;
    let run = restores(&server).await;
    resumes_events(&server, &run).await;
    audits(&server, &run).await;
    shows_its_figures(&server).await;
    server.kill().await;
}

async fn refuses_strangers(server: &Server) {
    for request in [
        server.anonymous(Method::GET, "/api/v1/sources"),
        server
            .anonymous(Method::GET, "/api/v1/sources")
            .bearer_auth("drt_unknown"),
        server
            .anonymous(Method::POST, "/api/v1/restores")
            .json(&json!({})),
    ] {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
        let problem: Value = answer.json().await.unwrap();
        assert_eq!(problem["request_id"], id.as_str());
        assert_eq!(problem["status"], 401);
    }
    let page = server
        .anonymous(Method::GET, "/restores?state=active")
        .send()
        .await
        .unwrap();
    assert_eq!(page.status(), StatusCode::SEE_OTHER);
    assert_eq!(
        page.headers()["location"],
        "/sign-in?next=%2Frestores%3Fstate%3Dactive"
    );
}

async fn refuses_viewers(server: &Server) {
    let request = server.restore_request(REPLICA, "never-made").await;
    for (path, body) in [("/api/v1/plans", &request), ("/api/v1/restores", &request)] {
        let answer = server.viewer(Method::POST, path).json(body).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{path}");
        assert_eq!(answer.json::<Value>().await.unwrap()["code"], "forbidden");
    }
    let audit = server.get("/audit").await;
    assert!(
        audit["items"]
            .as_array()
            .unwrap()
            .iter()
            .any(|entry| entry["phase"] == "refused" && entry["actor"]["role"] == "viewer"),
        "the refusal is audited: {audit:#}"
    );
}

/// Every described call exists, and asks who calls.
async fn describes_every_call(server: &Server) {
    let api: Value = server
        .anonymous(Method::GET, "/api/v1/openapi.json")
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let mut described = BTreeSet::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            described.insert(format!("{} {path}", method.to_uppercase()));
            let method: Method = method.to_uppercase().parse().unwrap();
            let path = format!("/api/v1{}", path.replace("{id}", "x").replace("{source}", "x"));
            let answer = server.anonymous(method, &path).send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{path}");
        }
    }
    let contract = [
        "GET /sources", "GET /sources/{source}", "GET /recovery-points", "GET /recovery-points/{id}",
        "POST /recovery-points/{id}/verify", "POST /plans", "POST /restores", "GET /restores",
        "GET /restores/{id}", "POST /restores/{id}/cancel", "GET /restores/{id}/events", "GET /audit",
    ];
    for call in contract {
        assert!(described.contains(call), "{call} is not described");
    }
    let unknown = server
        .operator(Method::GET, "/api/v1/nothing")
        .send()
        .await
        .unwrap();
    assert_eq!(unknown.status(), StatusCode::NOT_FOUND);
    assert_eq!(unknown.json::<Value>().await.unwrap()["code"], "not_found");
    let wrong = server
        .operator(Method::GET, "/api/v1/restores?limit=many")
        .send()
        .await
        .unwrap();
    assert_eq!(wrong.status(), StatusCode::BAD_REQUEST);
    assert!(
        wrong.json::<Value>().await.unwrap()["detail"]
            .as_str()
            .unwrap()
            .contains("limit")
    );
}

async fn signs_in_and_out(server: &Server) {
    let user = &server.demo["users"][0];
    let form = |password: &str, next: &str| {
        format!(
            "name={}&password={password}&next={next}",
            user["name"].as_str().unwrap_or_default()
        )
    };
    let post = |body: String| {
        server
            .anonymous(Method::POST, "/sign-in")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
    };
    let password = user["password"].as_str().unwrap();

    let wrong = post(form("guess", "/restores")).send().await.unwrap();
    assert_eq!(wrong.status(), StatusCode::SEE_OTHER);
    assert_eq!(
        wrong.headers()["location"],
        "/sign-in?error=invalid&next=%2Frestores"
    );
    assert!(wrong.headers().get("set-cookie").is_none());

    let foreign = post(form(password, "/"))
        .header("sec-fetch-site", "cross-site")
        .send()
        .await
        .unwrap();
    assert_eq!(
        foreign.status(),
        StatusCode::FORBIDDEN,
        "another site's form signs nobody in"
    );

    let elsewhere = post(form(password, "//evil.example")).send().await.unwrap();
    assert_eq!(
        elsewhere.headers()["location"],
        "/",
        "nobody is led to another site"
    );

    let right = post(form(password, "/restores")).send().await.unwrap();
    assert_eq!(right.headers()["location"], "/restores");
    let cookie = right.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
        "{cookie}"
    );
    let cookie = cookie.split(';').next().unwrap().to_owned();

    let page = server
        .anonymous(Method::GET, "/restores")
        .header("cookie", &cookie)
        .send()
        .await
        .unwrap();
    assert_eq!(page.status(), StatusCode::OK);
    let policy = page.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        policy.contains("'nonce-") && policy.contains("frame-ancestors 'none'"),
        "{policy}"
    );
    assert_eq!(page.headers()["x-content-type-options"], "nosniff");

    let missing = server
        .anonymous(Method::GET, "/nowhere")
        .header("cookie", &cookie)
        .send()
        .await
        .unwrap();
    assert_eq!(missing.status(), StatusCode::NOT_FOUND);

    let foreign = server
        .anonymous(Method::POST, "/api/v1/restores")
        .header("cookie", &cookie)
        .header("origin", "http://evil.example")
        .json(&json!({}))
        .send()
        .await
        .unwrap();
    assert_eq!(foreign.status(), StatusCode::FORBIDDEN);
    assert_eq!(foreign.json::<Value>().await.unwrap()["code"], "foreign_origin");

    let out = server
        .anonymous(Method::POST, "/sign-out")
        .header("cookie", &cookie)
        .send()
        .await
        .unwrap();
    assert_eq!(out.headers()["location"], "/sign-in");
    let after = server
        .anonymous(Method::GET, "/api/v1/sources")
        .header("cookie", &cookie)
        .send()
        .await
        .unwrap();
    assert_eq!(
        after.status(),
        StatusCode::UNAUTHORIZED,
        "the session has ended at the server"
    );
}

async fn restores(server: &Server) -> Value {
    let mut request = server.restore_request(REPLICA, "golden-shows").await;
    let planned: Value = server
        .operator(Method::POST, "/api/v1/plans")
        .json(&request)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(planned["plan"]["tables"][0]["rows"], 100_871, "{planned:#}");
    request["reason"] = json!("the golden path");
    let started = server
        .operator(Method::POST, "/api/v1/restores")
        .json(&request)
        .send()
        .await
        .unwrap();
    assert_eq!(started.status(), StatusCode::ACCEPTED);
    let started: Value = started.json().await.unwrap();
    let run = server.ended(started["run_id"].as_str().unwrap()).await;
    assert_eq!(run["outcome"], "proven", "{run:#}\n{}", server.log_end());
    let table = &run["tables"][0];
    assert_eq!(table["items_written"], 100_871);
    assert_eq!(table["digest_source"], table["digest_target"]);
    run
}

async fn resumes_events(server: &Server, run: &Value) {
    let path = format!("/api/v1/restores/{}/events", run["run_id"].as_str().unwrap());
    let text = server
        .operator(Method::GET, &path)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let field = |name: &str| {
        text.lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
            .unwrap_or_else(|| panic!("no {name} in {text}"))
            .to_owned()
    };
    assert_eq!(field("event"), "run");
    let told: Value = serde_json::from_str(&field("data")).unwrap();
    assert_eq!(told["outcome"], "proven");
    let again = server
        .operator(Method::GET, &path)
        .header("last-event-id", field("id"))
        .send()
        .await
        .unwrap();
    assert_eq!(
        again.status(),
        StatusCode::NO_CONTENT,
        "whoever knows the end is not told again"
    );
}

async fn audits(server: &Server, run: &Value) {
    let subject = run["run_id"].as_str().unwrap();
    let audit = server.get(&format!("/audit?subject={subject}")).await;
    let phases: Vec<&str> = audit["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["phase"].as_str().unwrap())
        .collect();
    assert_eq!(phases, ["succeeded", "started"], "{audit:#}");
    assert_eq!(audit["items"][1]["reason"], "the golden path");
    assert!(audit["items"][1]["request_id"].is_string());

    let whole = server.get("/audit?limit=200").await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("audit.json");
    let check = async |audit: &Value| {
        std::fs::write(&file, audit.to_string()).unwrap();
        tokio::process::Command::new(support::PROGRAM)
            .args(["audit", "verify", "--json"])
            .arg(&file)
            .output()
            .await
            .unwrap()
    };
    assert!(check(&whole).await.status.success());
    let mut altered = whole.clone();
    altered["items"][0]["detail"] = json!("nothing happened");
    let refused = check(&altered).await;
    assert_eq!(refused.status.code(), Some(1));
    let said: Value = serde_json::from_slice(&refused.stdout).unwrap();
    assert_eq!(said["error"]["code"], "broken_chain");
}

async fn shows_its_figures(server: &Server) {
    let text = server
        .anonymous(Method::GET, "/metrics")
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(
        text.contains("data_restore_runs_total{outcome=\"proven\"} 1"),
        "{text}"
    );
    assert!(text.contains("data_restore_http_requests_total{"), "{text}");
}
