//! What is promised of IAM.

use aws::ErrorKind;

use crate::case::{Case, cases};
use crate::place::Place;

pub fn cases() -> Vec<Case> {
    cases![
        a_role_tells_its_arn_and_whom_it_trusts, an_absent_role_is_not_found
    ]
}

/// A trust policy with what a URL would not hold as it is.
pub fn trust(account: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{account}:root"}},"Action":"sts:AssumeRole","Condition":{{"StringEquals":{{"sts:ExternalId":"a + b=c&d"}}}}}}]}}"#
    )
}

async fn a_role_tells_its_arn_and_whom_it_trusts(at: &Place) {
    let (iam, name) = (aws_sdk_iam::Client::new(&at.sdk(&at.home).await), at.name("role"));
    iam.create_role()
        .role_name(&name)
        .path("/service-role/")
        .assume_role_policy_document(trust(at.account.as_str()))
        .send()
        .await
        .unwrap();
    // Roles are of an account, whatever Region is asked.
    for region in [&at.home, &at.away] {
        let role = at.cloud.role(region, &at.account, &name).await.unwrap();
        assert_eq!(
            role.arn,
            format!("arn:aws:iam::{}:role/service-role/{name}", at.account)
        );
        let told: serde_json::Value = serde_json::from_str(&role.trust).unwrap();
        let set: serde_json::Value = serde_json::from_str(&trust(at.account.as_str())).unwrap();
        assert_eq!(told, set);
    }
}

async fn an_absent_role_is_not_found(at: &Place) {
    let error = at
        .cloud
        .role(&at.home, &at.account, &at.name("none"))
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound, "{error}");
}
