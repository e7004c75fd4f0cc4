//! `completions SHELL`.

use std::io::Write;
use std::process::ExitCode;

use clap::Args;
use clap_complete::Shell;

use super::output::Output;

const EXAMPLES: &str = "\
Examples:
  data-restore completions bash > ~/.local/share/bash-completion/completions/data-restore
  data-restore completions zsh > ~/.zfunc/_data-restore
  data-restore completions fish > ~/.config/fish/completions/data-restore.fish";

#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub fn run(arguments: &Arguments, output: &Output) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(
        arguments.shell,
        &mut super::command(),
        "data-restore",
        &mut script,
    );
    super::man::print(output, "script", &script);
    std::io::stdout().flush().ok();
    ExitCode::SUCCESS
}
