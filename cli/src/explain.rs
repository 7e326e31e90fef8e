//! `omnicors explain`: what happens to a request, step by step.

mod arguments;
mod ask;
mod human;
mod missing;
mod report;
mod request;
mod steps;

use std::process::ExitCode;

use omnicors_core::Policy;
use omnicors_tokio::PolicyFileError;

pub(crate) use arguments::Arguments;

use crate::exit::REPORTED;
use crate::failure::Failure;
use crate::format::Format;
use crate::page_origin::page;
use crate::policy_source::shown;
use report::Report;

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    // Wrong arguments first: the message about them is shorter.
    let host = arguments.host.as_deref();
    let page = arguments.origin.as_deref().map(page).transpose()?;
    request::url(host, None, page.as_ref())?;
    let policy = policy(arguments)?;
    let url = request::url(host, Some(&policy), page.as_ref())?;
    let report = match page {
        Some(page) => Report::of_page(arguments, &policy, &page, &url)?,
        None => Report::without_origin(arguments, &policy, &url)?,
    };
    match arguments.format {
        Format::Human => human::print(&report)?,
        Format::Json => crate::json::print(&report)?,
    }
    Ok(if report.is_blocked() {
        ExitCode::from(REPORTED)
    } else {
        ExitCode::SUCCESS
    })
}

/// Reads the policy. A policy with faults decides nothing, so its faults are the message.
fn policy(arguments: &Arguments) -> Result<Policy, Failure> {
    let policy = arguments.table.read(&arguments.file);
    policy.map_err(|error| match error {
        PolicyFileError::Faults(..) => Failure::because(format_args!(
            "the policy has faults, so it cannot be used:\n{error}\ncorrect them first; `omnicors check {}` shows each in its place",
            shown(&arguments.file)
        )),
        error => error.into(),
    })
}
