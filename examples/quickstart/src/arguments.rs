use std::ffi::OsString;
use std::path::PathBuf;

pub(crate) const USAGE: &str = "\
Usage: quickstart [--port N] [POLICY.toml]

Serves an API on 127.0.0.1 under a CORS policy, and prints the requests to try on it.

  POLICY.toml   the policy; examples/quickstart/policy.toml unless given, which has every setting
  --port N      the port; a free one unless given
  --help        this

By cargo: cargo run -p quickstart -- [--port N] [POLICY.toml]";

pub(crate) enum Wish {
    Serve(Arguments),
    Help,
}

#[derive(Default)]
pub(crate) struct Arguments {
    /// 0 for a free one.
    pub(crate) port: u16,
    pub(crate) policy: Option<PathBuf>,
}

pub(crate) fn parse(mut words: impl Iterator<Item = OsString>) -> Result<Wish, String> {
    let mut arguments = Arguments::default();
    while let Some(word) = words.next() {
        match word.to_str() {
            Some("--help" | "-h") => return Ok(Wish::Help),
            Some("--port" | "-p") => {
                let port = words.next().ok_or("--port needs a number behind it")?;
                arguments.port = parse_port(&port.to_string_lossy())?;
            }
            Some(text) if text.starts_with('-') => match text.strip_prefix("--port=") {
                Some(port) => arguments.port = parse_port(port)?,
                None => return Err(format!("there is no option `{text}`")),
            },
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

fn parse_port(text: &str) -> Result<u16, String> {
    text.parse()
        .map_err(|_| format!("`{text}` is no port: write a number from 0 to 65535"))
}
