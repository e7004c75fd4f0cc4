//! The embedded cloud through the AWS SDK, as every user of it sees it.

mod clients;
mod dynamodb;
mod imports;
mod objects;
mod other_accounts;
mod refusals;
mod replication;
mod restart;
