use std::ffi::OsString;
use std::path::PathBuf;

pub(crate) const USAGE: &str = "\
Usage: quickstart [--port N] [--page-port N] [POLICY.toml]
       quickstart --no-page [--port N] [POLICY.toml]

Serves an API on 127.0.0.1 with a CORS policy, and a page that sends requests to it from several origins. The page shows
which responses the browser lets a page read, and you can change the policy there.

  POLICY.toml     the policy at the start; examples/quickstart/policy.toml shows every setting
  --port N        the port of the API (default: a free port)
  --page-port N   the port of the page (default: a free port)
  --no-page       do not serve the page; print curl commands and their responses instead
  --help          print this text

With cargo: cargo run -p quickstart -- [--port N] [POLICY.toml]";

pub(crate) enum Command {
    Serve(Arguments),
    Help,
}

#[derive(Debug, Default, PartialEq)]
pub(crate) struct Arguments {
    /// The port of the API; 0 for a free one.
    pub(crate) port: u16,
    /// The port of the page; 0 for a free one.
    pub(crate) page_port: u16,
    pub(crate) no_page: bool,
    pub(crate) policy: Option<PathBuf>,
}

pub(crate) fn parse(mut words: impl Iterator<Item = OsString>) -> Result<Command, String> {
    let mut arguments = Arguments::default();
    while let Some(word) = words.next() {
        let text = word.to_str().unwrap_or_default();
        // `--port=N` as well as `--port N`.
        let (option, value) = match text.split_once('=') {
            Some((option, value)) if option.starts_with('-') => (option, Some(value.to_owned())),
            _ => (text, None),
        };
        let mut port = || {
            let next = || Some(words.next()?.to_string_lossy().into_owned());
            parse_port(option, value.clone().or_else(next))
        };
        match option {
            "--port" | "-p" => arguments.port = port()?,
            "--page-port" => arguments.page_port = port()?,
            "--help" | "-h" if value.is_none() => return Ok(Command::Help),
            "--no-page" if value.is_none() => arguments.no_page = true,
            _ if text.starts_with('-') => return Err(format!("unknown option `{text}`")),
            _ if arguments.policy.is_some() => {
                return Err(format!(
                    "unexpected argument `{}`: there is a policy file already",
                    word.display()
                ));
            }
            _ => arguments.policy = Some(word.into()),
        }
    }
    Ok(Command::Serve(arguments))
}

fn parse_port(option: &str, value: Option<String>) -> Result<u16, String> {
    let text = value.ok_or_else(|| format!("the option {option} needs a port number"))?;
    text.parse()
        .map_err(|_| format!("`{text}` is not a valid port: write a number from 0 to 65535"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(words: &str) -> Result<Arguments, String> {
        match parse(words.split_whitespace().map(Into::into))? {
            Command::Serve(arguments) => Ok(arguments),
            Command::Help => Err("help".to_owned()),
        }
    }

    #[test]
    fn ports_are_accepted_with_a_space_or_an_equals_sign() {
        let expected = Arguments {
            port: 1,
            page_port: 2,
            no_page: true,
            policy: Some("p.toml".into()),
        };
        assert_eq!(
            parsed("--port 1 --page-port=2 p.toml --no-page").unwrap(),
            expected
        );
        assert_eq!(
            parsed("--no-page -p=1 p.toml --page-port 2").unwrap(),
            expected
        );
    }

    #[test]
    fn invalid_arguments_are_reported() {
        for (words, message) in [
            ("--port", "the option --port needs a port number"),
            (
                "--page-port x",
                "`x` is not a valid port: write a number from 0 to 65535",
            ),
            ("--nopage", "unknown option `--nopage`"),
            ("--no-page=1", "unknown option `--no-page=1`"),
            (
                "a b",
                "unexpected argument `b`: there is a policy file already",
            ),
            ("--help", "help"),
        ] {
            assert_eq!(parsed(words).unwrap_err(), message);
        }
    }
}
