//! The page `docs/other-servers.md`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use omnicors_browser::{Engine, Exchange, ExchangeKind};

use crate::catalog::{Configuration, Kind};
use crate::measured::{Measured, field, status};
use crate::requests::{self, From};
use crate::running::root;
use crate::traits::{self, ERRORS, varies};
use crate::versions;

/// The prose of the page, with the names of its tables in braces.
const TEMPLATE: &str = include_str!("../document.md");

/// The names in the page, in place of addresses of a run.
#[derive(Clone, Debug)]
pub struct Names(pub Vec<(String, String)>);

impl Names {
    /// Replaces the addresses of a run in a text.
    fn apply(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (address, name) in &self.0 {
            text = text.replace(address, name);
        }
        // The number of the request.
        let parts = text.split("?request=").enumerate().map(|(index, part)| {
            let number = part.find('.').filter(|_| index > 0);
            number.map_or(part, |end| &part[end + 1..])
        });
        parts.collect()
    }
}

/// Returns the path of the page.
#[must_use]
pub fn path() -> PathBuf {
    root().join("docs/other-servers.md")
}

/// Returns the page for these servers.
#[must_use]
pub fn render(all: &[Measured], names: &BTreeMap<(&str, Configuration), Names>) -> String {
    let names = |measured: &Measured| &names[&(measured.server.name, measured.configuration)];
    let of = |configuration| {
        let all = all.iter();
        all.filter(move |measured| measured.configuration == configuration)
    };
    let right: Vec<&Measured> = of(Configuration::Right).collect();
    let tables = [
        ("{servers}", servers(&right)),
        ("{defaults}", defaults(of(Configuration::Default))),
        ("{statuses}", statuses(&right)),
        ("{traits}", traits(&right, &names)),
        (
            "{mistakes}",
            mistakes(of(Configuration::Mistake), &right, &names),
        ),
        ("{dangerous}", dangerous(of(Configuration::Dangerous))),
        ("{requests}", (all.len() * requests::ALL.len()).to_string()),
    ];
    let mut page = TEMPLATE.to_owned();
    for (name, text) in tables {
        assert!(page.contains(name), "the page has no {name}");
        page = page.replace(name, text.trim_end());
    }
    wrapped(&page)
}

/// Breaks the lines of prose, as in the other pages.
fn wrapped(page: &str) -> String {
    const WIDTH: usize = 140;
    let mut text = String::new();
    let mut is_code = false;
    for line in page.lines() {
        is_code ^= line.starts_with("```");
        let mut width = 0;
        for (index, word) in line.split(' ').enumerate() {
            let is_prose = !is_code && !line.starts_with(['|', '#']);
            let breaks = is_prose && width + word.len() >= WIDTH;
            if index > 0 {
                text.push(if breaks { '\n' } else { ' ' });
            }
            width = if breaks { 0 } else { width } + word.len() + 1;
            text.push_str(word);
        }
        text.push('\n');
    }
    text
}

fn servers(right: &[&Measured]) -> String {
    let mut table = "| server | versions | installed with |\n|---|---|---|\n".to_owned();
    for measured in right {
        let server = measured.server;
        let manager = match server.kind {
            Kind::Node => "npm",
            Kind::Python => "pip",
            Kind::File(_) => "Debian",
            Kind::Rust => "cargo",
        };
        let versions = versions::of(server);
        writeln!(table, "| {} | {versions} | {manager} |", server.title).expect("a text");
    }
    table
}

/// Who can read with the default settings.
fn defaults<'a>(all: impl Iterator<Item = &'a Measured>) -> String {
    let mut table = "| server | any page reads | with credentials | a sandboxed frame (`null`) reads | `PUT`, `DELETE` or JSON |\n\
                     |---|---|---|---|---|\n"
        .to_owned();
    for measured in all {
        let others = ["JSON is sent", "an item is deleted"];
        writeln!(
            table,
            "| {} | {} | {} | {} | {} |",
            measured.server.title,
            how_it_reads(measured),
            yes(measured.reads("a foreign page reads with credentials")),
            yes(measured.reads("a sandboxed frame reads")),
            match others.map(|name| measured.reads(name)) {
                [true, true] => "yes",
                [true, false] => "only JSON",
                [false, true] => "only methods",
                [false, false] => "no",
            },
        )
        .expect("a text");
    }
    table
}

