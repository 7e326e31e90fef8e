//! Differences as JSON. `cli/docs/diff.md` describes the fields.

use std::io::{self, Write};

use serde::Serialize;

use super::output::Output;
use super::text;
use crate::compare::{
    Access, Direction, EntryText, Form, Gained, GainedNames, Gate, Grant, GrantChange, Region,
};

#[derive(Serialize)]
struct Document<'a> {
    version: u8,
    old: &'a str,
    new: &'a str,
    may_widen: bool,
    incomparable: Vec<String>,
    origins: Vec<Origins<'a>>,
    grants: Vec<Grants<'a>>,
    server: Vec<Server>,
    settings: Vec<Setting<'a>>,
}

#[derive(Serialize)]
struct Origins<'a> {
    change: &'static str,
    access: &'static str,
    entries: Vec<Entry<'a>>,
    within: Vec<Entry<'a>>,
    except: Vec<Entry<'a>>,
    exact: Exact<'a>,
    except_exact: Exact<'a>,
}

/// The first origins of a list, and the length of the whole list.
#[derive(Serialize)]
struct Exact<'a> {
    count: usize,
    first: &'a [&'a str],
}

#[derive(Serialize)]
struct Entry<'a> {
    kind: &'static str,
    text: &'a str,
    only_trustworthy: bool,
    opaque: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    example: Option<&'a str>,
}

#[derive(Serialize)]
struct Grants<'a> {
    origins: String,
    examples: &'a [String],
    changes: Vec<GrantItem<'a>>,
}

#[derive(Serialize)]
struct GrantItem<'a> {
    change: &'static str,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    names: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    example: Option<&'a str>,
    text: String,
}

#[derive(Serialize)]
struct Server {
    change: &'static str,
    text: String,
}

#[derive(Serialize)]
struct Setting<'a> {
    #[serde(rename = "setting")]
    name: &'a str,
    old: &'a str,
    new: &'a str,
}

pub(super) fn write(out: &mut impl Write, output: &Output<'_>) -> io::Result<()> {
    let comparison = output.comparison;
    let origins = comparison.origins.iter().map(|change| Origins {
        change: direction(change.direction),
        access: match change.access {
            Access::WithCredentials => "with-credentials",
            Access::WithoutCredentials => "without-credentials",
            Access::OnlyCredentials => "only-credentials",
        },
        entries: entries(&change.region),
        within: change.region.within.iter().map(entry).collect(),
        except: change.region.except.iter().map(entry).collect(),
        exact: exact(&change.region.exact, output.limit),
        except_exact: exact(&change.region.except_exact, output.limit),
    });
    let grants = comparison.grants.iter().map(|change| Grants {
        origins: text::subjects(change),
        examples: &change.origins,
        changes: change.grants.iter().map(grant).collect(),
    });
    let server = comparison.server.iter().map(|change| Server {
        change: direction(change.direction()),
        text: text::server(change),
    });
    let settings = comparison.settings.iter().map(|change| Setting {
        name: change.setting,
        old: &change.old,
        new: &change.new,
    });
    let document = Document {
        version: 1,
        old: &output.old,
        new: &output.new,
        may_widen: comparison.may_widen(),
        incomparable: comparison
            .incomparable
            .iter()
            .map(text::incomparable)
            .collect(),
        origins: origins.collect(),
        grants: grants.collect(),
        server: server.collect(),
        settings: settings.collect(),
    };
    crate::json::write(out, &document)
}

fn direction(direction: Direction) -> &'static str {
    match direction {
        Direction::Widens => "widens",
        Direction::Narrows => "narrows",
        Direction::Neither => "neither",
    }
}

fn entries<'a>(region: &'a Region<'_>) -> Vec<Entry<'a>> {
    let entries = region.entries.iter().map(|part| Entry {
        example: Some(&part.witness),
        ..entry(&part.entry)
    });
    entries.collect()
}

fn entry(entry: &EntryText) -> Entry<'_> {
    let (opaque, insecure) = match entry.gate {
        Gate::Origin {
            allow_opaque,
            allow_insecure,
        } => (allow_opaque, allow_insecure),
        _ => (false, true),
    };
    Entry {
        kind: match entry.form {
            Form::Pattern => "pattern",
            Form::Regex => "regex",
            Form::Any => "any",
        },
        text: &entry.text,
        only_trustworthy: !insecure,
        opaque,
        example: None,
    }
}

fn exact<'a>(origins: &'a [&'a str], limit: usize) -> Exact<'a> {
    Exact {
        count: origins.len(),
        first: origins.get(..limit).unwrap_or(origins),
    }
}

fn grant(change: &GrantChange) -> GrantItem<'_> {
    let (kind, gained) = match &change.grant {
        Grant::Method(gained) => ("method", Some(gained)),
        Grant::Header(gained) => ("header", Some(gained)),
        Grant::ExposedHeader(gained) => ("exposed-header", Some(gained)),
        Grant::ApplicationExposed(_) => ("application-exposed", None),
        Grant::ApplicationExposedAny => ("application-exposed-any", None),
        Grant::Timing => ("timing", None),
        Grant::PrivateNetwork => ("private-network", None),
    };
    GrantItem {
        change: direction(change.direction),
        kind,
        names: gained.map(names),
        example: gained.map(|gained| &*gained.witness),
        text: text::grant(&change.grant),
    }
}

fn names(gained: &Gained) -> &'static str {
    match gained.names {
        GainedNames::One => "one",
        GainedNames::Any => "any",
        GainedNames::LongerThan(_) => "longer",
    }
}
