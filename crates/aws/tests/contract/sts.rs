//! What is promised of STS.

use aws::sts::AssumedRole;
use aws::{Cloud, CloudConfig, ErrorKind, StaticCredentials};
use recovery::ids::AccountId;

use crate::case::{Case, cases};
use crate::place::Place;

pub fn cases() -> Vec<Case> {
    cases![
        credentials_tell_whose_they_are,
        the_time_is_told,
        a_wrong_secret_is_refused,
        calls_to_another_account_are_made_by_its_role,
        a_role_that_asks_for_an_external_id_is_refused_without_it,
    ]
}

async fn credentials_tell_whose_they_are(at: &Place) {
    for region in [&at.home, &at.away] {
        for account in [None, Some(&at.account)] {
            let caller = at.cloud.caller_identity(region, account).await.unwrap();
            assert_eq!(caller.account, at.account);
            assert!(caller.arn.contains(at.account.as_str()), "{}", caller.arn);
        }
    }
}

async fn the_time_is_told(at: &Place) {
    let ahead = at.cloud.clock_ahead(&at.home).await.unwrap();
    assert!(ahead.as_secs().abs() < 60, "{ahead}");
}

async fn a_wrong_secret_is_refused(at: &Place) {
    let (endpoint, key) = at.endpoint();
    let wrong = StaticCredentials {
        secret_access_key: "not the secret".to_owned(),
        ..key.clone()
    };
    let cloud = Cloud::connect(CloudConfig {
        endpoint_url: Some(endpoint.to_owned()),
        credentials: [(at.account.clone(), wrong)].into(),
        home_account: Some(at.account.clone()),
        ..CloudConfig::default()
    })
    .await;
    let error = cloud.caller_identity(&at.home, None).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::AccessDenied, "{error}");
}

/// A door that goes to another account by a role that asks for an external id; and that account.
async fn with_role(at: &Place, external_id: Option<&str>) -> (Cloud, AccountId) {
    let other: AccountId = "444455556666".parse().unwrap();
    let name = at.name("role");
    if let Some(embedded) = at.embedded() {
        let trust = super::iam::trust(at.account.as_str());
        embedded
            .control()
            .iam()
            .ensure_role(other.as_str(), &name, &trust)
            .unwrap();
    }
    let (endpoint, key) = at.endpoint();
    let role = AssumedRole {
        account: other.clone(),
        regions: Vec::new(),
        arn: format!("arn:aws:iam::{other}:role/{name}"),
        external_id: external_id.map(str::to_owned),
    };
    let cloud = Cloud::connect(CloudConfig {
        endpoint_url: Some(endpoint.to_owned()),
        credentials: [(at.account.clone(), key.clone())].into(),
        home_account: Some(at.account.clone()),
        roles: vec![role],
        ..CloudConfig::default()
    })
    .await;
    (cloud, other)
}

async fn calls_to_another_account_are_made_by_its_role(at: &Place) {
    let (cloud, other) = with_role(at, Some("a + b=c&d")).await;
    let caller = cloud.caller_identity(&at.away, Some(&other)).await.unwrap();
    assert_eq!(caller.account, other);
    let session = format!(":assumed-role/{}/data-restore", at.name("role"));
    assert!(caller.arn.ends_with(&session), "{}", caller.arn);
    let own = cloud.caller_identity(&at.away, None).await.unwrap();
    assert_eq!(own.account, at.account);
}

async fn a_role_that_asks_for_an_external_id_is_refused_without_it(at: &Place) {
    let (cloud, other) = with_role(at, None).await;
    let error = cloud.caller_identity(&at.away, Some(&other)).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::AccessDenied, "{error}");
}
