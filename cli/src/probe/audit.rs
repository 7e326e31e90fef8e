//! `omnicors probe --audit`: looks for mistakes in the CORS settings of a server.

mod asker;
mod finding;
mod judge;
mod look_alikes;
mod observation;
mod output;
mod plan;

use std::process::ExitCode;

use omnicors_browser::Page;

use crate::exit::REPORTED;
use crate::failure::Failure;
use crate::format::Format;
use crate::loopback::is_loopback;
use crate::terminal::Cleaned;

use asker::Asker;
use finding::Severity;
use judge::Observed;
use look_alikes::STRANGER;
use output::Audit;

use super::address_space::AddressSpace;
use super::arguments::Arguments;
use super::report::Shown;
use super::target;

/// An audit sends no more requests than this, whatever the server does.
const BUDGET: usize = 40;

pub(super) async fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let url = target::url(&arguments.url)?;
    let given = match &arguments.origin {
        Some(origin) => Some((origin.as_str(), given_page(origin)?)),
        None => None,
    };
    let (server, space) = arguments
        .connection
        .server(&url, BUDGET, Some(STRANGER))
        .await?;
    let is_plain = url.scheme() == "http" && !is_loopback(&url);
    if is_plain
        && given
            .as_ref()
            .is_some_and(|(origin, _)| origin.starts_with("https:"))
    {
        return Err(Failure::because(
            "https pages cannot fetch an http URL, so its CORS settings do not matter to them: write `https:` in the URL, or `http:` in the origin",
        ));
    }
    let asks_for_another_host = plan::asks_for_another_host(&url, space);
    let plan = plan::describe(
        &url,
        given.as_ref().map(|(origin, _)| *origin),
        asks_for_another_host,
    );
    if space != AddressSpace::Loopback && !arguments.yes {
        return Err(Failure::because(format_args!(
            "this would send {plan}. Audit only servers of your own. Add `--yes` to send them"
        )));
    }
    anstream::eprintln!("The audit sends {plan}.");

    let mut asker = Asker::new(arguments, &url, server, is_plain, asks_for_another_host)?;
    asker
        .ask_all(given.as_ref().map(|(origin, page)| (*origin, page)))
        .await?;
    let findings = judge::judge(&Observed(&asker.observations));
    let notes = notes(&asker, given.is_some());
    let observations = asker.observations.iter();
    let (exchanges, sent): (Vec<_>, Vec<_>) = observations
        .map(|observation| (observation.exchange.clone(), observation.sent.clone()))
        .unzip();
    let audit = Audit {
        version: 1,
        url: url.to_string(),
        origin: arguments.origin.clone(),
        requests: asker.server.sent.len(),
        exchanges: Shown::all(&exchanges, &sent),
        findings,
        notes,
    };
    match arguments.format {
        Format::Human => output::human(
            &mut Cleaned(anstream::stdout().lock()),
            &audit,
            arguments.verbose,
        )?,
        Format::Json => crate::json::print(&audit)?,
    }
    let ended = asker.ended;
    let has_findings = audit
        .findings
        .iter()
        .any(|finding| finding.severity < Severity::Info);
    match ended {
        _ if has_findings => Ok(ExitCode::from(REPORTED)),
        Some(reason) => Err(Failure::because(format_args!(
            "the audit ended early: {reason}"
        ))),
        None => Ok(ExitCode::SUCCESS),
    }
}

fn given_page(origin: &str) -> Result<Page, Failure> {
    let page = target::page(origin)?;
    if page.origin().is_opaque() {
        return Err(Failure::because(
            "an audit asks for `null` in any case: give an origin that the server should allow, as in `--origin https://app.example`",
        ));
    }
    Ok(page)
}

fn notes(asker: &Asker<'_>, has_origin: bool) -> Vec<String> {
    let observed = Observed(&asker.observations);
    let ended = asker.ended.as_ref();
    let mut notes: Vec<_> = ended
        .map(|reason| format!("The audit ended early: {reason}."))
        .into_iter()
        .collect();
    if observed.allowed().is_none() && !has_origin {
        notes.push(
            "No origin that is allowed is known, so preflights, caches and error responses were not looked at. Add one, as in `--origin https://app.example`.".to_owned(),
        );
    }
    if judge::is_unclear(observed) {
        notes.push(
            "The body changes with each request or has no end, so it is not known whether the server responds to any `Host`. Try another one, as in `curl --header 'Host: other.example'`: a page of any site can do the same with DNS rebinding.".to_owned(),
        );
    }
    if let Some(first) = asker.observations.first()
        && first.status().is_redirection()
        && let Some(location) = first.value(&http::header::LOCATION)
    {
        notes.push(format!(
            "The URL is a redirect, and only the redirect was looked at. Audit its target as well: {}",
            super::text::line(&location)
        ));
    }
    notes
}
