//! `omnicors schema`: a JSON Schema for policy files.

mod settings;

use std::io::Write as _;
use std::process::ExitCode;

use omnicors_core::Setting;
use serde_json::{Map, Value, json};

use crate::failure::Failure;
use settings::property;

/// Writes a JSON Schema for policy files, for editors
///
/// Write it to a file beside the policy file, and name it there. In TOML, the first line is `#:schema ./cors.schema.json`; in YAML, it is
/// `# yaml-language-server: $schema=./cors.schema.json`; in JSON, it is the key `"$schema": "./cors.schema.json"`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {}

pub(crate) fn run(_: &Arguments) -> Result<ExitCode, Failure> {
    let mut out = anstream::stdout().lock();
    writeln!(out, "{:#}", schema())?;
    Ok(ExitCode::SUCCESS)
}

/// The key with the path of a schema, in a policy file.
const SCHEMA: &str = "$schema";

fn schema() -> Value {
    let mut properties: Map<_, _> = Setting::all()
        .filter_map(|setting| Some((setting.as_str().to_owned(), property(setting)?)))
        .collect();
    let of_schema = json!({
        "type": "string",
        "description": "The path of this schema, for editors. It is not a setting.",
    });
    properties.insert(SCHEMA.to_owned(), of_schema);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "CORS policy",
        "description": "A CORS policy of Omnicors. Everything is denied unless a setting allows it.",
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    })
}

#[cfg(test)]
mod tests;
