//! Every call, page and server function as each role: what is described and stands in no row fails.

#[expect(dead_code, reason = "restores are other tests' subject")]
mod support;

use std::collections::{BTreeMap, BTreeSet};

use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use support::{Server, answer};

/// The least role that a call is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Needs {
    Customer,
    Viewer,
    Operator,
}
use Needs::{Customer, Operator, Viewer};

/// Every call of the API, as its description names it.
const CALLS: &[(&str, Needs)] = &[
    ("GET /about", Viewer),
    ("GET /access", Viewer),
    ("GET /portal", Customer),
    ("GET /portal/databases/{database}", Customer),
    (
        "GET /portal/databases/{database}/backups/{backup}/copies/{region}/evidence",
        Customer,
    ),
    ("GET /sources", Viewer),
    ("GET /sources.csv", Viewer),
    ("GET /sources/{source}", Viewer),
    ("GET /sources/{source}/timings", Viewer),
    ("GET /sources/{source}/lifecycle", Viewer),
    ("GET /sources/{source}/compliance", Viewer),
    ("GET /sources/{source}/compliance.csv", Viewer),
    ("GET /recovery-points", Viewer),
    ("GET /recovery-points.csv", Viewer),
    ("GET /recovery-points/{id}", Viewer),
    ("POST /recovery-points/{id}/verify", Operator),
    ("POST /recovery-points/{id}/export", Operator),
    ("POST /recovery-points/{id}/export/cancel", Operator),
    ("POST /recovery-points/{id}/repair", Operator),
    ("POST /recovery-points/{id}/thaw", Operator),
    ("GET /recovery-points/{id}/copies/{region}/thaw", Viewer),
    ("GET /recovery-points/{id}/copies/{region}/evidence", Viewer),
    ("GET /recovery-points/{id}/draft", Operator),
    ("GET /policies", Viewer),
    ("GET /policies/{source}", Viewer),
    ("GET /policy-changes", Viewer),
    ("POST /policy-changes", Operator),
    ("GET /resources", Viewer),
    ("POST /plans", Operator),
    ("POST /restores", Operator),
    ("GET /restores", Viewer),
    ("GET /restores/{id}", Viewer),
    ("GET /restores/{id}/plan", Viewer),
    ("GET /restores/{id}/schema", Viewer),
    ("POST /restores/{id}/cancel", Operator),
    ("POST /restores/{id}/pause", Operator),
    ("POST /restores/{id}/resume", Operator),
    ("GET /restores/{id}/events", Viewer),
    ("GET /audit", Viewer),
];

/// The server functions that a customer may call.
const OPEN_FUNCTIONS: [&str; 1] = ["theme"];

/// What is nowhere in the demo.
const NOBODYS: &str = "nobodys";
/// The customer's database, and the one that is not.
const OWN: &str = "tvshows";
const FOREIGN: &str = "securecart";

#[tokio::test]
async fn everybody_reaches_what_the_table_says_and_customers_nothing_foreign() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    every_call_stands_in_the_table(&server).await;
    strangers_and_customers_are_refused_everything_else(&server).await;
    viewers_change_nothing(&server).await;
    customers_read_their_own(&server).await;
    foreign_and_missing_are_the_same(&server).await;
    pages_lead_customers_to_the_portal(&server).await;
    server_functions_refuse_customers(&server).await;
    readers_see_who_may_come_in_and_what_is_reached(&server).await;
    server.kill().await;
}

async fn every_call_stands_in_the_table(server: &Server) {
    let api = support::json(server.anonymous(Method::GET, "/api/v1/openapi.json")).await;
    let described: BTreeSet<String> = api["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().keys();
            methods.map(move |method| format!("{} {path}", method.to_uppercase()))
        })
        .collect();
    let listed: BTreeSet<String> = CALLS.iter().map(|(call, _)| (*call).to_owned()).collect();
    assert_eq!(
        described, listed,
        "calls that are described, and those of the table"
    );
}

/// Method and path of a call, on ids that name nothing.
fn call(call: &str) -> (Method, String) {
    let (method, path) = call.split_once(' ').unwrap();
    let path = path
        .replace(
            "{id}",
            if path.starts_with("/restores") {
                "r-00000000"
            } else {
                NOBODYS
            },
        )
        .replace("{source}", NOBODYS)
        .replace("{database}", NOBODYS)
        .replace("{backup}", NOBODYS)
        .replace("{region}", "us-west-2");
    let query = if path.ends_with("/draft") {
        "?region=us-west-2"
    } else {
        ""
    };
    (method.parse().unwrap(), format!("/api/v1{path}{query}"))
}

/// With what a changing call needs to be understood.
async fn with_body(server: &Server, request: RequestBuilder, call: &str) -> RequestBuilder {
    match call {
        "POST /plans" | "POST /restores" => request.json(&server.restore_request("us-west-2", "never").await),
        "POST /policy-changes" => request.json(&json!({ "digest": "0" })),
        _ if call.ends_with("/thaw") => {
            request.json(&json!({ "region": "us-west-2", "tier": "bulk", "days": 1 }))
        }
        _ => request,
    }
}

