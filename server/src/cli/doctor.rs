//! `doctor`.

use std::fmt::Write as _;
use std::process::ExitCode;

use aws::{Cloud, CloudConfig};
use clap::Args;
use workflow::doctor::{self, Report, Severity};

use super::output::Output;
use crate::config::Config;
use crate::failure::Result;
use crate::serve;

const EXAMPLES: &str = "\
Examples:
  data-restore doctor
  data-restore doctor --config /etc/data-restore.toml --json | jq '.findings[] | select(.severity == \"error\")'

It makes the calls that read and changes nothing. Run it with the server's own credentials to see what the server may not do,
and as the role of infra/cloudformation/readers.yaml to see all of the configuration. Exit status 1 when it finds an error;
warnings and notes leave it at 0.";

#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {}

pub async fn run(_: Arguments, config: &Config, output: &Output) -> Result<ExitCode> {
    let Some(settings) = &config.workflow else {
        return Err(serve::cloud::not_configured(config));
    };
    let cloud = Cloud::connect(CloudConfig::default()).await;
    let report = doctor::examine(&cloud, settings).await;
    output.answer(&report, text);
    Ok(ExitCode::from(u8::from(!report.healthy)))
}

fn text(report: &Report) -> String {
    let mut text = String::new();
    for finding in &report.findings {
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "{}: {} [{}]\n  {}.\n  Do: {}\n\n",
            finding.severity.name(),
            finding.subject,
            finding.check,
            finding.cause.trim_end_matches('.'),
            finding.fix
        );
    }
    let number = |severity: Severity| {
        let count = report.count(severity);
        format!("{count} {}{}", severity.name(), if count == 1 { "" } else { "s" })
    };
    let _ = write!(
        text,
        "{} checks as {}: {}, {}, {}.",
        report.checked.len(),
        report.examined_as.as_deref().unwrap_or("nobody"),
        number(Severity::Error),
        number(Severity::Warning),
        number(Severity::Note)
    );
    text
}
