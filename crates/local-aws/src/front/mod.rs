//! The one listener: reads the credential scope of each request, proves its signature and hands it to the
//! service that the scope names.

mod calls;
mod listener;
mod refusal;
mod route;
mod scope;
mod service;
mod signature;

pub(crate) use calls::{Calls, Signed};
pub(crate) use listener::Listener;
pub(crate) use refusal::Refusal;
pub(crate) use route::Front;
pub(crate) use scope::{Scope, session_token};
pub use service::Service;
