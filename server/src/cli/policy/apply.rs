//! `policy apply`.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::Args;
use recovery::ids::SourceId;
use recovery::policy::{Change, PolicyCheck, Severity, changes};
use serde::Serialize;
use workflow::policies::{Applied, apply};

use super::super::output::Output;
use super::check::text;
use super::{cloud, look, settings};
use crate::config::Config;
use crate::failure::{Failure, Result};

const EXAMPLES: &str = "\
Examples:
  data-restore policy apply --diff
  data-restore policy apply tvshows
  data-restore policy apply --yes --json

Shows what it would do, asks, and does it. Vaults, plans, rules and selections are made or adopted; no recovery point,
vault, plan, rule, copy action or selection is ever removed. Exit status 1 while something contradicts a policy.";

#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Only the policy of this source
    #[arg(value_name = "SOURCE")]
    source: Option<SourceId>,
    /// Do it without asking
    #[arg(long, conflicts_with = "diff")]
    yes: bool,
    /// Show what would be done, and do nothing
    #[arg(long)]
    diff: bool,
}

/// What was done, and what is left.
#[derive(Serialize)]
struct Answer {
    /// What the policies needed.
    changes: Vec<Change>,
    /// Those that were made.
    applied: Vec<Applied>,
    /// Whether every policy holds now.
    holds: bool,
    /// The policies as they are now.
    policies: Vec<PolicyCheck>,
}

pub async fn run(arguments: Arguments, config: &Config, output: &Output) -> Result<ExitCode> {
    let settings = settings(config)?;
    let cloud = cloud().await;
    let of = arguments.source.as_ref();
    let mut policies = look(&cloud, settings, of).await?;
    let wanted = needed(&policies);
    let mut applied = Vec::new();
    if !wanted.is_empty() && !arguments.diff {
        for change in &wanted {
            output.remark(&change.to_string());
        }
        if !arguments.yes {
            confirm(wanted.len(), output)?;
        }
        for change in &wanted {
            applied.push(apply(&cloud, change).await.map_err(|error| {
                let failure = Failure::from(error);
                let message = format!(
                    "{} of {} changes were made; {}",
                    applied.len(),
                    wanted.len(),
                    failure.message
                );
                Failure { message, ..failure }.detail(&applied)
            })?);
        }
        policies = look(&cloud, settings, of).await?;
    }
    let answer = Answer {
        holds: policies.iter().all(|policy| policy.holds),
        changes: wanted,
        applied,
        policies,
    };
    output.answer(&answer, |answer| words(answer, arguments.diff));
    Ok(ExitCode::from(u8::from(!answer.holds)))
}

/// What the policies need, each change once: two policies may name one vault.
fn needed(policies: &[PolicyCheck]) -> Vec<Change> {
    let mut needed: Vec<Change> = Vec::new();
    for check in policies {
        for change in changes(&check.wanted, &check.policy.schedule, &check.held) {
            let is_known = needed.iter().any(|known| match (known, &change) {
                (Change::CreateVault(a), Change::CreateVault(b)) => {
                    (&a.region, &a.account, &a.name) == (&b.region, &b.account, &b.name)
                }
                (a, b) => a == b,
            });
            if !is_known {
                needed.push(change);
            }
        }
    }
    needed
}

/// Asks on the terminal; refuses where nobody can answer.
fn confirm(changes: usize, output: &Output) -> Result<()> {
    let what = if changes == 1 {
        "this change".to_owned()
    } else {
        format!("these {changes} changes")
    };
    let refused = |message: &str| {
        Failure::new("not_confirmed", message.to_owned())
            .hint("Look at `data-restore policy apply --diff`, then run it with --yes.")
    };
    if output.is_json() || !std::io::stdin().is_terminal() {
        return Err(refused(
            "Nothing was done: nobody could be asked whether to make the changes",
        ));
    }
    write!(std::io::stderr(), "Make {what}? Type yes: ").ok();
    let mut answer = String::new();
    std::io::stdin()
        .read_line(&mut answer)
        .map_err(|error| Failure::new("failed", format!("Reading the answer failed: {error}")))?;
    if answer.trim() == "yes" {
        Ok(())
    } else {
        Err(refused("Nothing was done: the changes were not confirmed"))
    }
}

fn words(answer: &Answer, is_diff: bool) -> String {
    let mut parts = Vec::new();
    if answer.changes.is_empty() {
        parts.push("Nothing to change.".to_owned());
    } else if is_diff {
        parts.extend(answer.changes.iter().map(ToString::to_string));
        parts.push("Nothing was done. Without --diff this is asked and done.".to_owned());
    } else {
        let there = answer.applied.iter().filter(|applied| applied.was_there).count();
        parts.push(match there {
            0 => format!("{} changes made.", answer.applied.len()),
            there => format!(
                "{} changes made, {there} of them were there already.",
                answer.applied.len()
            ),
        });
    }
    let open = answer.policies.iter().filter(|policy| {
        policy
            .findings
            .iter()
            .any(|finding| finding.severity > Severity::Remark)
    });
    parts.extend(open.map(text));
    parts.join("\n\n")
}
