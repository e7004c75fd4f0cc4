//! What AWS answers, as its documentation shows it, read by our adapters: forms that no emulator takes.
//!
//! Each document is the example of the page that is named beside it, with account and Region filled in.

mod backup;
mod rds;
mod s3;
mod tape;