/// Returns whether a foreign page reads, and by which value.
fn how_it_reads(measured: &Measured) -> String {
    let name = "a foreign page reads";
    if !measured.reads(name) {
        return "no".to_owned();
    }
    let exchange = measured.exchange(name, ExchangeKind::Actual);
    let value = exchange.and_then(|exchange| field(exchange, "access-control-allow-origin"));
    if value.as_deref() == Some("*") {
        "yes, `*`".to_owned()
    } else {
        "yes, its origin".to_owned()
    }
}

fn yes(is_true: bool) -> &'static str {
    if is_true { "yes" } else { "no" }
}

fn statuses(right: &[&Measured]) -> String {
    let mut table = "| server | allowed preflight | denied preflight | denied request | `Vary: Origin`: allowed, denied | errors that the page reads |\n\
                     |---|---|---|---|---|---|\n"
        .to_owned();
    for measured in right {
        let of = |name, kind| measured.exchange(name, kind);
        let shown = |exchange: Option<&Exchange>| {
            exchange.map_or("-".to_owned(), |exchange| status(exchange).to_string())
        };
        let allowed = of("the allowed page reads", ExchangeKind::Actual);
        let denied = of("a foreign page reads", ExchangeKind::Actual);
        let errors = ERRORS.into_iter().filter(|name| measured.reads(name));
        let errors: Vec<_> = errors
            .map(|name| shown(of(name, ExchangeKind::Actual)))
            .collect();
        writeln!(
            table,
            "| {} | {} | {} | {} | {}, {} | {} |",
            measured.server.title,
            shown(of("JSON is sent", ExchangeKind::Preflight)),
            shown(of("a foreign page sends JSON", ExchangeKind::Preflight)),
            shown(denied),
            yes(allowed.is_some_and(varies)),
            yes(denied.is_some_and(varies)),
            errors.join(", "),
        )
        .expect("a text");
    }
    table
}

fn traits<'a>(right: &[&'a Measured], names: &impl Fn(&Measured) -> &'a Names) -> String {
    let mut text = String::new();
    for of in traits::ALL {
        let found = right.iter().filter_map(|measured| {
            let exchange = (of.find)(measured)?;
            Some((*measured, exchange))
        });
        let found: Vec<_> = found.collect();
        let Some((first, exchange)) = found.first() else {
            continue;
        };
        let servers: Vec<_> = found.iter().map(|found| found.0.server.title).collect();
        let mut seen = joined(&servers);
        if servers.len() > 1 {
            write!(seen, ". The exchange with {}", first.server.title).expect("a text");
        }
        write!(
            text,
            "### {}\n\n{}\n\nSeen with {seen}:\n\n```text\n{}```\n\n",
            of.title,
            of.text,
            names(first).apply(&shown(exchange)),
        )
        .expect("a text");
    }
    text
}

fn joined(names: &[&str]) -> String {
    match names {
        [names @ .., last] if !names.is_empty() => format!("{} and {last}", names.join(", ")),
        names => names.concat(),
    }
}

