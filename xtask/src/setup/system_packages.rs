//! Chromium, MariaDB and Python, by apt where this user may install; otherwise the command to run is named.

use std::process::Command;

use anyhow::Result;

use super::{Missing, chromium};
use crate::command::{self, say};
use crate::workspace::program;

/// Gets the browser, the database server and the Python that the tests run.
pub fn ensure(missing: &mut Missing) -> Result<()> {
    let mut packages = Vec::new();
    if chromium().is_none() {
        packages.push("chromium");
    }
    // The core packages bring the programs alone; `mariadb-server` would also start a service on the developer's machine.
    if program("mariadbd").is_none() || program("mariadb-install-db").is_none() {
        packages.push("mariadb-server-core");
    }
    if program("mariadb").is_none() {
        packages.push("mariadb-client-core");
    }
    if !command::succeeds(Command::new("python3").args(["-c", "import ensurepip, venv"])) {
        packages.push("python3-venv");
    }
    if packages.is_empty() {
        return Ok(());
    }
    if program("apt-get").is_none() {
        missing.note(
            "browser and conformance tests",
            format!(
                "install {} with this system's package manager",
                packages.join(" ")
            ),
        );
        return Ok(());
    }
    let by_hand = format!("sudo apt-get install {}", packages.join(" "));
    let Some(apt) = Apt::permitted()? else {
        missing.note("browser and conformance tests", by_hand);
        return Ok(());
    };
    say(format!("apt-get install {}", packages.join(" ")));
    if !apt.install(&packages) {
        // A container image has no package lists until the first update.
        apt.update();
        if !apt.install(&packages) {
            missing.note(
                "browser and conformance tests",
                format!("apt failed here; try: {by_hand}"),
            );
        }
    }
    Ok(())
}

/// apt with the right to install, as root or by a sudo that asks for no password.
struct Apt {
    through_sudo: bool,
}

impl Apt {
    fn permitted() -> Result<Option<Self>> {
        if command::output(Command::new("id").arg("-u"))?.trim() == "0" {
            return Ok(Some(Self { through_sudo: false }));
        }
        let sudo = program("sudo").is_some() && command::succeeds(Command::new("sudo").args(["-n", "true"]));
        Ok(sudo.then_some(Self { through_sudo: true }))
    }

    fn command(&self) -> Command {
        if self.through_sudo {
            let mut sudo = Command::new("sudo");
            sudo.args(["-n", "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
            return sudo;
        }
        let mut apt = Command::new("apt-get");
        apt.env("DEBIAN_FRONTEND", "noninteractive");
        apt
    }

    fn install(&self, packages: &[&str]) -> bool {
        command::succeeds(
            self.command()
                .args(["install", "--yes", "--quiet", "--no-install-recommends"])
                .args(packages),
        )
    }

    fn update(&self) {
        if !command::succeeds(self.command().args(["update", "--quiet"])) {
            say("apt-get update failed; going on with the package lists that are there");
        }
    }
}
