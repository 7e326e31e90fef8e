use std::ffi::OsString;
use std::path::PathBuf;

pub(crate) const USAGE: &str = "\
Usage: quickstart [--port N] [--page-port N] [POLICY.toml]
       quickstart --no-page [--port N] [POLICY.toml]

Serves an API on 127.0.0.1 under a CORS policy, and a page that sends requests to it from several origins, shows what the
browser makes of each, and lets you change the policy meanwhile.

  POLICY.toml     the policy to start with; examples/quickstart/policy.toml has every setting
  --port N        the port of the API; a free one unless given
  --page-port N   the port of the page; a free one unless given
  --no-page       no page: prints curl lines to try, and what each will answer
  --help          this

By cargo: cargo run -p quickstart -- [--port N] [POLICY.toml]";

pub(crate) enum Wish {
    Serve(Arguments),
    Help,
}

#[derive(Debug, Default, PartialEq)]
pub(crate) struct Arguments {
    /// 0 for a free one; the same for the other.
    pub(crate) port: u16,
    pub(crate) page_port: u16,
    pub(crate) no_page: bool,
    pub(crate) policy: Option<PathBuf>,
}

pub(crate) fn parse(mut words: impl Iterator<Item = OsString>) -> Result<Wish, String> {
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
            "--help" | "-h" if value.is_none() => return Ok(Wish::Help),
            "--no-page" if value.is_none() => arguments.no_page = true,
            _ if text.starts_with('-') => return Err(format!("there is no option `{text}`")),
            _ if arguments.policy.is_some() => {
                return Err(format!(
                    "one policy file at a time: `{}` is one too many",
                    word.display()
                ));
            }
            _ => arguments.policy = Some(word.into()),
        }
    }
    Ok(Wish::Serve(arguments))
}

fn parse_port(option: &str, value: Option<String>) -> Result<u16, String> {
    let text = value.ok_or_else(|| format!("{option} needs a number behind it"))?;
    text.parse()
        .map_err(|_| format!("`{text}` is no port: write a number from 0 to 65535"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(words: &str) -> Result<Arguments, String> {
        match parse(words.split_whitespace().map(Into::into))? {
            Wish::Serve(arguments) => Ok(arguments),
            Wish::Help => Err("help".to_owned()),
        }
    }

    #[test]
    fn ports_are_taken_with_a_space_or_an_equals_sign() {
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
    fn what_is_no_argument_is_named() {
        for (words, message) in [
            ("--port", "--port needs a number behind it"),
            (
                "--page-port x",
                "`x` is no port: write a number from 0 to 65535",
            ),
            ("--nopage", "there is no option `--nopage`"),
            ("--no-page=1", "there is no option `--no-page=1`"),
            ("a b", "one policy file at a time: `b` is one too many"),
            ("--help", "help"),
        ] {
            assert_eq!(parsed(words).unwrap_err(), message);
        }
    }
}
