//! Property filters, orders and CSV over HTTP and on the command line, on a server with two hours of history.

#[expect(dead_code, reason = "restores are other tests' subject")]
mod support;

use reqwest::{Method, StatusCode};
use serde_json::Value;
use support::{Server, answer};

#[tokio::test]
async fn lists_are_filtered_sorted_and_exported() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path()).await;
    let all = points(&server, &[]).await;
    assert!(all.len() >= 4, "two hours of two sources: {}", all.len());
    filters(&server, &all).await;
    sorts(&server, &all).await;
    refuses(&server).await;
    lists_sources(&server).await;
    writes_csv(&server, &all).await;
    answers_on_the_command_line(&server).await;
    server.kill().await;
}

async fn page(server: &Server, list: &str, query: &[(&str, &str)]) -> Value {
    let request = server
        .operator(Method::GET, &format!("/api/v1/{list}"))
        .query(query);
    let answer = answer(request).await;
    assert_eq!(answer.status(), StatusCode::OK, "{query:?}: {}", server.log_end());
    answer.json().await.unwrap()
}

async fn points(server: &Server, query: &[(&str, &str)]) -> Vec<Value> {
    let mut page = page(server, "recovery-points", query).await;
    assert_eq!(page["next_cursor"], Value::Null);
    page["items"].as_array_mut().unwrap().drain(..).collect()
}

fn ids(points: &[Value]) -> Vec<&str> {
    points.iter().map(|point| point["id"].as_str().unwrap()).collect()
}

async fn filters(server: &Server, all: &[Value]) {
    let check = async |filter: &str, holds: &dyn Fn(&Value) -> bool| {
        // The pipeline goes on meanwhile.
        let all = points(server, &[]).await;
        let found = points(server, &[("filter", filter)]).await;
        let expected: Vec<Value> = all.iter().filter(|point| holds(point)).cloned().collect();
        assert_eq!(ids(&found), ids(&expected), "{filter}");
        expected.len()
    };
    let shows = |point: &Value| point["source"] == "tvshows";
    let has = |region: &str, verdict: &str, point: &Value| {
        let copies = point["copies"].as_array().unwrap();
        copies
            .iter()
            .any(|copy| copy["region"] == region && copy["verdict"] == verdict)
    };
    assert!(check("source = tvshows", &shows).await > 0);
    assert!(check("source != tvshows", &|point| !shows(point)).await > 0);
    let both = |point: &Value| shows(point) && point["state"] != "verified";
    check("source = tvshows and state != verified", &both).await;
    let verified = |point: &Value| has("us-west-2", "Verified", point);
    assert!(check("verified_in = us-west-2", &verified).await > 0);
    let other = |point: &Value| !has("us-west-2", "Verified", point) || shows(point);
    check("verified_in != us-west-2 or source : TVSHOW", &other).await;
    let newest = all[0]["created_at"].as_str().unwrap();
    let at = newest.get(..16).unwrap();
    let made = |point: &Value| point["created_at"].as_str().unwrap().starts_with(at);
    assert!(check(&format!("made = {at}Z"), &made).await > 0);
    // Tables stand apart where they are many, and are read for this.
    let large = |point: &Value| {
        let tables = point["tables"].as_array().unwrap();
        tables
            .iter()
            .map(|table| table["rows"].as_u64().unwrap())
            .sum::<u64>()
            > 50_000
    };
    check("rows > 50,000", &large).await;
    check("age > 10w", &|_| false).await;
}

