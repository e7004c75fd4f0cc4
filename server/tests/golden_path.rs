//! The whole line over HTTP: a recovery point becomes a proven table, and what is not allowed is refused.

mod support;

use std::collections::BTreeSet;

use reqwest::{Method, StatusCode};
use serde_json::Value;
use support::{Server, answer, json};

const REPLICA: &str = "us-west-2";

async fn text(request: reqwest::RequestBuilder) -> String {
    answer(request).await.text().await.unwrap()
}

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
            .json(&serde_json::json!({})),
    ] {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
        let problem: Value = answer.json().await.unwrap();
        assert_eq!(problem["request_id"], id.as_str());
        assert_eq!(problem["status"], 401);
    }
    let page = answer(server.anonymous(Method::GET, "/restores?state=active")).await;
    assert_eq!(page.status(), StatusCode::SEE_OTHER);
    assert_eq!(
        page.headers()["location"],
        "/sign-in?next=%2Frestores%3Fstate%3Dactive"
    );
}

async fn refuses_viewers(server: &Server) {
    let request = server.restore_request(REPLICA, "never-made").await;
    for (path, body) in [("/api/v1/plans", &request), ("/api/v1/restores", &request)] {
        let answer = answer(server.viewer(Method::POST, path).json(body)).await;
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
    let api = json(server.anonymous(Method::GET, "/api/v1/openapi.json")).await;
    let mut described = BTreeSet::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            described.insert(format!("{} {path}", method.to_uppercase()));
            let method: Method = method.to_uppercase().parse().unwrap();
            let path = format!("/api/v1{}", path.replace(['{', '}'], ""));
            let answer = answer(server.anonymous(method, &path)).await;
            assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{path}");
        }
    }
    let contract = [
        "GET /sources", "GET /sources/{source}", "GET /recovery-points", "GET /recovery-points/{id}",
        "POST /recovery-points/{id}/verify", "POST /plans", "POST /restores", "GET /restores",
        "GET /restores/{id}", "POST /restores/{id}/cancel", "POST /restores/{id}/pause",
        "POST /restores/{id}/resume", "GET /restores/{id}/events", "GET /audit",
    ];
    for call in contract {
        assert!(described.contains(call), "{call} is not described");
    }
    let unknown = answer(server.operator(Method::GET, "/api/v1/nothing")).await;
    assert_eq!(unknown.status(), StatusCode::NOT_FOUND);
    assert_eq!(unknown.json::<Value>().await.unwrap()["code"], "not_found");
    let wrong = answer(server.operator(Method::GET, "/api/v1/restores?limit=many")).await;
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

    let wrong = answer(post(form("guess", "/restores"))).await;
    assert_eq!(wrong.status(), StatusCode::SEE_OTHER);
    assert_eq!(
        wrong.headers()["location"],
        "/sign-in?error=invalid&next=%2Frestores"
    );
    assert!(wrong.headers().get("set-cookie").is_none());

    let foreign = answer(post(form(password, "/")).header("sec-fetch-site", "cross-site")).await;
    assert_eq!(
        foreign.status(),
        StatusCode::FORBIDDEN,
        "another site's form signs nobody in"
    );

    let elsewhere = answer(post(form(password, "//evil.example"))).await;
    assert_eq!(
        elsewhere.headers()["location"],
        "/",
        "nobody is led to another site"
    );

    let right = answer(post(form(password, "/restores"))).await;
    assert_eq!(right.headers()["location"], "/restores");
    let cookie = right.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
        "{cookie}"
    );
    let cookie = cookie.split(';').next().unwrap().to_owned();

    let signed_in = |method: Method, path: &str| server.anonymous(method, path).header("cookie", &cookie);
    let page = answer(signed_in(Method::GET, "/restores")).await;
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

    let missing = answer(signed_in(Method::GET, "/nowhere")).await;
    assert_eq!(missing.status(), StatusCode::NOT_FOUND);

    let foreign = answer(
        signed_in(Method::POST, "/api/v1/restores")
            .header("origin", "http://evil.example")
            .json(&serde_json::json!({})),
    )
    .await;
    assert_eq!(foreign.status(), StatusCode::FORBIDDEN);
    assert_eq!(foreign.json::<Value>().await.unwrap()["code"], "foreign_origin");

    let out = answer(signed_in(Method::POST, "/sign-out")).await;
    assert_eq!(out.headers()["location"], "/sign-in");
    let after = answer(signed_in(Method::GET, "/api/v1/sources")).await;
    assert_eq!(
        after.status(),
        StatusCode::UNAUTHORIZED,
        "the session has ended at the server"
    );
}

async fn restores(server: &Server) -> Value {
    let mut request = server.restore_request(REPLICA, "golden-shows").await;
    let planned = json(server.operator(Method::POST, "/api/v1/plans").json(&request)).await;
    assert_eq!(planned["plan"]["tables"][0]["rows"], 100_871, "{planned:#}");
    request["reason"] = serde_json::json!("the golden path");
    let started = answer(server.operator(Method::POST, "/api/v1/restores").json(&request)).await;
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
    let text = text(server.operator(Method::GET, &path)).await;
    let field = |name: &str| {
        text.lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
            .unwrap_or_else(|| panic!("no {name} in {text}"))
            .to_owned()
    };
    assert_eq!(field("event"), "run");
    let told: Value = serde_json::from_str(&field("data")).unwrap();
    assert_eq!(told["outcome"], "proven");
    let again = answer(
        server
            .operator(Method::GET, &path)
            .header("last-event-id", field("id")),
    )
    .await;
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
    altered["items"][0]["detail"] = serde_json::json!("nothing happened");
    let refused = check(&altered).await;
    assert_eq!(refused.status.code(), Some(1));
    let said: Value = serde_json::from_slice(&refused.stdout).unwrap();
    assert_eq!(said["error"]["code"], "broken_chain");
}

async fn shows_its_figures(server: &Server) {
    let text = text(server.anonymous(Method::GET, "/metrics")).await;
    assert!(
        text.contains("data_restore_runs_total{outcome=\"proven\"} 1"),
        "{text}"
    );
    assert!(text.contains("data_restore_http_requests_total{"), "{text}");
}
