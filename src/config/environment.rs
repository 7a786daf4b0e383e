//! Settings that stand in the environment.
//!
//! A variable that is empty is unset, as Compose makes it of `${PAYMENTS_LIMIT:-}`. A refusal of a setting that stands in a
//! variable names the variable, and not the flag, which its author has not written.

use super::{Config, one_line};
use clap::{Arg, Command, CommandFactory, FromArgMatches, Parser};
use std::ffi::OsString;

impl Config {
    /// Reads a command line, whose first argument is the name of the program, and the environment.
    ///
    /// # Errors
    /// That of clap, which may be the help that was asked for.
    pub fn read(arguments: &[OsString]) -> Result<Self, clap::Error> {
        // Most programs have no empty variable, and this saves them a second pass over all settings.
        if !std::env::vars_os().any(|(name, value)| value.is_empty() && is_ours(&name.to_string_lossy())) {
            return Self::try_parse_from(arguments);
        }
        let names: Vec<String> =
            Self::command().get_subcommands().map(|command| command.get_name().to_owned()).collect();
        let without_empty = |command: Command| command.mut_args(without_empty_variable);
        let command = names.iter().fold(Self::command(), |command, name| command.mut_subcommand(name, without_empty));
        Self::from_arg_matches(&command.try_get_matches_from(arguments)?)
    }
}

fn is_ours(name: &str) -> bool {
    name.starts_with("PAYMENTS_")
}

/// The argument, which ignores its variable if that is empty.
fn without_empty_variable(argument: Arg) -> Arg {
    let is_empty = argument.get_env().and_then(std::env::var_os).is_some_and(|value| value.is_empty());
    if is_empty { argument.env(None) } else { argument }
}

/// The error of a refused command line in one line, in which settings have the names that they were written by.
#[must_use]
pub fn refusal(error: &clap::Error, arguments: &[OsString]) -> String {
    with_variables(&one_line(error), arguments)
}

/// Puts the variable in place of each flag in `text` whose value stands in the environment, and not on the command line.
#[must_use]
pub fn with_variables(text: &str, arguments: &[OsString]) -> String {
    let mut command = Config::command();
    // Before that, an argument cannot be written as clap writes it.
    command.build();
    let name = arguments.get(1).map(|name| name.to_string_lossy()).unwrap_or_default();
    let Some(command) = command.find_subcommand(&*name) else { return text.to_owned() };
    command.get_arguments().fold(text.to_owned(), |text, argument| match variable_of(argument, arguments) {
        Some((flag, variable)) => replace_flag(&text, argument, &flag, &variable),
        None => text,
    })
}

/// The flag of an argument and its variable, if the value stands there.
fn variable_of(argument: &Arg, arguments: &[OsString]) -> Option<(String, String)> {
    let flag = format!("--{}", argument.get_long()?);
    let name = argument.get_env()?;
    let is_set = std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_flag = |text: &str| text.strip_prefix(&*flag).is_some_and(|rest| rest.is_empty() || rest.starts_with('='));
    let is_written = arguments.iter().any(|argument| is_flag(&argument.to_string_lossy()));
    (is_set && !is_written).then(|| (flag, name.to_string_lossy().into_owned()))
}

/// Replaces `--max-body <BYTES>` by `PAYMENTS_MAX_BODY`, and `--max-body 1MiB` by `PAYMENTS_MAX_BODY=1MiB`.
fn replace_flag(text: &str, argument: &Arg, flag: &str, variable: &str) -> String {
    // As clap writes it, with its value, which differs for `--cors[=<ORIGINS>]`.
    let text = text.replace(&argument.to_string(), variable);
    let mut parts = text.split(flag);
    let mut replaced = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        // A longer flag that begins with this one, or the end of a sentence.
        let (name, rest) = match part.strip_prefix([' ', '=']) {
            Some(value) if replaced.ends_with("for example ") => (format!("{variable}="), value),
            _ if part.starts_with(|next: char| next.is_alphanumeric() || next == '-') => (flag.to_owned(), part),
            _ => (variable.to_owned(), part),
        };
        replaced.push_str(&name);
        replaced.push_str(rest);
    }
    replaced
}

#[cfg(test)]
mod tests {
    use super::replace_flag;
    use crate::config::Config;
    use clap::CommandFactory;

    #[test]
    fn a_flag_is_replaced_by_its_variable_and_no_longer_one() {
        let mut command = Config::command();
        command.build();
        let serve = command.find_subcommand("serve").unwrap();
        for (long, text, expected) in [
            (
                "limit",
                "error: invalid value 'x' for '--limit <LIMIT>': must be a limit, for example --limit 5-S",
                "error: invalid value 'x' for 'PAYMENTS_LIMIT': must be a limit, for example PAYMENTS_LIMIT=5-S",
            ),
            (
                "cors",
                "invalid value 'x' for '--cors[=<ORIGINS>]': for example --cors=https://a; --cors-headers differs",
                "invalid value 'x' for 'PAYMENTS_CORS': for example PAYMENTS_CORS=https://a; --cors-headers differs",
            ),
            (
                "repo-uri",
                "--repo-uri must be sqlite://PATH with --repo sqlite3, for example --repo-uri sqlite://payments.db",
                "PAYMENTS_REPO_URI must be sqlite://PATH with --repo sqlite3, for example PAYMENTS_REPO_URI=sqlite://payments.db",
            ),
            (
                "repo",
                "--repo-uri must be sqlite://PATH with --repo sqlite3, for example --repo-uri sqlite://payments.db",
                "--repo-uri must be sqlite://PATH with PAYMENTS_REPO sqlite3, for example --repo-uri sqlite://payments.db",
            ),
        ] {
            let argument = serve.get_arguments().find(|argument| argument.get_long() == Some(long)).unwrap();
            let variable = argument.get_env().unwrap().to_str().unwrap();
            assert_eq!(replace_flag(text, argument, &format!("--{long}"), variable), expected);
        }
    }
}
