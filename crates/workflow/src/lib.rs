//! Durable jobs: pipeline, runs, leases and checkpoints, the catalogue, the audit log
