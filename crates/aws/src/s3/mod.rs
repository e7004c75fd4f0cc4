//! S3: objects, ranges, listings, attributes, replication status.
