//! DynamoDB: tables, batches, scans, conditional writes.
