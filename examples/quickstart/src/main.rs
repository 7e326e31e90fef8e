//! The quick start: an API with a policy, and a page that shows what browsers make of it.
//!
//! ```sh
//! cargo run -p quickstart
//! cargo run -p quickstart -- my-policy.toml
//! cargo run -p quickstart -- --no-page
//! ```
//!
//! What is said about each request comes from the library, so that it holds for your policy as well.

#![forbid(unsafe_code)]

mod api;
mod arguments;
mod attempt;
mod draft;
mod explained;
mod guard;
mod printed;
mod seen;
mod site;

use std::env;
use std::fs;
use std::future::IntoFuture as _;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use axum::Router;
use omnicors_core::{Policy, PolicyConfig};
use omnicors_tower::{CorsLayer, PolicyHandle};
use tokio::net::TcpListener;
use tracing::Level;

use crate::arguments::{Arguments, Wish};
use crate::printed::Printed;
use crate::site::Site;

/// Every setting, with what it means; and the policy for the curl lines, unless the arguments name another.
const EVERY_SETTING: &str = include_str!("../policy.toml");

/// The policy for the page, unless the arguments name another: it fits the origins that a browser finds on loopback.
const PAGE_POLICY: &str = include_str!("../page/policy.toml");

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = match arguments::parse(env::args_os().skip(1)) {
        Ok(Wish::Serve(arguments)) => arguments,
        Ok(Wish::Help) => {
            let _unread = writeln!(io::stdout(), "{}", arguments::USAGE);
            return ExitCode::SUCCESS;
        }
        Err(message) => return fail(2, &format!("{message}\n\n{}", arguments::USAGE)),
    };
    let ours = if arguments.no_page {
        EVERY_SETTING
    } else {
        PAGE_POLICY
    };
    let (policy, text) = match load(arguments.policy.as_deref(), ours) {
        Ok(loaded) => loaded,
        Err(message) => return fail(2, &message),
    };
    let served = if arguments.no_page {
        serve(policy, &arguments).await
    } else {
        serve_with_page(policy, text, &arguments).await
    };
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(1, &error.to_string()),
    }
}

fn fail(code: u8, message: &str) -> ExitCode {
    eprintln!("{message}");
    ExitCode::from(code)
}

/// A file is read into a config, in which anything may be wrong; building it reports every fault, or makes the policy.
/// The text goes with it, for the editor.
fn load(path: Option<&Path>, ours: &str) -> Result<(Policy, String), String> {
    let (name, text) = match path {
        Some(path) => {
            let name = path.display().to_string();
            let text = fs::read_to_string(path).map_err(|error| format!("{name}: {error}"))?;
            (name, text)
        }
        None => ("the policy of the quick start".to_owned(), ours.to_owned()),
    };
    let config: PolicyConfig = toml::from_str(&text)
        .map_err(|error| format!("{name}: {}", error.to_string().trim_end()))?;
    match config.build() {
        Ok(policy) => Ok((policy, text)),
        Err(error) => Err(format!("{name}: {error}")),
    }
}

async fn serve(policy: Policy, arguments: &Arguments) -> io::Result<()> {
    let listener = bind(arguments.port).await?;
    let printed = Printed::new(&policy, listener.local_addr()?);
    // Whoever has read enough of it (`| head`) may still send requests.
    let _unread = writeln!(io::stdout(), "{printed}");
    let app = Router::new()
        .fallback(api::application)
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

async fn serve_with_page(policy: Policy, text: String, arguments: &Arguments) -> io::Result<()> {
    let (api, page) = (
        bind(arguments.port).await?,
        bind(arguments.page_port).await?,
    );
    let (address, port) = (api.local_addr()?, page.local_addr()?.port());
    // The first word is for programs, too: cargo xtask screenshot, and the browser tests.
    let _unread = writeln!(
        io::stdout(),
        "http://localhost:{port}/ shows, in your browser, what a CORS policy does: change it there, and see which requests \
         come through.\nThe API that they are sent to is http://{address}. For curl lines instead: --no-page. Ctrl-C ends both."
    );
    let handle = PolicyHandle::new(policy);
    let site = Arc::new(Site::new(
        handle.clone(),
        text,
        format!("http://{address}"),
        port,
    ));
    let app = api::recorded(CorsLayer::new(handle), &site.seen);
    tokio::try_join!(
        axum::serve(api, app).into_future(),
        axum::serve(page, site::router(site)).into_future(),
    )?;
    Ok(())
}

/// On loopback, and nowhere else.
async fn bind(port: u16) -> io::Result<TcpListener> {
    TcpListener::bind(("127.0.0.1", port))
        .await
        .map_err(|error| {
            io::Error::new(
                error.kind(),
                format!("cannot serve on port {port}: {error}"),
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_file_shows_the_defaults() {
        let config: PolicyConfig = toml::from_str(EVERY_SETTING).unwrap();
        let is_setting = |line: &str| line.starts_with(|first: char| first.is_ascii_lowercase());
        let uncommented: Vec<&str> = EVERY_SETTING
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
    fn only_the_pages_of_this_machine_have_a_warning() {
        assert_eq!(load(None, EVERY_SETTING).unwrap().0.warnings(), []);
        // The page shows how they are allowed.
        let [warning] = &*load(None, PAGE_POLICY).unwrap().0.warnings() else {
            panic!("there is one warning");
        };
        assert!(warning.to_string().contains("`http://app.localhost:*`"));
    }
}
