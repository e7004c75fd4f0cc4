//! `inspect`.
