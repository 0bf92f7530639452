//! Global options of the AWS CLI, which have no effect on signing.

use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

/// Their names, and the name of the value if they take one.
const OPTIONS: [(&str, Option<&str>); 16] = [
    ("profile", Some("NAME")),
    ("region", Some("NAME")),
    ("output", Some("FORMAT")),
    ("endpoint-url", Some("URL")),
    ("ca-bundle", Some("FILE")),
    ("cli-read-timeout", Some("N")),
    ("cli-connect-timeout", Some("N")),
    ("cli-binary-format", Some("FORMAT")),
    ("debug", None),
    ("v2-debug", None),
    ("no-verify-ssl", None),
    ("no-paginate", None),
    ("no-sign-request", None),
    ("no-cli-pager", None),
    ("cli-auto-prompt", None),
    ("no-cli-auto-prompt", None),
];

/// The values of `--output`.
const FORMATS: [&str; 6] = ["json", "text", "table", "yaml", "yaml-stream", "off"];

/// Returns whether `flag` is one of the options, with its hyphens.
pub fn is_option(flag: &str) -> bool {
    let name = flag.strip_prefix("--").unwrap_or_default();
    OPTIONS.iter().any(|(option, _)| *option == name)
}

/// Returns whether `value` is a value of `--output`.
pub fn is_format(value: &str) -> bool {
    FORMATS.contains(&value)
}

/// The options that a command line has, with their hyphens.
pub struct AwsFlags(pub Vec<String>);

impl Args for AwsFlags {
    fn augment_args(command: Command) -> Command {
        command.args(OPTIONS.iter().map(|(name, value)| {
            let option = Arg::new(*name).long(*name).hide(true);
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
        let given = |name: &str| matches.value_source(name) == Some(ValueSource::CommandLine);
        let options = OPTIONS.iter().filter(|(name, _)| given(name));
        Ok(AwsFlags(
            options.map(|(name, _)| format!("--{name}")).collect(),
        ))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
