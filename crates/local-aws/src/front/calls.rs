//! A record of the calls that were made, for whoever wants to know which permissions a program needs.
//!
//! A line of JSON for each thing that a call touches. A call that touches several is several lines; what it does to one
//! of them besides itself stands after a slash, `StartExportTask/role`. Nothing that a caller sends as content is in it.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use http::request::Parts;
use serde::Serialize;
use serde_json::Value;

use crate::control::query::Parameters;
use crate::{Account, Error};

/// The open record.
#[derive(Debug)]
pub(crate) struct Calls(Mutex<File>);

/// One line.
#[derive(Serialize)]
struct Line<'a> {
    account: &'a str,
    /// The account's role whose key signed; its root user where there is none.
    role: Option<&'a str>,
    region: &'a str,
    service: &'a str,
    operation: &'a str,
    /// An ARN, or `*` where the call is about no resource.
    resource: &'a str,
}

/// Who called which service where.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signed<'a> {
    pub(crate) account: &'a Account,
    pub(crate) region: &'a str,
    pub(crate) service: &'a str,
}

/// An operation, perhaps with what it does to this very resource, and the resource.
pub(crate) type Touched = (String, String);

impl Calls {
    /// Begins or goes on with a record.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let file = File::options()
            .create(true)
            .append(true)
            .open(path)
            .map_err(Error::folder("write the record of calls", path))?;
        Ok(Self(Mutex::new(file)))
    }

    /// Writes a call down before it is answered, whatever the answer.
    pub(crate) fn record(&self, by: Signed<'_>, touched: &[Touched]) {
        let mut lines = Vec::new();
        for (operation, resource) in touched {
            let line = Line {
                account: &by.account.id,
                role: by.account.role.as_deref(),
                region: by.region,
                service: by.service,
                operation,
                resource,
            };
            if serde_json::to_writer(&mut lines, &line).is_ok() {
                lines.push(b'\n');
            }
        }
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = file.write_all(&lines) {
            tracing::error!(%error, "a call could not be recorded");
        }
    }
}

/// What a call of a JSON or query service touches.
pub(crate) fn touched(by: Signed<'_>, parts: &Parts, body: &Bytes) -> Vec<Touched> {
    let target = parts
        .headers
        .get("x-amz-target")
        .and_then(|target| target.to_str().ok())
        .and_then(|target| target.rsplit_once('.'));
    if let Some((_, operation)) = target {
        let request: Value = serde_json::from_slice(body).unwrap_or_default();
        return match by.service {
            "dynamodb" => of_dynamodb(by, operation, &request),
            "sqs" => vec![(operation.to_owned(), arn(by, &queue(&request)))],
            "kms" => vec![(operation.to_owned(), key(by, request["KeyId"].as_str()))],
            _ => vec![(operation.to_owned(), "*".to_owned())],
        };
    }
    match by.service {
        "backup" => {
            let (operation, resource) = crate::backup::operation(parts.method.as_str(), parts.uri.path());
            let resource = match resource {
                Some(whole) if whole.starts_with("arn:") => whole,
                Some(plan) if operation.contains("Plan") || operation.contains("Selection") => {
                    arn(by, &format!("backup-plan:{plan}"))
                }
                Some(vault) => arn(by, &format!("backup-vault:{vault}")),
                None => "*".to_owned(),
            };
            let request: Value = serde_json::from_slice(body).unwrap_or_default();
            let passed = request["BackupSelection"]["IamRoleArn"].as_str();
            let passed = passed.map(|role| (format!("{operation}/role"), role.to_owned()));
            std::iter::once((operation, resource)).chain(passed).collect()
        }
        "rds" => of_rds(by, &Parameters::parse(body).unwrap_or_default()),
        "iam" => {
            let parameters = Parameters::parse(body).unwrap_or_default();
            let name = parameters.get("RoleName").unwrap_or("*");
            let role = format!("arn:aws:iam::{}:role/{name}", by.account.id);
            vec![(parameters.action().to_owned(), role)]
        }
        _ => {
            let parameters = Parameters::parse(body).unwrap_or_default();
            let about = parameters.get("RoleArn").unwrap_or("*");
            vec![(parameters.action().to_owned(), about.to_owned())]
        }
    }
}

fn of_rds(by: Signed<'_>, parameters: &Parameters) -> Vec<Touched> {
    let operation = parameters.action();
    let given = |name: &str| parameters.get(name).unwrap_or("*").to_owned();
    match operation {
        "DescribeDBInstances" => {
            let id = parameters.get("DBInstanceIdentifier").unwrap_or("*");
            vec![(operation.to_owned(), arn(by, &format!("db:{id}")))]
        }
        "DescribeDBClusters" => {
            let id = parameters.get("DBClusterIdentifier").unwrap_or("*");
            vec![(operation.to_owned(), arn(by, &format!("cluster:{id}")))]
        }
        "StartExportTask" => vec![
            (operation.to_owned(), given("SourceArn")),
            (format!("{operation}/role"), given("IamRoleArn")),
            (
                format!("{operation}/key"),
                key(Signed { service: "kms", ..by }, parameters.get("KmsKeyId")),
            ),
        ],
        _ => vec![(operation.to_owned(), "*".to_owned())],
    }
}

