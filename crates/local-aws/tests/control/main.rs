//! Backup, RDS, SQS and STS of the embedded AWS through the AWS SDK, as the product calls them.

mod backups;
mod clients;
mod exports;
mod interruptions;
mod mariadb;
mod queues;