/// Returns the lines of an exchange that matter here.
fn shown(exchange: &Exchange) -> String {
    let request = exchange.request();
    let mut text = format!("{} {}\n", request.method(), request.uri().path());
    let names = request.headers().keys().map(http::HeaderName::as_str);
    let names: Vec<_> = names
        .filter(|name| *name == "origin" || name.starts_with("access-control-"))
        .collect();
    for name in names {
        let value = request.headers()[name].to_str().expect("text");
        writeln!(text, "{}: {value}", capitalized(name)).expect("a text");
    }
    let Some(response) = exchange.response() else {
        return text;
    };
    writeln!(text, "\n{}", response.status()).expect("a text");
    let names = response.headers().keys().map(http::HeaderName::as_str);
    let mut names: Vec<_> = names
        .filter(|name| *name == "vary" || name.starts_with("access-control-"))
        .collect();
    names.sort_unstable();
    for name in names {
        let mut value = field(exchange, name).unwrap_or_default();
        // The order of the names in a list may differ from run to run.
        if name.ends_with("-methods") || name.ends_with("-headers") {
            let mut list: Vec<_> = value.split(',').map(str::trim).collect();
            list.sort_unstable();
            value = list.join(", ");
        }
        writeln!(text, "{}: {value}", capitalized(name)).expect("a text");
    }
    text
}

/// Returns a name as people write it.
fn capitalized(name: &str) -> String {
    let words = name.split('-').map(|word| {
        let (first, rest) = word.split_at(1);
        first.to_ascii_uppercase() + rest
    });
    words.collect::<Vec<_>>().join("-")
}

/// What a mistake blocks that the right configuration allows.
fn mistakes<'a>(
    all: impl Iterator<Item = &'a Measured>,
    right: &[&Measured],
    names: &impl Fn(&Measured) -> &'a Names,
) -> String {
    let mut text = String::new();
    for measured in all {
        let right = right.iter();
        let mut right = right.filter(|right| right.server == measured.server);
        let right = right.next().expect("each server has a right configuration");
        let reads = requests::ALL
            .iter()
            .filter(|request| right.reads(request.name));
        let reads: Vec<_> = reads.map(|request| request.name).collect();
        let blocked = reads.iter().filter(|name| !measured.reads(name));
        let blocked: Vec<_> = blocked.copied().collect();
        let which = if blocked.len() == reads.len() {
            "everything".to_owned()
        } else {
            blocked.join("; ")
        };
        writeln!(
            text,
            "**{}**: {}. Blocked: {which}.",
            measured.server.title, measured.server.mistake
        )
        .expect("a text");
        let line = blocked.iter().find_map(|name| {
            let line = measured.outcome(name).console(Engine::Chromium)?;
            Some(names(measured).apply(&line))
        });
        if let Some(line) = line {
            write!(text, "\n```text\n{line}\n```\n").expect("a text");
        }
        text.push('\n');
    }
    text
}

/// Which pages read with credentials.
fn dangerous<'a>(all: impl Iterator<Item = &'a Measured>) -> String {
    let mut table = "| server | a foreign page | a host that ends alike | a host that begins alike | `null` |\n\
                     |---|---|---|---|---|\n"
        .to_owned();
    for measured in all {
        let cells = [
            "a foreign page reads with credentials",
            "a page whose host ends alike reads with credentials",
            "a page whose host begins alike reads with credentials",
            "a sandboxed frame reads with credentials",
        ];
        let cells = cells.map(|name| yes(measured.reads(name)));
        writeln!(
            table,
            "| {} | {} |",
            measured.server.title,
            cells.join(" | ")
        )
        .expect("a text");
    }
    table
}

/// Returns the names for the addresses of a run.
#[must_use]
pub fn names(origin: impl Fn(From) -> String, address: &str) -> Names {
    let mut names = vec![(
        format!("http://{address}"),
        "https://api.example".to_owned(),
    )];
    // The longest first, because one is the beginning of another.
    for (from, name) in [
        (From::BeginsAlike, "https://app.example.foreign.example"),
        (From::EndsAlike, "https://notapp.example"),
        (From::Foreign, "https://foreign.example"),
        (From::OtherPort, "https://app.example:8443"),
        (From::Allowed, "https://app.example"),
    ] {
        names.push((origin(from), name.to_owned()));
    }
    Names(names)
}
