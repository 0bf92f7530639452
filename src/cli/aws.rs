//! Global options of the AWS CLI, which have no effect on signing.

use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

/// Their flags, and the name of the value if they take one.
const OPTIONS: [(&str, Option<&str>); 16] = [
    ("--profile", Some("NAME")),
    ("--region", Some("NAME")),
    ("--output", Some("FORMAT")),
    ("--endpoint-url", Some("URL")),
    ("--ca-bundle", Some("FILE")),
    ("--cli-read-timeout", Some("N")),
    ("--cli-connect-timeout", Some("N")),
    ("--cli-binary-format", Some("FORMAT")),
    ("--debug", None),
    ("--v2-debug", None),
    ("--no-verify-ssl", None),
    ("--no-paginate", None),
    ("--no-sign-request", None),
    ("--no-cli-pager", None),
    ("--cli-auto-prompt", None),
    ("--no-cli-auto-prompt", None),
];

/// The values of `--output`.
const FORMATS: [&str; 6] = ["json", "text", "table", "yaml", "yaml-stream", "off"];

/// Returns whether `flag` is one of the options, with its hyphens.
pub fn is_option(flag: &str) -> bool {
    OPTIONS.iter().any(|(option, _)| *option == flag)
}

/// Returns whether `value` is a value of `--output`.
pub fn is_format(value: &str) -> bool {
    FORMATS.contains(&value)
}

/// The options that a command line has, with their hyphens.
pub struct AwsFlags(pub Vec<&'static str>);

impl Args for AwsFlags {
    fn augment_args(command: Command) -> Command {
        command.args(OPTIONS.iter().map(|(flag, value)| {
            let option = Arg::new(*flag).long(&flag[2..]).hide(true);
            match value {
                Some(value) => option.value_name(*value),
                None => option.action(ArgAction::SetTrue),
            }
        }))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for AwsFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let is_given = |flag: &str| matches.value_source(flag) == Some(ValueSource::CommandLine);
        let flags = OPTIONS.iter().map(|(flag, _)| *flag);
        Ok(AwsFlags(flags.filter(|flag| is_given(flag)).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
