//! `policy check`.

use std::process::ExitCode;

use clap::Args;
use jiff::Timestamp;
use recovery::ids::SourceId;
use recovery::policy::{Finding, PolicyCheck, Severity};
use serde::Serialize;

use super::super::arguments::ServerArguments;
use super::super::output::Output;
use super::super::remote::Remote;
use super::{cloud, look, settings};
use crate::config::Config;
use crate::failure::Result;

const EXAMPLES: &str = "\
Examples:
  data-restore policy check
  data-restore policy check tvshows --json
  data-restore policy check --server https://restore.example.com

Exit status 1 when something contradicts a policy, or could not be looked at.";

#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Only the policy of this source
    #[arg(value_name = "SOURCE")]
    source: Option<SourceId>,
    #[command(flatten)]
    server: ServerArguments,
}

/// What was found.
#[derive(Serialize)]
struct Answer {
    /// Whether every policy holds.
    holds: bool,
    policies: Vec<PolicyCheck>,
}

pub async fn run(arguments: Arguments, config: &Config, output: &Output) -> Result<ExitCode> {
    let policies = match (arguments.server.url(config), &arguments.source) {
        (Some(url), Some(source)) => vec![Remote::new(&url)?.policy(source).await?],
        (Some(url), None) => Remote::new(&url)?.policies().await?,
        (None, of) => look(&cloud().await, settings(config)?, of.as_ref()).await?,
    };
    let answer = Answer {
        holds: policies.iter().all(|policy| policy.holds),
        policies,
    };
    output.answer(&answer, |answer| {
        let parts: Vec<String> = answer.policies.iter().map(text).collect();
        parts.join("\n\n")
    });
    Ok(ExitCode::from(u8::from(!answer.holds)))
}

/// One policy in words.
pub(super) fn text(check: &PolicyCheck) -> String {
    let mut lines = vec![format!("Policy {}: {}", check.name, verdict(check))];
    let plan = &check.wanted.plan;
    let schedule = plan
        .rule
        .schedule
        .as_deref()
        .unwrap_or("no schedule expression says it");
    lines.push(format!(
        "  plan {} in {} ({}): every {}, {schedule}",
        plan.name,
        plan.region,
        plan.account,
        duration(check.policy.schedule.interval_seconds),
    ));
    for vault in &check.held.vaults {
        let state = match (&vault.vault, &vault.unseen) {
            (Some(there), _) => format!(
                "{} recovery points, {}",
                super::super::output::count(there.recovery_points),
                there.protection(Timestamp::now())
            ),
            (None, Some(_)) => "not seen".to_owned(),
            (None, None) => "missing".to_owned(),
        };
        lines.push(format!(
            "  vault {} in {} ({}): {state}",
            vault.name, vault.region, vault.account
        ));
    }
    lines.extend(check.findings.iter().map(finding));
    lines.join("\n")
}

fn verdict(check: &PolicyCheck) -> String {
    let count = |severity: Severity| check.findings.iter().filter(|f| f.severity == severity).count();
    match (count(Severity::Contradiction), count(Severity::Unknown)) {
        (0, 0) => "holds".to_owned(),
        (0, unknown) => format!("unknown, {unknown} not looked at"),
        (1, _) => "1 thing contradicts it".to_owned(),
        (many, _) => format!("{many} things contradict it"),
    }
}

fn finding(finding: &Finding) -> String {
    let sign = match finding.severity {
        Severity::Contradiction => "contradicts",
        Severity::Unknown => "unknown",
        Severity::Remark => "remark",
    };
    format!(
        "  {sign}: {} ({}, {}) [{}]\n    {}",
        finding.message, finding.region, finding.account, finding.code, finding.hint
    )
}

fn duration(seconds: i64) -> String {
    format!("{:#}", jiff::SignedDuration::from_secs(seconds))
}