async fn strangers_and_customers_are_refused_everything_else(server: &Server) {
    for (name, needs) in CALLS {
        let (method, path) = call(name);
        let stranger = answer(server.anonymous(method.clone(), &path)).await;
        assert_eq!(stranger.status(), StatusCode::UNAUTHORIZED, "{name}");
        let request = customer(server, method, &path);
        let answer = answer(with_body(server, request, name).await).await;
        if *needs == Customer {
            let allowed = [StatusCode::OK, StatusCode::NOT_FOUND];
            assert!(allowed.contains(&answer.status()), "{name}: {}", answer.status());
            continue;
        }
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{name}");
        assert_eq!(
            answer.json::<Value>().await.unwrap()["code"],
            "forbidden",
            "{name}"
        );
    }
    let audit = server.get("/audit?limit=200").await;
    let refused = audit["items"].as_array().unwrap().iter().filter(|entry| {
        entry["phase"] == "refused"
            && entry["actor"]["role"] == "customer"
            && entry["subject"] == "/api/v1/restores"
    });
    assert_eq!(refused.count(), 1, "what a customer tried to change: {audit:#}");
}

async fn viewers_change_nothing(server: &Server) {
    for (name, needs) in CALLS {
        let (method, path) = call(name);
        let request = server.viewer(method, &path);
        let answer = answer(with_body(server, request, name).await).await;
        let is_refused = answer.status() == StatusCode::FORBIDDEN;
        assert_eq!(is_refused, *needs == Operator, "{name}: {}", answer.status());
        assert_ne!(answer.status(), StatusCode::UNAUTHORIZED, "{name}");
    }
}

/// A request of the token of the customer who owns [`OWN`].
fn customer(server: &Server, method: Method, path: &str) -> RequestBuilder {
    let token = server.demo["customer_token"].as_str().unwrap();
    server.anonymous(method, path).bearer_auth(token)
}

/// What a customer is told at `path`.
async fn told(server: &Server, path: &str) -> (StatusCode, String) {
    let answer = answer(customer(server, Method::GET, path)).await;
    (answer.status(), answer.text().await.unwrap())
}

async fn customers_read_their_own(server: &Server) {
    let (status, text) = told(server, "/api/v1/portal").await;
    assert_eq!(status, StatusCode::OK, "{text}");
    assert!(!text.contains(FOREIGN), "{text}");
    let page: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
    assert_eq!(page["items"][0]["id"], OWN);
    let own = format!("/api/v1/portal/databases/{OWN}");
    let (status, text) = told(server, &own).await;
    assert_eq!(status, StatusCode::OK, "{text}");
    assert!(!text.contains(FOREIGN), "{text}");
    let details: Value = serde_json::from_str(&text).unwrap();
    let (backup, region) = details["backups"]
        .as_array()
        .unwrap()
        .iter()
        .find_map(|backup| {
            let copies = backup["copies"].as_array().unwrap();
            let copy = copies.iter().find(|copy| copy["has_evidence"] == true)?;
            Some((
                backup["id"].as_str().unwrap(),
                copy["place"]["region"].as_str().unwrap(),
            ))
        })
        .unwrap_or_else(|| panic!("no evidence: {details:#}"));
    let (status, text) = told(
        server,
        &format!("{own}/backups/{backup}/copies/{region}/evidence"),
    )
    .await;
    assert_eq!(status, StatusCode::OK);
    let manifest: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(manifest["recovery_point"], backup);
    assert_eq!(manifest["sha256"].as_str().unwrap().len(), 64);
    // The scope is a customer's alone: who reads everything sees both.
    let all = support::json(server.viewer(Method::GET, "/api/v1/portal")).await;
    assert_eq!(all["items"].as_array().unwrap().len(), 2);
}

async fn foreign_and_missing_are_the_same(server: &Server) {
    let points = server.get(&format!("/recovery-points?source={FOREIGN}")).await;
    let foreign = points["items"][0]["id"].as_str().unwrap().to_owned();
    let base = "/api/v1/portal/databases";
    let evidence = "copies/us-west-2/evidence";
    let pairs = [
        (format!("{base}/{FOREIGN}"), format!("{base}/{NOBODYS}")),
        (
            format!("{base}/{FOREIGN}/backups/{foreign}/{evidence}"),
            format!("{base}/{NOBODYS}/backups/{foreign}/{evidence}"),
        ),
        (
            format!("{base}/{OWN}/backups/{foreign}/{evidence}"),
            format!("{base}/{OWN}/backups/{NOBODYS}/{evidence}"),
        ),
    ];
    for (theirs, missing) in pairs {
        let mut told_of = BTreeMap::new();
        for path in [&theirs, &missing] {
            let (status, text) = told(server, path).await;
            assert_eq!(status, StatusCode::NOT_FOUND, "{path}: {text}");
            let mut problem: Value = serde_json::from_str(&text).unwrap();
            problem["request_id"] = Value::Null;
            let text = problem.to_string();
            let text = text
                .replace(&foreign, "X")
                .replace(FOREIGN, "X")
                .replace(NOBODYS, "X");
            told_of.insert(text, path);
        }
        assert_eq!(told_of.len(), 1, "{told_of:#?}");
    }
}