fn of_dynamodb(by: Signed<'_>, operation: &str, request: &Value) -> Vec<Touched> {
    let table = |name: &str| {
        if name.starts_with("arn:") {
            name.to_owned()
        } else {
            arn(by, &format!("table/{name}"))
        }
    };
    let each = |names: Vec<&str>| {
        names
            .into_iter()
            .map(|name| (operation.to_owned(), table(name)))
            .collect::<Vec<_>>()
    };
    match operation {
        "BatchGetItem" | "BatchWriteItem" => each(
            request["RequestItems"]
                .as_object()
                .map(|tables| tables.keys().map(String::as_str).collect())
                .unwrap_or_default(),
        ),
        "TransactGetItems" | "TransactWriteItems" => request["TransactItems"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_object)
            .flatten()
            .map(|(action, of)| {
                let name = of["TableName"].as_str().unwrap_or_default();
                (format!("{operation}/{action}"), table(name))
            })
            .collect(),
        "ImportTable" => {
            let source = &request["S3BucketSource"];
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            vec![
                (
                    operation.to_owned(),
                    table(&text(&request["TableCreationParameters"]["TableName"])),
                ),
                (
                    format!("{operation}/source"),
                    format!(
                        "arn:aws:s3:::{}/{}",
                        text(&source["S3Bucket"]),
                        text(&source["S3KeyPrefix"])
                    ),
                ),
            ]
        }
        "DescribeImport" => each(request["ImportArn"].as_str().into_iter().collect()),
        _ => match request["TableName"].as_str() {
            Some(name) => each(vec![name]),
            None => vec![(operation.to_owned(), "*".to_owned())],
        },
    }
}

/// `arn:aws:SERVICE:REGION:ACCOUNT:resource`.
fn arn(by: Signed<'_>, resource: &str) -> String {
    format!(
        "arn:aws:{}:{}:{}:{resource}",
        by.service, by.region, by.account.id
    )
}

fn key(by: Signed<'_>, id: Option<&str>) -> String {
    match id {
        Some(whole) if whole.starts_with("arn:") => whole.to_owned(),
        Some(alias) if alias.starts_with("alias/") => arn(by, alias),
        Some(id) => arn(by, &format!("key/{id}")),
        None => "*".to_owned(),
    }
}

fn queue(request: &Value) -> String {
    let url = request["QueueUrl"].as_str().or(request["QueueName"].as_str());
    let url = url.unwrap_or("*").trim_end_matches('/');
    url.rsplit('/').next().unwrap_or(url).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(service: &str, target: Option<&str>, body: &str, expected: &[(&str, &str)]) {
        let account = Account {
            id: "111122223333".to_owned(),
            access_key_id: "AKIA1".to_owned(),
            secret_access_key: "secret".to_owned(),
            role: None,
        };
        let by = Signed {
            account: &account,
            region: "eu-west-1",
            service,
        };
        let mut request = http::Request::post("/");
        if let Some(target) = target {
            request = request.header("x-amz-target", target);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let found = touched(by, &parts, &Bytes::copy_from_slice(body.as_bytes()));
        let found: Vec<_> = found
            .iter()
            .map(|(one, other)| (one.as_str(), other.as_str()))
            .collect();
        assert_eq!(found, expected, "{service} {target:?} {body}");
    }

    #[test]
    fn what_a_call_touches_is_read_from_it() {
        let table = "arn:aws:dynamodb:eu-west-1:111122223333:table/t";
        check(
            "dynamodb",
            Some("DynamoDB_20120810.BatchWriteItem"),
            r#"{"RequestItems":{"t":[]}}"#,
            &[("BatchWriteItem", table)],
        );
        check(
            "dynamodb",
            Some("DynamoDB_20120810.TransactWriteItems"),
            r#"{"TransactItems":[{"Put":{"TableName":"t"}},{"Delete":{"TableName":"t"}}]}"#,
            &[
                ("TransactWriteItems/Put", table),
                ("TransactWriteItems/Delete", table),
            ],
        );
        check(
            "dynamodb",
            Some("DynamoDB_20120810.ImportTable"),
            r#"{"S3BucketSource":{"S3Bucket":"b","S3KeyPrefix":"p/"},"TableCreationParameters":{"TableName":"t"}}"#,
            &[
                ("ImportTable", table),
                ("ImportTable/source", "arn:aws:s3:::b/p/"),
            ],
        );
        check(
            "sqs",
            Some("AmazonSQS.ReceiveMessage"),
            r#"{"QueueUrl":"http://127.0.0.1:4566/111122223333/events"}"#,
            &[("ReceiveMessage", "arn:aws:sqs:eu-west-1:111122223333:events")],
        );
        check(
            "rds",
            None,
            "Action=StartExportTask&SourceArn=arn%3Aaws%3Ards%3Ax&IamRoleArn=arn%3Ar&KmsKeyId=alias%2Fa",
            &[
                ("StartExportTask", "arn:aws:rds:x"),
                ("StartExportTask/role", "arn:r"),
                (
                    "StartExportTask/key",
                    "arn:aws:kms:eu-west-1:111122223333:alias/a",
                ),
            ],
        );
        check(
            "sts",
            None,
            "Action=GetCallerIdentity",
            &[("GetCallerIdentity", "*")],
        );
    }
}
