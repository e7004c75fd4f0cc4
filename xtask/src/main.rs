//! Developer commands: setup, build, demo, test, check, bench
fn main() {}