async fn sorts(server: &Server, all: &[Value]) {
    let sorted = points(server, &[("sort", "made")]).await;
    let times = |points: &[Value]| -> Vec<String> {
        points
            .iter()
            .map(|point| point["created_at"].to_string())
            .collect()
    };
    let mut expected = times(all);
    expected.sort();
    assert_eq!(times(&sorted), expected);

    // Pages of one, one after the other, are the whole.
    let mut paged = Vec::new();
    let mut cursor = String::new();
    loop {
        let mut query = vec![("sort", "-size"), ("limit", "1")];
        if !cursor.is_empty() {
            query.push(("cursor", cursor.as_str()));
        }
        let page = page(server, "recovery-points", &query).await;
        paged.push(page["items"][0].clone());
        match page["next_cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    let whole = points(server, &[("sort", "-size")]).await;
    assert_eq!(ids(&paged), ids(&whole));
    assert_eq!(paged.len(), all.len());
    let size = |point: &Value| -> u64 {
        let tables = point["tables"].as_array().unwrap();
        tables.iter().map(|table| table["bytes"].as_u64().unwrap()).sum()
    };
    assert!(whole.windows(2).all(|pair| size(&pair[0]) >= size(&pair[1])));
}

async fn refuses(server: &Server) {
    for (list, name, value, code, words) in [
        (
            "recovery-points",
            "filter",
            "stat = x",
            "invalid_filter",
            "at character 1: \"stat\" is no property",
        ),
        (
            "recovery-points", "filter", "state = verifed", "invalid_filter", "possible: creating, ",
        ),
        (
            "recovery-points",
            "filter",
            "source = nosuch",
            "invalid_filter",
            "at character 10: there is no source \"nosuch\"; possible: ",
        ),
        (
            "sources", "filter", "source != nosuch", "invalid_filter", "there is no source \"nosuch\"",
        ),
        (
            "sources", "filter", "made > 2026-01-01", "invalid_filter", "\"made\" is no property of sources",
        ),
        (
            "recovery-points", "sort", "verified_in", "invalid", "cannot be sorted by \"verified_in\"",
        ),
        (
            "sources", "sort", "colour", "invalid", "sources cannot be sorted by \"colour\"",
        ),
        (
            "recovery-points.csv", "filter", "state =", "invalid_filter", "a value for state is expected",
        ),
        (
            "sources.csv", "filter", "(", "invalid_filter", "a property of sources is expected",
        ),
    ] {
        let request = server
            .operator(Method::GET, &format!("/api/v1/{list}"))
            .query(&[(name, value)]);
        let answer = answer(request).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{list} {value}");
        let problem: Value = answer.json().await.unwrap();
        assert_eq!(problem["code"], code, "{problem:#}");
        assert!(problem["detail"].as_str().unwrap().contains(words), "{problem:#}");
    }
}

async fn lists_sources(server: &Server) {
    let names = async |query: &[(&str, &str)]| -> Vec<String> {
        let page = page(server, "sources", query).await;
        let items = page["items"].as_array().unwrap();
        items
            .iter()
            .map(|source| source["id"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names(&[("filter", "source : CART")]).await, ["securecart"]);
    assert_eq!(names(&[("sort", "-source")]).await, ["tvshows", "securecart"]);
    let restorable = names(&[("filter", "restorable_in = us-west-2 and interval = 1h")]).await;
    assert!(restorable.iter().any(|name| name == "tvshows"), "{restorable:?}");
    assert!(names(&[("filter", "standing = nothing")]).await.is_empty());
}

async fn writes_csv(server: &Server, all: &[Value]) {
    let csv = async |path: &str, filter: &str| {
        let request = server.viewer(Method::GET, path).query(&[("filter", filter)]);
        let answer = answer(request).await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(
            answer.headers()["content-type"],
            "text/csv; charset=utf-8; header=present"
        );
        assert!(
            answer.headers()["content-disposition"]
                .to_str()
                .unwrap()
                .starts_with("attachment")
        );
        answer.text().await.unwrap()
    };
    let text = csv("/api/v1/recovery-points.csv", "").await;
    let lines: Vec<&str> = text.split_terminator("\r\n").collect();
    assert!(lines[0].starts_with("id,source,state,made,"));
    assert_eq!(lines.len(), all.len() + 1);
    for point in all {
        let begin = format!(
            "{},{},",
            point["id"].as_str().unwrap(),
            point["source"].as_str().unwrap()
        );
        assert!(
            lines.iter().any(|line| line.starts_with(&begin)),
            "{begin}\n{text}"
        );
    }
    let few = csv("/api/v1/recovery-points.csv", "source = tvshows").await;
    assert!(
        few.lines().skip(1).all(|line| line.contains(",tvshows,")),
        "{few}"
    );
    // As browsers ask for it: an answer that breaks off could not be read to its end.
    for encoding in ["gzip", "br"] {
        let request = server.viewer(Method::GET, "/api/v1/recovery-points.csv");
        let answer = answer(request.header("accept-encoding", encoding)).await;
        assert_eq!(answer.headers()["content-encoding"], encoding);
        assert!(answer.bytes().await.unwrap().len() > 100, "{encoding}");
    }
    let sources = csv("/api/v1/sources.csv", "source = securecart").await;
    assert!(sources.lines().count() > 2, "a line for each Region: {sources}");
}

async fn answers_on_the_command_line(server: &Server) {
    let run = async |arguments: &[&str]| {
        tokio::process::Command::new(support::PROGRAM)
            .args(arguments)
            .env(
                "DATA_RESTORE_TOKEN",
                server.demo["viewer_token"].as_str().unwrap(),
            )
            .env("DATA_RESTORE_SERVER", &server.url)
            .output()
            .await
            .unwrap()
    };
    let filter = "source = tvshows and verified_in = us-west-2";
    let found = run(&["recovery-points", "--filter", filter, "--sort", "-made", "--json"]).await;
    let page: Value = serde_json::from_slice(&found.stdout).unwrap();
    assert_eq!(page["items"][0]["source"], "tvshows", "{page:#}");
    let text = run(&["sources", "--filter", "source = tvshows"]).await;
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    assert!(text.contains("tvshows") && text.contains("us-west-2"), "{text}");
    let refused = run(&["recovery-points", "--filter", "stat = x", "--json"]).await;
    assert_eq!(refused.status.code(), Some(1));
    let said: Value = serde_json::from_slice(&refused.stdout).unwrap();
    let message = said["error"]["message"].as_str().unwrap();
    assert!(
        message.contains("at character 1: \"stat\" is no property"),
        "{message}"
    );
}
