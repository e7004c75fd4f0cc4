//! The contract: what our adapters promise to the rest of the product, on whatever AWS they are asked to speak to.
//!
//! The cases are the same everywhere. Without settings they run on the embedded AWS. `AWS_CONTRACT_PEER` and
//! `AWS_CONTRACT_ENDPOINT` name an emulator that somebody else wrote; `e2e/conformance/test_contract.py` starts those and
//! runs this very binary over them. Where one of them is known to differ from AWS, `differences.rs` says so and why.

mod backup;
mod case;
mod differences;
mod dynamodb;
mod iam;
mod kms;
mod place;
mod rds;
mod s3;
mod sqs;
mod sts;

use case::keeps;

#[tokio::test(flavor = "multi_thread")]
async fn s3() {
    keeps("s3", s3::cases()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dynamodb() {
    keeps("dynamodb", dynamodb::cases()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sqs() {
    keeps("sqs", sqs::cases()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rds() {
    keeps("rds", rds::cases()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn backup() {
    keeps("backup", backup::cases()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn kms() {
    keeps("kms", kms::cases()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn iam() {
    keeps("iam", iam::cases()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sts() {
    keeps("sts", sts::cases()).await;
}
