//! `cfsign completions`: what a shell needs to complete commands, flags and file names.

use clap::{Arg, Args, Command, CommandFactory, ValueHint};
use clap_complete::Shell;

use crate::cli::Cli;
use crate::cli::stdout::print;

#[derive(Args)]
#[command(arg_required_else_help = true, after_help = EXAMPLES)]
pub struct CompletionsCommand {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

const EXAMPLES: &str = "\
Examples:
  cfsign completions bash > ~/.local/share/bash-completion/completions/cfsign
  cfsign completions zsh > ~/.zfunc/_cfsign
  cfsign completions fish > ~/.config/fish/completions/cfsign.fish";

impl CompletionsCommand {
    pub fn run(self) -> anyhow::Result<()> {
        let mut script = Vec::new();
        // Commands get their arguments only when they are built.
        let mut command = Cli::command();
        command.build();
        clap_complete::generate(self.shell, &mut hinted(command), "cfsign", &mut script);
        print(&String::from_utf8(script)?)
    }
}

/// The command with files completed where an argument names one, and nowhere else.
fn hinted(command: Command) -> Command {
    command.mut_args(with_hint).mut_subcommands(hinted)
}

/// The name of a value says what it is; where it does not, the argument's own hint counts.
fn with_hint(argument: Arg) -> Arg {
    if !argument.get_action().takes_values() {
        return argument;
    }
    let name = argument
        .get_value_names()
        .and_then(<[_]>::first)
        .map_or("", |name| name.as_str());
    let hint = match (name, argument.get_value_hint()) {
        ("FILE" | "SOURCE" | "[ID=]SOURCE", _) => ValueHint::FilePath,
        ("DIR", _) => ValueHint::DirPath,
        (_, ValueHint::Unknown) => ValueHint::Other,
        (_, own) => own,
    };
    argument.value_hint(hint)
}
