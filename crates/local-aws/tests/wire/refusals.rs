//! Who is refused, and in which words.

use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::primitives::ByteStream;
use local_aws::{Account, LocalAws, Options};

use crate::clients::{HOME, WEST, bucket, cloud, code, config, dynamodb, s3_of};

#[tokio::test]
async fn unknown_keys_and_wrong_secrets_are_refused_by_every_protocol() {
    let aws = cloud().await;
    let home = aws.accounts()[0].clone();
    let unknown = Account {
        access_key_id: "AKIAUNKNOWN".to_owned(),
        ..home.clone()
    };
    let wrong = Account {
        secret_access_key: "wrong".to_owned(),
        ..home
    };
    let list = |account: Account| s3_of(&aws, &account, HOME).list_buckets().send();
    assert_eq!(code(list(unknown.clone()).await), "InvalidAccessKeyId");
    assert_eq!(code(list(wrong.clone()).await), "SignatureDoesNotMatch");
    for (account, expected) in [
        (unknown, "UnrecognizedClientException"),
        (wrong, "InvalidSignatureException"),
    ] {
        let client = aws_sdk_dynamodb::Client::new(&config(&aws, &account, HOME));
        let error = client.list_tables().send().await.unwrap_err();
        assert_eq!(error.as_service_error().unwrap().code(), Some(expected));
    }
    let error = dynamodb(&aws, "ap-south-1")
        .list_tables()
        .send()
        .await
        .unwrap_err();
    assert_eq!(
        error.as_service_error().unwrap().code(),
        Some("InvalidSignatureException")
    );
    aws.shutdown().await;
}

#[tokio::test]
async fn another_account_is_let_in_by_a_bucket_policy_alone() {
    let aws = cloud().await;
    let owner = bucket(&aws, WEST, "private").await;
    owner
        .put_object()
        .bucket("private")
        .key("k")
        .body(ByteStream::from_static(b"x"))
        .send()
        .await
        .unwrap();
    let stranger = s3_of(&aws, &aws.accounts()[1], WEST);
    let get = || stranger.get_object().bucket("private").key("k").send();
    assert_eq!(code(get().await), "AccessDenied");
    assert_eq!(
        code(stranger.list_objects_v2().bucket("private").send().await),
        "AccessDenied"
    );
    assert!(stranger.list_buckets().send().await.unwrap().buckets().is_empty());
    let taken = stranger
        .create_bucket()
        .bucket("private")
        .create_bucket_configuration(
            aws_sdk_s3::types::CreateBucketConfiguration::builder()
                .location_constraint(WEST.into())
                .build(),
        )
        .send()
        .await;
    assert_eq!(code(taken), "BucketAlreadyExists");
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"AWS":"{}"}},
            "Action":"s3:GetObject","Resource":"arn:aws:s3:::private/*"}}}}"#,
        aws.accounts()[1].id
    );
    owner
        .put_bucket_policy()
        .bucket("private")
        .policy(policy)
        .send()
        .await
        .unwrap();
    assert_eq!(get().await.unwrap().body.collect().await.unwrap().to_vec(), b"x");
    assert_eq!(
        code(stranger.delete_object().bucket("private").key("k").send().await),
        "AccessDenied"
    );
    aws.shutdown().await;
}

#[tokio::test]
async fn only_loopback_is_listened_on_and_a_folder_is_used_once() {
    let public = Options {
        listen: "0.0.0.0:0".parse().unwrap(),
        ..Options::default()
    };
    assert!(matches!(
        LocalAws::start(public).await,
        Err(local_aws::Error::NotLoopback(_))
    ));
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        data_dir: Some(folder.path().to_owned()),
        ..Options::default()
    };
    let first = LocalAws::start(options.clone()).await.unwrap();
    assert!(matches!(
        LocalAws::start(options).await,
        Err(local_aws::Error::InUse(_))
    ));
    first.shutdown().await;
}
