//! What the installation is and depends on, and who may come in.

use leptos::prelude::*;
use recovery::about::About;
use recovery::access::Access;

use super::Failure;

/// What the server gives pages by context: how to ask it about itself.
#[derive(Clone)]
pub struct Host {
    /// The installation as it is now.
    pub about: std::sync::Arc<dyn Fn() -> About + Send + Sync>,
    /// Everybody who may come in.
    pub access: std::sync::Arc<dyn Fn() -> Access + Send + Sync>,
}

/// The installation.
pub async fn read_about() -> Result<About, Failure> {
    super::gate::reader()?;
    Ok((host()?.about)())
}

/// Everybody who may come in.
pub async fn read_access() -> Result<Access, Failure> {
    super::gate::reader()?;
    Ok((host()?.access)())
}

fn host() -> Result<Host, Failure> {
    use_context::<Host>().ok_or_else(|| Failure::Unreachable {
        message: "The server is still starting.".to_owned(),
        hint: Some("Try again in a moment.".to_owned()),
        request_id: None,
    })
}
