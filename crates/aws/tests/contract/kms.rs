//! What is promised of KMS.

use aws::ErrorKind;
use aws_sdk_kms::types::{KeySpec, KeyUsageType};

use crate::case::{Case, cases};
use crate::place::Place;

pub fn cases() -> Vec<Case> {
    cases![
        a_key_is_found_by_every_name, a_key_that_is_switched_off_is_told, a_key_on_its_way_out_is_told,
        a_key_that_signs_does_not_encrypt, an_absent_key_is_not_found, a_key_of_another_region_is_not_found,
        the_key_of_a_service_is_of_aws,
    ]
}

async fn kms(at: &Place) -> aws_sdk_kms::Client {
    aws_sdk_kms::Client::new(&at.sdk(&at.home).await)
}

async fn a_key_is_found_by_every_name(at: &Place) {
    let kms = kms(at).await;
    let made = kms.create_key().send().await.unwrap().key_metadata.unwrap();
    let alias = format!("alias/{}", at.name("key"));
    kms.create_alias()
        .alias_name(&alias)
        .target_key_id(&made.key_id)
        .send()
        .await
        .unwrap();
    let arn = made.arn.unwrap();
    let alias_arn = format!("arn:aws:kms:{}:{}:{alias}", at.home, at.account);
    for name in [&made.key_id, &arn, &alias, &alias_arn] {
        let found = at
            .cloud
            .describe_key(&at.home, Some(&at.account), name)
            .await
            .expect(name);
        assert_eq!((&found.arn, found.state.as_str()), (&arn, "Enabled"), "{name}");
        assert!(found.encrypts && !found.is_aws_managed, "{found:?}");
    }
}

async fn a_key_that_is_switched_off_is_told(at: &Place) {
    let kms = kms(at).await;
    let made = kms.create_key().send().await.unwrap().key_metadata.unwrap();
    kms.disable_key().key_id(&made.key_id).send().await.unwrap();
    let found = at
        .cloud
        .describe_key(&at.home, Some(&at.account), &made.key_id)
        .await
        .unwrap();
    assert_eq!(found.state, "Disabled");
}

async fn a_key_on_its_way_out_is_told(at: &Place) {
    let kms = kms(at).await;
    let made = kms.create_key().send().await.unwrap().key_metadata.unwrap();
    kms.schedule_key_deletion()
        .key_id(&made.key_id)
        .pending_window_in_days(7)
        .send()
        .await
        .unwrap();
    let found = at
        .cloud
        .describe_key(&at.home, Some(&at.account), &made.key_id)
        .await
        .unwrap();
    assert_eq!(found.state, "PendingDeletion");
}

async fn a_key_that_signs_does_not_encrypt(at: &Place) {
    let made = kms(at)
        .await
        .create_key()
        .key_spec(KeySpec::EccNistP256)
        .key_usage(KeyUsageType::SignVerify)
        .send()
        .await
        .unwrap();
    let made = made.key_metadata.unwrap();
    let found = at
        .cloud
        .describe_key(&at.home, Some(&at.account), &made.key_id)
        .await
        .unwrap();
    assert!(!found.encrypts, "{found:?}");
}

async fn an_absent_key_is_not_found(at: &Place) {
    let arn = format!(
        "arn:aws:kms:{}:{}:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        at.home, at.account
    );
    for none in [
        "1234abcd-12ab-34cd-56ef-1234567890ab", "alias/contract-none", &arn,
    ] {
        let error = at
            .cloud
            .describe_key(&at.home, Some(&at.account), none)
            .await
            .expect_err(none);
        assert_eq!(error.kind, ErrorKind::NotFound, "{none}: {error}");
    }
}

async fn a_key_of_another_region_is_not_found(at: &Place) {
    let made = kms(at)
        .await
        .create_key()
        .send()
        .await
        .unwrap()
        .key_metadata
        .unwrap();
    for name in [made.key_id, made.arn.unwrap()] {
        let error = at
            .cloud
            .describe_key(&at.away, Some(&at.account), &name)
            .await
            .expect_err(&name);
        assert_eq!(error.kind, ErrorKind::NotFound, "{name}: {error}");
    }
}

async fn the_key_of_a_service_is_of_aws(at: &Place) {
    let found = at
        .cloud
        .describe_key(&at.home, Some(&at.account), "alias/aws/s3")
        .await
        .unwrap();
    assert!(found.is_aws_managed && found.encrypts, "{found:?}");
    assert_eq!(found.state, "Enabled");
}
