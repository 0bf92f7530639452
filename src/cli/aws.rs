//! Global options of the AWS CLI, which have no effect on signing.

use std::ffi::OsString;

use clap::{Arg, ArgAction};

const WITH_VALUE: &str = "--region --profile --output --endpoint-url --ca-bundle \
    --cli-read-timeout --cli-connect-timeout --cli-binary-format";

const SWITCHES: &str = "--debug --v2-debug --no-verify-ssl --no-paginate --no-sign-request \
    --no-cli-pager --cli-auto-prompt --no-cli-auto-prompt";

/// The options, hidden in the help.
pub fn options() -> Vec<Arg> {
    let option = |name: &'static str| Arg::new(name).long(&name[2..]).hide(true);
    let with_value = WITH_VALUE.split(' ').map(option);
    let switches = SWITCHES.split(' ').map(option);
    let switches = switches.map(|switch| switch.action(ArgAction::SetTrue));
    with_value.chain(switches).collect()
}

/// The options in a command line, with their hyphens.
pub fn options_in(arguments: &[OsString]) -> Vec<&'static str> {
    let options = WITH_VALUE.split(' ').chain(SWITCHES.split(' '));
    let is_given = |option: &&str| {
        let mut words = arguments.iter().filter_map(|word| word.to_str());
        words.any(|word| word.split('=').next() == Some(*option))
    };
    options.filter(is_given).collect()
}
