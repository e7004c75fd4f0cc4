//! Another account's role, assumed over the wire.

use std::collections::HashMap;

use aws::s3::BucketRef;
use aws::sts::AssumedRole;
use aws::{Cloud, CloudConfig, ErrorKind, StaticCredentials};
use local_aws::{LocalAws, Options};
use recovery::dependency::{Contact, Standing};
use recovery::ids::{AccountId, Region};

const WEST: &str = "us-west-2";

struct Accounts {
    aws: LocalAws,
    home: AccountId,
    other: AccountId,
}

impl Accounts {
    /// Two accounts, of which the other has a role that trusts the first with an external id.
    async fn start() -> (Self, String) {
        let aws = LocalAws::start(Options::default()).await.unwrap();
        let [home, other] = [0, 1].map(|index| aws.accounts()[index].id.parse::<AccountId>().unwrap());
        let trust = serde_json::json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": {"AWS": format!("arn:aws:iam::{home}:root")},
            "Condition": {"StringEquals": {"sts:ExternalId": "unicorn"}},
        }]});
        let role = aws
            .control()
            .iam()
            .ensure_role(other.as_str(), "data-restore", &trust.to_string())
            .unwrap();
        (Self { aws, home, other }, role)
    }

    /// The product with the home account's key alone.
    async fn cloud(&self, roles: Vec<AssumedRole>) -> Cloud {
        let key = &self.aws.accounts()[0];
        let own = StaticCredentials {
            access_key_id: key.access_key_id.clone(),
            secret_access_key: key.secret_access_key.clone(),
        };
        Cloud::connect(CloudConfig {
            endpoint_url: Some(self.aws.endpoint().to_owned()),
            credentials: HashMap::from([(self.home.clone(), own)]),
            home_account: Some(self.home.clone()),
            roles,
            ..CloudConfig::default()
        })
        .await
    }

    fn role(&self, arn: &str, external_id: Option<&str>, regions: &[&str]) -> AssumedRole {
        AssumedRole {
            account: self.other.clone(),
            regions: regions.iter().map(|region| region.parse().unwrap()).collect(),
            arn: arn.to_owned(),
            external_id: external_id.map(str::to_owned),
        }
    }
}

fn bucket(account: &AccountId, name: &str) -> BucketRef {
    BucketRef {
        account: Some(account.clone()),
        ..BucketRef::new(WEST.parse().unwrap(), name)
    }
}

#[tokio::test]
async fn calls_to_another_account_are_made_by_its_role() {
    let (accounts, arn) = Accounts::start().await;
    let cloud = accounts
        .cloud(vec![accounts.role(&arn, Some("unicorn"), &[])])
        .await;
    let west: Region = WEST.parse().unwrap();
    let other = cloud.caller_identity(&west, Some(&accounts.other)).await.unwrap();
    assert_eq!(other.account, accounts.other);
    assert!(
        other.arn.ends_with(":assumed-role/data-restore/data-restore"),
        "{}",
        other.arn
    );
    let home = cloud.caller_identity(&west, None).await.unwrap();
    assert_eq!(home.account, accounts.home, "without a name it is home");

    let theirs = bucket(&accounts.other, "theirs");
    cloud.create_bucket(&theirs).await.unwrap();
    cloud
        .put_object(&theirs, "k", "content".into(), None)
        .await
        .unwrap();
    let content = cloud.get_object(&theirs, "k", 100).await.unwrap();
    assert_eq!(content.as_ref(), b"content");
    let as_home = bucket(&accounts.home, "theirs");
    let refused = cloud.get_object(&as_home, "k", 100).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::AccessDenied, "{refused}");

    assert_eq!(
        contact(&cloud, "STS", &accounts.home).standing(),
        Standing::Answers
    );
    assert_eq!(
        contact(&cloud, "S3", &accounts.other).standing(),
        Standing::Answers
    );
    let of_home = contact(&cloud, "S3", &accounts.home);
    assert_eq!(of_home.standing(), Standing::Refuses);
    assert_eq!(of_home.last_failure.unwrap().words, "GetObject: AccessDenied");
    let missing = cloud.get_object(&theirs, "none", 100).await.unwrap_err();
    assert_eq!(missing.kind, ErrorKind::NotFound);
    let of_other = contact(&cloud, "S3", &accounts.other);
    assert_eq!(
        of_other.standing(),
        Standing::Answers,
        "that there is none is an answer"
    );
    assert_eq!(of_other.last_failure, None);
}

/// What was seen of a service in an account.
fn contact(cloud: &Cloud, service: &str, account: &AccountId) -> Contact {
    let mut seen = cloud.contacts().into_iter();
    let meant = seen.find(|seen| seen.service == service && seen.account.as_ref() == Some(account));
    meant
        .unwrap_or_else(|| panic!("{service} was not called"))
        .contact
}

#[tokio::test]
async fn a_role_that_does_not_trust_us_is_told_by_name_and_one_of_another_region_is_not_taken() {
    let (accounts, arn) = Accounts::start().await;
    let west: Region = WEST.parse().unwrap();
    for external_id in [None, Some("horse")] {
        let cloud = accounts.cloud(vec![accounts.role(&arn, external_id, &[])]).await;
        let refused = cloud
            .caller_identity(&west, Some(&accounts.other))
            .await
            .unwrap_err();
        assert_eq!(refused.kind, ErrorKind::AccessDenied, "{refused}");
        assert!(refused.to_string().contains(&arn), "{refused}");
    }
    let elsewhere = accounts.role("arn:aws:iam::444455556666:role/none", None, &["eu-west-1"]);
    let fits = accounts.role(&arn, Some("unicorn"), &[]);
    let cloud = accounts.cloud(vec![elsewhere, fits]).await;
    let found = cloud.caller_identity(&west, Some(&accounts.other)).await.unwrap();
    assert_eq!(found.account, accounts.other);
}

#[tokio::test]
async fn an_sts_that_does_not_answer_is_unreachable_and_not_a_refusal() {
    let home: AccountId = "111122223333".parse().unwrap();
    let other: AccountId = "444455556666".parse().unwrap();
    let own = StaticCredentials {
        access_key_id: "AKIA".to_owned(),
        secret_access_key: "secret".to_owned(),
    };
    let cloud = Cloud::connect(CloudConfig {
        endpoint_url: Some("http://127.0.0.1:9".to_owned()),
        credentials: HashMap::from([(home.clone(), own)]),
        home_account: Some(home.clone()),
        roles: vec![AssumedRole {
            account: other.clone(),
            regions: Vec::new(),
            arn: format!("arn:aws:iam::{other}:role/data-restore"),
            external_id: None,
        }],
        ..CloudConfig::default()
    })
    .await;
    let unanswered = cloud
        .get_object(&bucket(&other, "theirs"), "k", 100)
        .await
        .unwrap_err();
    assert_eq!(unanswered.kind, ErrorKind::Unreachable, "{unanswered}");
    assert!(unanswered.is_transient());
    let sts = contact(&cloud, "STS", &home);
    assert_eq!(sts.standing(), Standing::Unreachable);
    assert!(sts.failing_since.is_some() && sts.last_success.is_none());
    let words = sts.last_failure.unwrap().words;
    assert!(words.starts_with("AssumeRole: "), "{words}");
}
