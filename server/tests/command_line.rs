//! Commands that are written wrongly or cannot be done: the exit status, the message, and nothing on the wrong stream.

use std::process::{Command, Output};

use serde_json::Value;

fn run(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    Command::new(env!("CARGO_BIN_EXE_data-restore"))
        .args(arguments)
        .env_clear()
        .env("HOME", folder.path())
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .envs(variables.iter().copied())
        .current_dir(folder.path())
        .output()
        .unwrap()
}

/// The same failure as text and as JSON: exit status, message and hint.
fn check(arguments: &[&str], exit: i32, words: &[&str]) {
    check_with(arguments, &[], exit, words);
}

fn check_with(arguments: &[&str], variables: &[(&str, &str)], exit: i32, words: &[&str]) {
    let text = run(arguments, variables);
    let said = String::from_utf8_lossy(&text.stderr);
    assert_eq!(text.status.code(), Some(exit), "{arguments:?}: {said}");
    assert!(text.stdout.is_empty(), "{arguments:?} wrote to stdout");
    for word in words {
        assert!(
            said.contains(word),
            "{arguments:?}: {word:?} is not said in: {said}"
        );
    }
    assert!(!said.contains('\u{1b}'), "no colours where there is no terminal");

    let json = run(&[arguments, &["--json"]].concat(), variables);
    assert_eq!(json.status.code(), Some(exit), "{arguments:?} --json");
    let document: Value = serde_json::from_slice(&json.stdout).unwrap_or_else(|error| {
        panic!(
            "{arguments:?} --json: {error}: {}",
            String::from_utf8_lossy(&json.stdout)
        )
    });
    assert!(document["error"]["message"].is_string(), "{document:#}");
    assert!(
        document["error"]["hint"].is_string(),
        "{arguments:?} has no hint: {document:#}"
    );
}

const COPY: &str = "s3://backups/exports/tvshows-20261120t080000z-3f9a2c";

#[test]
fn what_is_written_wrongly_is_said_and_answers_2() {
    check(&["restor"], 2, &["restor"]);
    check(&["inspect"], 2, &["S3_URI"]);
    check(
        &["inspect", "backups/x", "--region", "us-east-1"],
        2,
        &["s3://BUCKET"],
    );
    check(&["inspect", COPY], 2, &["--region"]);
    check(&["inspect", COPY, "--region", "US East"], 2, &["Region"]);
    check(&["plan", COPY, "--region", "us-east-1"], 2, &["--table"]);
    check(
        &["plan", COPY, "--region", "us-east-1", "--table", "shows"],
        2,
        &["DB.TABLE"],
    );
    check(
        &[
            "plan", COPY, "--region", "us-east-1", "--table", "a.b=one:id", "--table", "a.c=one:id",
        ],
        2,
        &["Two tables have the target one"],
    );
    check(
        &[
            "plan", COPY, "--region", "us-east-1", "--table", "a.b=one:id", "--provisioned", "many",
        ],
        2,
        &["READ_UNITS:WRITE_UNITS"],
    );
    check(
        &["restore", "--plan", "p.json", "--table", "a.b=one:id"],
        2,
        &["--plan"],
    );
    check(&["serve", "--backup-every", "5m"], 2, &["--local"]);
    check(&["serve", "--local", "--backup-every", "often"], 2, &["5m"]);
    check(&["serve", "--local", "--mysql", "http://x/y"], 2, &["mysql://"]);
    check(&["plan", COPY, "--server", "example.com"], 2, &["http"]);
    check(
        &["plan", COPY, "--server", "https://example.com"],
        2,
        &["DATA_RESTORE_TOKEN"],
    );
}

#[test]
fn what_cannot_be_done_is_said_and_answers_1() {
    check(&["serve"], 1, &["data-restore.toml", "--local"]);
    check(&["serve", "--config", "none.toml"], 1, &["none.toml"]);
    check(&["restore", "--plan", "none.json"], 1, &["none.json"]);
    check(&["prove", "--plan", "none.json"], 1, &["none.json"]);
    check(&["audit", "verify", "none.json"], 1, &["none.json"]);
    let nowhere = [
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:9"),
        ("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
    ];
    let inspect = ["inspect", COPY, "--region", "us-east-1"];
    check_with(&inspect, &nowhere, 1, &["backups", "AWS_ENDPOINT_URL"]);
}

#[test]
fn a_wrong_configuration_is_said_with_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data-restore.toml");
    std::fs::write(&path, "[server]\nlisten = 5\n").unwrap();
    check(
        &["serve", "--config", path.to_str().unwrap()],
        1,
        &["data-restore.toml", "listen"],
    );
}

#[test]
fn answers_go_to_stdout() {
    for arguments in [
        &["--help"][..],
        &["restore", "--help"],
        &["--version"],
        &["completions", "bash"],
        &["completions", "fish"],
        &["man"],
        &["man", "restore"],
        &["new-token"],
    ] {
        let answer = run(arguments, &[]);
        assert!(answer.status.success(), "{arguments:?}");
        assert!(!answer.stdout.is_empty(), "{arguments:?} answered nothing");
        assert!(answer.stderr.is_empty(), "{arguments:?}");
    }
    let token = run(&["new-token", "--json"], &[]);
    let token: Value = serde_json::from_slice(&token.stdout).unwrap();
    assert!(token["token"].as_str().unwrap().starts_with("drt_"));
}

#[test]
fn a_password_is_read_from_stdin_and_never_repeated() {
    use std::io::Write;
    use std::process::Stdio;
    let mut child = Command::new(env!("CARGO_BIN_EXE_data-restore"))
        .args(["hash-password"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(b"correct horse battery staple\n")
        .unwrap();
    let answer = child.wait_with_output().unwrap();
    let hash = String::from_utf8(answer.stdout).unwrap();
    assert!(hash.starts_with("$argon2id$"), "{hash}");
    assert!(!hash.contains("horse"));
}
