//! Makes one request of a page, and reports what the page may read.

use std::process::ExitCode;

use http::Method;
use omnicors_browser::{Browser, Credentials, Engine, Fetch, NetworkError, Outcome};

use crate::exit::REPORTED;
use crate::failure::Failure;
use crate::format::Format;
use crate::terminal::{Cleaned, Text};

use super::address_space::AddressSpace;
use super::arguments::Arguments;
use super::change::Change;
use super::live_server::{LiveServer, Stop};
use super::replay::Replayed;
use super::report::{self, Blocked, Conclusion, Consoles, Readable, Report, Shown};
use super::{human, target, text};

/// A browser sends at most 21 requests after 20 redirects, each with a preflight.
const BUDGET: usize = 42;

pub(super) async fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let url = target::url(&arguments.url)?;
    let page = target::page(arguments.origin.as_deref().unwrap_or_default())?;
    let method = target::method(arguments.method.as_deref().unwrap_or("GET"))?;
    let mut fetch = page
        .fetch(url.as_str())
        .method(method.as_str())
        .mode(arguments.mode.mode().0);
    for header in &arguments.headers {
        let (name, value) = target::header_in(header, arguments.mode.mode().0)?;
        fetch = fetch.header(&name, &value);
    }
    if let Some(cookies) = &arguments.cookies {
        fetch = fetch.cookies(cookies);
    }
    let with = fetch.clone().credentials(Credentials::Include);
    let (fetch, other) = if arguments.credentials {
        (with, fetch)
    } else {
        (fetch, with)
    };

    let (mut server, space) = arguments.connection.server(&url, BUDGET, None).await?;
    if !method.is_safe()
        && space != AddressSpace::Loopback
        && !arguments.yes
        && !arguments.preflight_only
    {
        return Err(Failure::because(format_args!(
            "this would send {method} {url} to a server that is not on loopback, without a body, if its preflight is accepted or not \
             needed. It may change data there. Add `--yes` to send it, or `--preflight-only` to send the preflight only"
        )));
    }
    server.host = (!arguments.follow_hosts).then(|| url.host_str().unwrap_or_default().to_owned());
    server.only_preflights = arguments.preflight_only;
    server.may_change = arguments.yes;
    let engine = Engine::from(arguments.engine);
    let outcome = Browser::new(engine).send(&fetch, &mut server).await;

    let requests = Requests {
        method,
        fetch,
        other,
    };
    let report = report(arguments, &requests, &outcome, &server).await;
    if arguments.format == Format::Human {
        human::write(
            &mut Cleaned(anstream::stdout().lock()),
            &report,
            arguments.verbose,
        )?;
    } else {
        crate::json::print(&report)?;
    }
    if server.stop.is_none()
        && let Some(reason) = &server.failure
    {
        return Err(Failure::because(format_args!(
            "the server did not respond: {}",
            text::line(reason)
        )));
    }
    Ok(match report.conclusion {
        Conclusion::Blocked | Conclusion::Unknown => ExitCode::from(REPORTED),
        _ => ExitCode::SUCCESS,
    })
}

/// The request of the page, and the same with the other credentials mode.
struct Requests {
    method: Method,
    fetch: Fetch,
    other: Fetch,
}

async fn report(
    arguments: &Arguments,
    requests: &Requests,
    outcome: &Outcome,
    server: &LiveServer,
) -> Report {
    let Requests {
        method,
        fetch,
        other,
    } = requests;
    let exchanges = outcome.exchanges();
    let error = outcome.result().err();
    let has_no_response =
        server.stop.is_some() || matches!(error, Some(NetworkError::Unreachable(_)));
    let conclusion = match server.stop {
        Some(Stop::PreflightOnly) if server.sent.is_empty() => Conclusion::NoPreflight,
        Some(Stop::PreflightOnly) => Conclusion::PreflightAccepted,
        _ if has_no_response => Conclusion::Unknown,
        _ => report::conclusion(outcome),
    };
    let blocked = match error {
        Some(error) if !has_no_response => {
            Some(blocked(fetch, outcome, &error, arguments.credentials).await)
        }
        _ => None,
    };
    let readable = outcome
        .result()
        .ok()
        .filter(|response| response.status() != 0);
    let readable = readable.map(|response| Readable::new(outcome, response, server.sent.last()));

    let mut other_credentials = None;
    let mut other_engines = Vec::new();
    if !has_no_response {
        let replayed = Replayed::new(other, arguments.engine.into(), exchanges).await;
        other_credentials = Some(report::judged("credentials".to_owned(), &replayed));
        let engines = [
            Engine::Standard,
            Engine::Chromium,
            Engine::Firefox,
            Engine::WebKit,
        ];
        let used = Engine::from(arguments.engine);
        for engine in engines.into_iter().filter(|engine| *engine != used) {
            let name = if engine == Engine::Standard {
                "Standard".to_owned()
            } else {
                engine.to_string()
            };
            let judged = report::judged(name, &Replayed::new(fetch, engine, exchanges).await);
            if judged.conclusion != conclusion {
                other_engines.push(judged);
            }
        }
    }
    Report {
        version: 1,
        url: Text::from(arguments.url.as_str()),
        origin: arguments.origin.clone().unwrap_or_default(),
        method: method.to_string(),
        credentials: arguments.credentials,
        mode: arguments.mode.mode().1,
        engine: report::engine_name(arguments.engine.into()),
        conclusion,
        readable,
        blocked,
        stopped: server.stop.as_ref().map(report::stopped),
        failure: server.failure.as_deref().map(Text::from),
        other_credentials,
        other_engines,
        exchanges: Shown::all(exchanges, &server.sent),
    }
}

async fn blocked(
    fetch: &Fetch,
    outcome: &Outcome,
    error: &NetworkError,
    has_credentials: bool,
) -> Blocked {
    // The line of an engine is that of the outcome that this engine has.
    let mut lines = Vec::new();
    for engine in [Engine::Chromium, Engine::Firefox] {
        lines.push(
            match Replayed::new(fetch, engine, outcome.exchanges()).await {
                Replayed::Concluded(outcome) => outcome.console(engine).map(Text::from),
                Replayed::Asks(_) => None,
            },
        );
    }
    let mut lines = lines.into_iter();
    Blocked {
        reason: text::line(&error.to_string()),
        section: error.section().into(),
        console: Consoles {
            chromium: lines.next().flatten(),
            firefox: lines.next().flatten(),
        },
        change: Change::new(outcome, has_credentials),
    }
}
