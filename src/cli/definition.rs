//! The commands and flags of the command line, found by their names.

use std::ffi::OsString;

use clap::{Arg, Command};

/// The command that the words name.
pub fn command_in<'a>(
    cfsign: &'a Command,
    words: impl Iterator<Item = &'a OsString>,
) -> &'a Command {
    let mut command = cfsign;
    for word in words.skip(1).filter(|word| *word != "help") {
        command = command.find_subcommand(word).unwrap_or(command);
    }
    command
}

/// The flag of a command by its name without hyphens, long or short.
pub fn flag_of<'a>(command: &'a Command, name: &str) -> Option<&'a Arg> {
    command.get_arguments().find(|argument| {
        let short = argument.get_short().map(String::from);
        let aliases = argument.get_all_aliases().unwrap_or_default();
        argument.get_long() == Some(name)
            || short.as_deref() == Some(name)
            || aliases.contains(&name)
    })
}

/// The flag that has `value` among its possible values.
pub fn with_value<'a>(command: &'a Command, value: &str) -> Option<&'a str> {
    let flag = command.get_arguments().find(|argument| {
        let mut values = argument.get_possible_values().into_iter();
        argument.get_long().is_some() && values.any(|possible| possible.matches(value, true))
    });
    flag?.get_long()
}

/// All commands that do something, from the top down.
pub fn commands(parent: &Command) -> Vec<&Command> {
    let mut found = Vec::new();
    for command in parent.get_subcommands() {
        if !command.is_hide_set() && command.get_name() != "help" {
            found.push(command);
            found.extend(commands(command));
        }
    }
    found
}

pub fn help(command: &Command) -> String {
    format!("{} --help", name_of(command))
}

pub fn name_of(command: &Command) -> &str {
    command.get_bin_name().unwrap_or(command.get_name())
}
