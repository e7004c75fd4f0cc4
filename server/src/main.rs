//! The server and CLI of AWS Data Restore
fn main() {}