/// What stands between `before` and the next quote in the files of a folder of the app.
fn named_in_app(folder: &str, before: &str) -> BTreeSet<String> {
    let root = format!("{}/../app/src/{folder}", env!("CARGO_MANIFEST_DIR"));
    let files = std::fs::read_dir(root).unwrap();
    let texts = files.filter_map(|file| std::fs::read_to_string(file.unwrap().path()).ok());
    texts
        .flat_map(|text| {
            let parts: Vec<String> = text
                .split(before)
                .skip(1)
                .map(|part| part.split('"').next().unwrap().to_owned())
                .collect();
            parts
        })
        .collect()
}

async fn signed_in(server: &Server, role: &str) -> String {
    let users = server.demo["users"].as_array().unwrap();
    let user = users.iter().find(|user| user["role"] == role).unwrap();
    let (name, password) = (user["name"].as_str().unwrap(), user["password"].as_str().unwrap());
    let request = server
        .anonymous(Method::POST, "/sign-in")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("name={name}&password={password}"));
    let answer = answer(request).await;
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

async fn pages_lead_customers_to_the_portal(server: &Server) {
    let cookie = signed_in(server, "customer").await;
    let routes = named_in_app("", "path!(\"");
    assert!(routes.len() > 10, "{routes:?}");
    for route in routes.iter().map(String::as_str).chain(["/no/such/page"]) {
        let path = route.replace(":database", OWN).replace(":id", NOBODYS);
        let request = server.anonymous(Method::GET, &path).header("cookie", &cookie);
        let answer = answer(request.header("accept", "text/html")).await;
        if route.starts_with("/portal") || route == "/sign-in" {
            assert_eq!(answer.status(), StatusCode::OK, "{route}");
            let text = answer.text().await.unwrap();
            assert!(!text.contains(FOREIGN), "{route}");
            continue;
        }
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{route}");
        assert_eq!(answer.headers()["location"], "/portal", "{route}");
    }
    for name in [FOREIGN, NOBODYS] {
        let path = format!("/portal/databases/{name}");
        let answer = answer(server.anonymous(Method::GET, &path).header("cookie", &cookie)).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
    }
}

async fn server_functions_refuse_customers(server: &Server) {
    let cookie = signed_in(server, "customer").await;
    let functions = named_in_app("api", "endpoint = \"");
    assert!(functions.len() > 8, "{functions:?}");
    for function in &functions {
        let request = server
            .anonymous(Method::POST, &format!("/ui/{function}"))
            .header("cookie", &cookie)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!("database={FOREIGN}&theme=dark"));
        let answer = answer(request).await;
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(
            !text.replace(&format!("Database {FOREIGN}"), "").contains(FOREIGN),
            "{text}"
        );
        let is_open = OPEN_FUNCTIONS.contains(&function.as_str());
        assert_eq!(
            status != StatusCode::FORBIDDEN,
            is_open,
            "{function}: {status} {text}"
        );
    }
}

async fn readers_see_who_may_come_in_and_what_is_reached(server: &Server) {
    let access = support::json(server.viewer(Method::GET, "/api/v1/access")).await;
    let entries = access["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 6, "three people with a token each: {access:#}");
    let customer = entries.iter().find(|entry| entry["name"] == "customer").unwrap();
    assert_eq!(customer["sources"], json!([OWN]));
    assert!(customer["signed_in_at"].is_string(), "{customer:#}");
    let text = access.to_string();
    for user in server.demo["users"].as_array().unwrap() {
        assert!(!text.contains(user["password"].as_str().unwrap()));
    }
    assert!(!text.contains("argon2"), "{text}");

    let about = support::json(server.viewer(Method::GET, "/api/v1/about")).await;
    let seen = about["dependencies"].as_array().unwrap();
    for (service, region) in [
        ("DynamoDB", "us-east-1"),
        ("S3", "eu-west-1"),
        ("Backup", "us-east-1"),
    ] {
        let of = seen
            .iter()
            .find(|seen| seen["service"] == service && seen["region"] == region)
            .unwrap_or_else(|| panic!("{service} in {region}: {about:#}"));
        assert!(of["last_success"].is_string(), "{of:#}");
        assert!(of["failing_since"].is_null(), "{of:#}");
    }
    assert_eq!(about["regions"].as_array().unwrap().len(), 3);
    let cookie = signed_in(server, "viewer").await;
    for path in ["/access", "/settings"] {
        let answer = answer(server.anonymous(Method::GET, path).header("cookie", &cookie)).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
    }
}
