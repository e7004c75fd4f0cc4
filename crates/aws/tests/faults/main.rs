//! Every operation through a door at which requests come to harm: what may be tried again is, and what may not says what to
//! do.

mod door;
mod operations;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use aws::{Cloud, CloudConfig, Error, ErrorKind, StaticCredentials};
use futures::future::join_all;
use local_aws::{LocalAws, Options};

use door::{Door, Fault};
use operations::{Operation, Place, operations};

/// How long an answer may take to begin where none comes: far less than in earnest.
const PATIENCE: Duration = Duration::from_secs(3);

/// What came of a call: nothing amiss, or the kind and code of its error.
type Outcome = Result<(), (ErrorKind, Option<String>)>;

struct Embedded {
    aws: LocalAws,
    place: Place,
}

impl Embedded {
    async fn start() -> Self {
        let aws = LocalAws::start(Options::default()).await.unwrap();
        let account = aws.accounts()[0].id.parse().unwrap();
        let cloud = connect(&aws, aws.endpoint().to_owned(), None).await;
        let place = Place::prepare(&aws, &cloud, account).await;
        Self { aws, place }
    }

    /// Calls an operation through a door.
    async fn call(&self, operation: &Operation, fault: Fault, harmed: usize) -> Result<(), Error> {
        let target = self
            .aws
            .endpoint()
            .strip_prefix("http://")
            .unwrap()
            .parse()
            .unwrap();
        let door = Door::new(target, fault, harmed).await;
        let patience = (fault == Fault::Silence).then_some(PATIENCE);
        let cloud = connect(&self.aws, door.endpoint(), patience).await;
        (operation.call)(cloud, self.place.clone()).await
    }

    /// Every operation comes to what it comes to without harm, when only its first request is harmed.
    async fn comes_through(&self, fault: Fault) {
        let calls = operations().into_iter().map(|operation| async move {
            let expected = self.settled(&operation).await;
            let result = self.call(&operation, fault, 1).await;
            (operation, expected, result)
        });
        for (operation, expected, result) in join_all(calls).await {
            if operation.tries_once {
                // Whoever writes rows decides himself what is tried again, and how fast.
                let is_told = result.as_ref().err().is_none_or(Error::is_transient);
                assert!(is_told, "{} through {fault:?}: {result:?}", operation.file);
            } else {
                assert_eq!(told(result), expected, "{} through {fault:?}", operation.file);
            }
        }
    }

    /// What comes of an operation when nothing is in the way, and it was called before.
    async fn settled(&self, operation: &Operation) -> Outcome {
        for _ in 0..2 {
            let cloud = connect(&self.aws, self.aws.endpoint().to_owned(), None).await;
            let _ = (operation.call)(cloud, self.place.clone()).await;
        }
        let cloud = connect(&self.aws, self.aws.endpoint().to_owned(), None).await;
        told((operation.call)(cloud, self.place.clone()).await)
    }
}

async fn connect(aws: &LocalAws, endpoint: String, read_timeout: Option<Duration>) -> Cloud {
    let account = &aws.accounts()[0];
    let id: recovery::ids::AccountId = account.id.parse().unwrap();
    let credentials = StaticCredentials {
        access_key_id: account.access_key_id.clone(),
        secret_access_key: account.secret_access_key.clone(),
    };
    Cloud::connect(CloudConfig {
        endpoint_url: Some(endpoint),
        credentials: [(id.clone(), credentials)].into(),
        home_account: Some(id),
        read_timeout,
        ..CloudConfig::default()
    })
    .await
}

fn told(result: Result<(), Error>) -> Outcome {
    result.map_err(|error| (error.kind, error.code))
}

#[test]
fn every_operation_is_here() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = BTreeSet::new();
    for service in ["backup", "dynamodb", "iam", "kms", "rds", "s3", "sqs", "sts"] {
        for entry in std::fs::read_dir(source.join(service)).unwrap() {
            let path = entry.unwrap().path();
            if std::fs::read_to_string(&path)
                .unwrap()
                .contains("Error::from_sdk(")
            {
                let name = path.file_stem().unwrap().to_str().unwrap();
                files.insert(format!("{service}/{name}"));
            }
        }
    }
    let here: BTreeSet<String> = operations()
        .into_iter()
        .map(|operation| operation.file.to_owned())
        .collect();
    assert_eq!(here, files);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_passes_is_tried_again() {
    let embedded = Embedded::start().await;
    for fault in [Fault::Throttled, Fault::Service, Fault::Reset] {
        embedded.comes_through(fault).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_never_comes_is_waited_for_no_longer_than_is_set() {
    let embedded = Embedded::start().await;
    embedded.comes_through(Fault::Silence).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_pass_is_told_as_what_it_is() {
    let embedded = Embedded::start().await;
    for (fault, kind) in [
        (Fault::Throttled, ErrorKind::Throttled),
        (Fault::Service, ErrorKind::Service),
        (Fault::Reset, ErrorKind::Unreachable),
    ] {
        let calls = operations().into_iter().map(|operation| {
            let embedded = &embedded;
            async move {
                let result = embedded.call(&operation, fault, usize::MAX).await;
                (operation, result)
            }
        });
        for (operation, result) in join_all(calls).await {
            let error = result.expect_err(operation.file);
            assert_eq!(error.kind, kind, "{}: {error}", operation.file);
            assert!(error.is_transient() && !error.subject.is_empty(), "{error}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_credentials_and_clocks_are_not_tried_again_and_say_what_to_do() {
    let embedded = Embedded::start().await;
    for (fault, advice) in [(Fault::Expired, "expired"), (Fault::Skewed, "clock")] {
        for operation in operations() {
            // One harm is enough, for it is not tried again; but where a HEAD is asked next.
            let harmed = if operation.is_head { 2 } else { 1 };
            let error = embedded
                .call(&operation, fault, harmed)
                .await
                .expect_err(operation.file);
            // The answer to a HEAD says no more than a status.
            if operation.is_head {
                assert!(!error.is_transient(), "{}: {error}", operation.file);
                continue;
            }
            assert_eq!(error.kind, ErrorKind::AccessDenied, "{}: {error}", operation.file);
            let hint = error.hint().unwrap();
            assert!(hint.contains(advice), "{}: {error}: {hint}", operation.file);
        }
    }
}
