//! `policy apply`.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::Args;
use jiff::Timestamp;
use recovery::ids::SourceId;
use recovery::policy::{Applied, Change, PolicyChanges, PolicyCheck, Severity};
use serde::Serialize;
use workflow::policies::apply;

use super::super::arguments::ServerArguments;
use super::super::output::Output;
use super::super::remote::Remote;
use super::check::text;
use super::{cloud, look, settings};
use crate::config::Config;
use crate::failure::{Failure, Result};

const EXAMPLES: &str = "\
Examples:
  data-restore policy apply --diff
  data-restore policy apply tvshows
  data-restore policy apply --yes --json
  data-restore policy apply --server https://restore.example.com

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
    #[command(flatten)]
    server: ServerArguments,
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
    let answer = match arguments.server.url(config) {
        Some(url) => through_server(&Remote::new(&url)?, &arguments, output).await?,
        None => directly(&arguments, config, output).await?,
    };
    output.answer(&answer, |answer| words(answer, arguments.diff));
    Ok(ExitCode::from(u8::from(!answer.holds)))
}

/// By a server, with its credentials, under its access rules and in its audit log. It does what is shown here or nothing.
async fn through_server(remote: &Remote, arguments: &Arguments, output: &Output) -> Result<Answer> {
    let of = arguments.source.as_ref();
    let needed = remote.policy_changes(of).await?;
    if needed.changes.is_empty() || arguments.diff {
        let policies = match of {
            Some(source) => vec![remote.policy(source).await?],
            None => remote.policies().await?,
        };
        return Ok(Answer {
            holds: policies.iter().all(|policy| policy.holds),
            changes: needed.changes,
            applied: Vec::new(),
            policies,
        });
    }
    agree(&needed, arguments, output)?;
    let done = remote.apply_policies(of, &needed.digest).await?;
    Ok(Answer {
        holds: done.holds,
        changes: needed.changes,
        applied: done.applied,
        policies: done.policies,
    })
}

/// Shows what would be done, and asks unless that was answered already.
fn agree(needed: &PolicyChanges, arguments: &Arguments, output: &Output) -> Result<()> {
    for change in &needed.diff {
        output.remark(change);
    }
    if arguments.yes {
        return Ok(());
    }
    confirm(needed.changes.len(), output)
}

/// With the environment's credentials.
async fn directly(arguments: &Arguments, config: &Config, output: &Output) -> Result<Answer> {
    let settings = settings(config)?;
    let cloud = cloud().await;
    let of = arguments.source.as_ref();
    let mut policies = look(&cloud, settings, of).await?;
    let needed = PolicyChanges::of(&policies, Timestamp::now());
    let wanted = &needed.changes;
    let mut applied = Vec::new();
    if !wanted.is_empty() && !arguments.diff {
        agree(&needed, arguments, output)?;
        for change in wanted {
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
    Ok(Answer {
        holds: policies.iter().all(|policy| policy.holds),
        changes: needed.changes,
        applied,
        policies,
    })
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
