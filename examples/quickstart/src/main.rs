//! The quick start: a server with a policy, and the requests to try on it.
//!
//! ```sh
//! cargo run -p quickstart
//! cargo run -p quickstart -- my-policy.toml
//! ```
//!
//! What it prints about each request comes from the library, asked beforehand, so that it holds for your policy as well.

#![forbid(unsafe_code)]

mod arguments;
mod attempt;
mod page;

use std::env;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

use axum::Router;
use axum::extract::Request;
use omnicors_core::{Policy, PolicyConfig};
use omnicors_tower::CorsLayer;
use tokio::net::TcpListener;
use tracing::Level;

use crate::arguments::{Arguments, Wish};
use crate::page::Page;

/// The policy, unless the arguments name another.
const POLICY: &str = include_str!("../policy.toml");

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = match arguments::parse(env::args_os().skip(1)) {
        Ok(Wish::Serve(arguments)) => arguments,
        Ok(Wish::Help) => {
            println!("{}", arguments::USAGE);
            return ExitCode::SUCCESS;
        }
        Err(message) => return fail(2, &format!("{message}\n\n{}", arguments::USAGE)),
    };
    let policy = match load(arguments.policy.as_deref()) {
        Ok(policy) => policy,
        Err(message) => return fail(2, &message),
    };
    match serve(policy, &arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(
            1,
            &format!("cannot serve on port {}: {error}", arguments.port),
        ),
    }
}

fn fail(code: u8, message: &str) -> ExitCode {
    eprintln!("{message}");
    ExitCode::from(code)
}

/// A file is read into a config, in which anything may be wrong; building it reports every fault, or makes the policy.
fn load(path: Option<&Path>) -> Result<Policy, String> {
    let (name, text) = match path {
        Some(path) => {
            let name = path.display().to_string();
            let text = fs::read_to_string(path).map_err(|error| format!("{name}: {error}"))?;
            (name, text)
        }
        None => (
            "the policy of the quick start".to_owned(),
            POLICY.to_owned(),
        ),
    };
    let config: PolicyConfig = toml::from_str(&text)
        .map_err(|error| format!("{name}: {}", error.to_string().trim_end()))?;
    config.build().map_err(|error| format!("{name}: {error}"))
}

async fn serve(policy: Policy, arguments: &Arguments) -> io::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", arguments.port)).await?;
    let page = Page::new(&policy, listener.local_addr()?);
    // Whoever has read enough of it (`| head`) may still send requests.
    let _unread = writeln!(io::stdout(), "{page}");
    let app = Router::new()
        .fallback(application)
        .layer(CorsLayer::new(policy));
    // Denials are logged at debug: a stranger can cause as many as they like.
    tracing_subscriber::fmt()
        .with_max_level(Level::DEBUG)
        .with_writer(io::stderr)
        .with_target(false)
        .without_time()
        .init();
    axum::serve(listener, app).await
}

/// It takes any request, and says so. It knows nothing of CORS.
async fn application(request: Request) -> String {
    format!(
        "The application ran: {} {}\n",
        request.method(),
        request.uri()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_file_shows_the_defaults() {
        let config: PolicyConfig = toml::from_str(POLICY).unwrap();
        let is_setting = |line: &str| line.starts_with(|first: char| first.is_ascii_lowercase());
        let uncommented: Vec<&str> = POLICY
            .lines()
            .map(|line| {
                line.strip_prefix('#')
                    .filter(|line| is_setting(line))
                    .unwrap_or(line)
            })
            .collect();
        let uncommented = uncommented.join("\n");
        assert!(uncommented.contains("\nmax_age"));
        assert_eq!(
            toml::from_str::<PolicyConfig>(&uncommented).unwrap(),
            config
        );
    }

    #[test]
    fn nothing_is_advised_about_it() {
        assert_eq!(load(None).unwrap().advice(), []);
    }
}
