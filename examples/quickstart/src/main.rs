//! The quick start: an API with a CORS policy, and a page that shows the effect of the policy in your browser.
//!
//! ```sh
//! cargo run -p quickstart
//! cargo run -p quickstart -- my-policy.toml
//! cargo run -p quickstart -- --no-page
//! ```
//!
//! The explanation of each request comes from the library, so it is correct for your own policy as well.

#![forbid(unsafe_code)]

mod access;
mod api;
mod arguments;
mod change;
mod curl_examples;
mod example_requests;
mod explanation;
mod policy_text;
mod presets;
mod request_log;
mod rust_code;
mod site;
mod usage;

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

use crate::arguments::{Arguments, Command};
use crate::curl_examples::CurlExamples;
use crate::site::Site;

/// A policy with every setting, which the page shows. It is also the default policy of `--no-page`.
const EVERY_SETTING: &str = include_str!("../policy.toml");

/// The default policy of the page. Its origins are on loopback, so that a browser can open their pages.
const PAGE_POLICY: &str = include_str!("../page/policy.toml");

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = match arguments::parse(env::args_os().skip(1)) {
        Ok(Command::Serve(arguments)) => arguments,
        Ok(Command::Help) => {
            let _closed = writeln!(io::stdout(), "{}", arguments::USAGE);
            return ExitCode::SUCCESS;
        }
        Err(message) => return fail(2, &format!("{message}\n\n{}", arguments::USAGE)),
    };
    let default_policy = if arguments.no_page {
        EVERY_SETTING
    } else {
        PAGE_POLICY
    };
    let (policy, text) = match load(arguments.policy.as_deref(), default_policy) {
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

/// Builds the policy from a file, or from the default text. Returns the text as well, for the editor.
fn load(path: Option<&Path>, default_policy: &str) -> Result<(Policy, String), String> {
    let (name, text) = match path {
        Some(path) => {
            let name = path.display().to_string();
            let text = fs::read_to_string(path).map_err(|error| format!("{name}: {error}"))?;
            (name, text)
        }
        None => (
            "the policy of the quick start".to_owned(),
            default_policy.to_owned(),
        ),
    };
    let config: PolicyConfig = toml::from_str(&text)
        .map_err(|error| format!("{name}: {}", error.to_string().trim_end()))?;
    let lookup = policy_text::looks_up(&config).then_some(policy_text::NO_LOOKUP);
    match (config.build(), lookup) {
        (Ok(policy), None) => Ok((policy, text)),
        (Ok(_), Some(lookup)) => Err(format!("{name}: {lookup}")),
        (Err(error), None) => Err(format!("{name}: {error}")),
        (Err(error), Some(lookup)) => Err(format!("{name}: {error}\n{name}: {lookup}")),
    }
}

async fn serve(policy: Policy, arguments: &Arguments) -> io::Result<()> {
    let listener = bind(arguments.port).await?;
    let examples = CurlExamples::new(&policy, listener.local_addr()?);
    // An error means that the output is closed (`| head`). The server still runs.
    let _closed = writeln!(io::stdout(), "{examples}");
    let app = Router::new()
        .fallback(api::application)
        .layer(CorsLayer::new(policy));
    // At info, the library logs each denial once, and only a few a minute, because clients can cause any number of them. The quick
    // start shows all.
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
    // `cargo xtask screenshot` and the browser tests read the first word.
    let _closed = writeln!(
        io::stdout(),
        "http://localhost:{port}/ is the quick start: open it in your browser, change the CORS policy, and see which requests are allowed.\n\
         The API is at http://{address}. Use --no-page for curl commands instead. Press Ctrl-C to stop."
    );
    let handle = PolicyHandle::new(policy);
    let site = Arc::new(Site::new(
        handle.clone(),
        text,
        format!("http://{address}"),
        port,
    ));
    let app = api::with_log(CorsLayer::new(handle), &site.log);
    tokio::try_join!(
        axum::serve(api, app).into_future(),
        axum::serve(page, site::router(site)).into_future(),
    )?;
    Ok(())
}

/// Binds a port on loopback only.
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
    use omnicors_core::Warning;

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
    fn a_policy_with_a_lookup_is_not_served() {
        let message = |text| load(None, text).map(|_| ()).unwrap_err();
        let name = "the policy of the quick start";
        let lookup = format!("{name}: {}", policy_text::NO_LOOKUP);
        assert_eq!(message("lookup_origins = true"), lookup);
        let both = message("lookup_origins = true\npreflight_status = 404");
        assert!(
            both.starts_with(&format!("{name}: the CORS policy has a fault")),
            "{both}"
        );
        assert!(both.ends_with(&format!("\n{lookup}")), "{both}");
        // The default.
        load(None, "allow_origins = [\"*\"]\nlookup_origins = false").unwrap();
    }

    #[test]
    fn the_only_warning_of_the_default_policies_is_that_the_page_is_for_development() {
        let warnings = |text| load(None, text).unwrap().0.warnings();
        assert_eq!(warnings(EVERY_SETTING), []);
        assert_eq!(warnings(PAGE_POLICY), [Warning::OnlyLoopbackOrigins]);
    }
}
