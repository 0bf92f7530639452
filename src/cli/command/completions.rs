//! `cfsign completions`: shell completion scripts for commands, flags and file names.

use clap::{Arg, Args, Command, ValueHint};
use clap_complete::Shell;

#[derive(Args)]
#[command(arg_required_else_help = true, after_help = EXAMPLES)]
pub struct CompletionsCommand {
    /// Shell: bash, elvish, fish, powershell or zsh
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

const EXAMPLES: &str = "\
Examples:
  cfsign completions bash > ~/.local/share/bash-completion/completions/cfsign
  cfsign completions zsh > ~/.zfunc/_cfsign  # with fpath+=~/.zfunc in .zshrc
  cfsign completions fish > ~/.config/fish/completions/cfsign.fish";

impl CompletionsCommand {
    /// The script for `cfsign`, the whole command.
    pub fn run(self, cfsign: Command) -> anyhow::Result<String> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut hinted(cfsign), "cfsign", &mut script);
        Ok(String::from_utf8(script)?)
    }
}

/// Adds file completion to the arguments that name files, and to no others.
fn hinted(command: Command) -> Command {
    command.mut_args(with_hint).mut_subcommands(hinted)
}

/// Derives the hint from the name of the value, if the argument has no hint.
fn with_hint(argument: Arg) -> Arg {
    if !argument.get_action().takes_values() {
        return argument;
    }
    let names = argument.get_value_names().unwrap_or_default();
    let hint = match names.first().map_or("", |name| name.as_str()) {
        "FILE" | "SOURCE" | "[ID=]SOURCE" => ValueHint::FilePath,
        "DIR" => ValueHint::DirPath,
        _ => ValueHint::Other,
    };
    argument.value_hint(hint)
}
