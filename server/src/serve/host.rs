//! What a server process says of itself.

use jiff::Timestamp;
use recovery::about::{Server, Setting};

use crate::auth::origin::PublicUrl;
use crate::config::Config;

/// The server that runs with `config` since now.
pub fn server(config: &Config) -> Server {
    let told = |name: &str, value: Option<String>| {
        value.map(|value| Setting {
            name: format!("server.{name}"),
            value,
        })
    };
    let own = &config.server;
    let age = own.session_age_max().as_secs();
    Server {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        commit: option_env!("DATA_RESTORE_COMMIT").map(str::to_owned),
        started_at: Timestamp::now(),
        configured_in: config.place(),
        built_with: aws::sdk_versions()
            .map(|(name, version)| (name.to_owned(), version.to_owned()))
            .to_vec(),
        settings: [
            told("listen", own.listen.map(|listen| listen.to_string())),
            told("public_url", own.public_url.as_ref().map(PublicUrl::origin)),
            told(
                "data_dir",
                own.data_dir.as_ref().map(|dir| dir.display().to_string()),
            ),
            told(
                "site_root",
                own.site_root.as_ref().map(|dir| dir.display().to_string()),
            ),
            told("session_age_max", Some(format!("{age} s"))),
        ]
        .into_iter()
        .flatten()
        .collect(),
    }
}
