//! An export that is complete and warns of single tables, from RDS's task through the pipeline to whoever is shown it.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use local_aws::database::{BuiltIn, Database};
use local_aws::rds::Instance;
use local_aws::{LocalAws, Options};
use serde_json::Value;
use tokio::process::{Child, Command};

const PROGRAM: &str = env!("CARGO_BIN_EXE_data-restore");
const HOME: &str = "us-east-1";
const BUCKET: &str = "warned-copies";
const WARNED: &str = "securecart.payments";
const WARNING: &str = "Column note holds characters that could not be converted; they were replaced.";

/// A machine that other work keeps busy makes one export in this.
const WITHIN: Duration = Duration::from_mins(2);

/// One database, one vault and one bucket, whose next export warns.
async fn aws() -> LocalAws {
    let aws = LocalAws::start(Options {
        export_duration: Duration::from_secs(1),
        ..Options::default()
    })
    .await
    .unwrap();
    let account = aws.accounts()[0].id.clone();
    let instance = Instance {
        id: "securecart".to_owned(),
        engine: "mysql".to_owned(),
        engine_version: "8.4.3".to_owned(),
        class: "db.r6g.large".to_owned(),
        database: Database::BuiltIn(BuiltIn::SecureCart),
    };
    let control = aws.control();
    control.add_instance(&account, HOME, instance).await.unwrap();
    control.backup().ensure_vault(&account, HOME, "hourly").unwrap();
    aws.s3().create_bucket(&account, HOME, BUCKET).await.unwrap();
    control
        .faults()
        .warn_of_next_export("securecart", WARNED, WARNING);
    control
        .backup()
        .back_up_now(&account, HOME, "securecart", "hourly")
        .unwrap();
    aws
}

/// The program with the embedded AWS's keys; nothing of this machine's.
fn program(folder: &Path, aws: &LocalAws) -> Command {
    let account = &aws.accounts()[0];
    let mut command = Command::new(PROGRAM);
    command
        .env_clear()
        .env("HOME", folder)
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_ENDPOINT_URL", aws.endpoint())
        .env("AWS_ACCESS_KEY_ID", &account.access_key_id)
        .env("AWS_SECRET_ACCESS_KEY", &account.secret_access_key)
        .current_dir(folder)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

/// `serve` on it, and where it answers.
fn serve(folder: &Path, aws: &LocalAws) -> (Child, String) {
    let account = &aws.accounts()[0].id;
    // Of `token`.
    let digest = "3c469e9d6c5875d37a43f353d4f88e61fcf812c66eee3457465a40b0da4153e0";
    let configuration = format!(
        r#"
[[tokens]]
name = "tests"
role = "operator"
sha256 = "{digest}"

[workflow]
control_region = "{HOME}"
control_table = "data-restore"
home_region = "{HOME}"
regions = ["{HOME}"]
accounts = ["{account}"]
prefix = "exports"
export_role_arn = "arn:aws:iam::{{account}}:role/data-restore-export"
kms_key_id = "arn:aws:kms:{{region}}:{{account}}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
reconcile_every = "500ms"

[workflow.buckets]
{HOME} = {{ name = "{BUCKET}", account = "{account}" }}

[[workflow.vaults]]
region = "{HOME}"
account = "{account}"
name = "hourly"
"#
    );
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let log = std::fs::File::create(folder.join("server.log")).unwrap();
    let process = program(folder, aws)
        .args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--data-dir"])
        .arg(folder.join("data"))
        .env("DATA_RESTORE_CONFIG_TEXT", configuration)
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .unwrap();
    (process, format!("http://127.0.0.1:{port}/api/v1"))
}

async fn get(url: &str) -> Option<Value> {
    let request = reqwest::Client::new().get(url).bearer_auth("token");
    request.send().await.ok()?.json().await.ok()
}

/// The recovery point once its copy is verified.
async fn verified(url: &str, folder: &Path) -> Value {
    let began = Instant::now();
    while began.elapsed() < WITHIN {
        if let Some(page) = get(&format!("{url}/recovery-points")).await
            && let Some(point) = page["items"].get(0)
            && point["state"] == "verified"
        {
            let id = point["id"].as_str().unwrap();
            return get(&format!("{url}/recovery-points/{id}")).await.unwrap();
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let log = std::fs::read_to_string(folder.join("server.log")).unwrap_or_default();
    panic!("nothing was verified in time\n{log}");
}

async fn command(folder: &Path, aws: &LocalAws, arguments: &[&str]) -> Value {
    let output = program(folder, aws)
        .args(arguments)
        .arg("--json")
        .output()
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let answered = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{arguments:?}: {said}{answered}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Each table that says anything, with what it says.
fn warnings(tables: &Value) -> Vec<(&str, &str)> {
    let tables = tables.as_array().unwrap();
    assert!(tables.len() > 1, "{tables:#?}");
    tables
        .iter()
        .filter_map(|table| {
            assert_eq!(table["export"]["status"], "COMPLETE");
            assert_eq!(table["skipped"], Value::Null);
            let warning = table["export"]["warning"].as_str()?;
            Some((table["name"].as_str().unwrap(), warning))
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_rds_warns_of_is_told_wherever_the_export_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let aws = aws().await;
    let (mut server, url) = serve(folder, &aws);
    let point = verified(&url, folder).await;
    assert_eq!(warnings(&point["tables"]), [(WARNED, WARNING)]);
    let steps = point["steps"].as_array().unwrap();
    let exported = steps.iter().find(|step| step["step"] == "exported").unwrap();
    assert_eq!(exported["status"], "done", "{exported:#}");
    let detail = exported["detail"].as_str().unwrap();
    assert!(detail.contains(&format!("RDS warns: {WARNING}")), "{detail}");

    let copy = format!("s3://{BUCKET}/{}", point["copies"][0]["prefix"].as_str().unwrap());
    let inspected = command(folder, &aws, &["inspect", &copy, "--region", HOME]).await;
    assert_eq!(warnings(&inspected["tables"]), [(WARNED, WARNING)]);
    server.kill().await.unwrap();
    aws.shutdown().await;
}
