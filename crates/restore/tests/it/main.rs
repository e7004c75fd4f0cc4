//! The engine against a real S3 and a real DynamoDB over HTTP: the embedded AWS.

mod added_keys;
mod bad_input;
mod circle;
mod every_finding;
mod existing;
mod export;
mod export_rows;
mod fallbacks;
mod faults;
mod faulty;
mod forms;
mod imports;
mod keys;
mod physical;
mod preflight;
mod resume;
mod round_trip;
mod world;
