//! Writes the table of cases as seeds into each folder: `seeds FOLDER…`.

use std::path::PathBuf;
use std::{env, fs, io};

use omnicors_core::{Guard, LookupResult, Policy, PolicyConfig};
use omnicors_fuzz::{Kind, Writer};
use omnicors_tests::cases::{self, Case};

fn main() -> io::Result<()> {
    let folders: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    assert!(!folders.is_empty(), "usage: seeds FOLDER…");
    let table = cases::load();
    let mut seeds: Vec<Vec<u8>> = Vec::new();
    for case in &table.cases {
        let mut writer = Writer::default();
        settings(&mut writer, &table.policies[&case.policy]);
        request(&mut writer, case);
        seeds.push(writer.finish());
    }
    for folder in &folders {
        fs::create_dir_all(folder)?;
        for (number, seed) in seeds.iter().enumerate() {
            fs::write(folder.join(format!("case-{number:03}")), seed)?;
        }
    }
    println!(
        "{} seeds for each of {} targets",
        seeds.len(),
        folders.len()
    );
    Ok(())
}

fn settings(writer: &mut Writer, policy: &Policy) {
    match policy.origins() {
        None => writer.line(Kind::Allow, "*"),
        Some(set) => set
            .patterns()
            .for_each(|pattern| writer.line(Kind::Allow, pattern)),
    }
    policy
        .allow_methods()
        .for_each(|name| writer.line(Kind::AllowMethod, name));
    policy
        .allow_headers()
        .for_each(|name| writer.line(Kind::AllowHeader, name));
    policy
        .expose_headers()
        .for_each(|name| writer.line(Kind::Expose, name));
    if let Some(age) = policy.max_age() {
        writer.line(Kind::MaxAge, age.as_secs().to_string());
    }
    let config = policy.config();
    let is_on = |changed: PolicyConfig| changed == config;
    let mut switches = String::new();
    for (switch, is_on) in [
        ('c', is_on(config.clone().allow_credentials(true))),
        ('d', is_on(config.clone().lookup_origins(true))),
        ('f', is_on(config.clone().forward_preflights(true))),
        ('m', is_on(config.clone().merge_expose_headers(true))),
        ('r', is_on(config.clone().guard(Guard::All))),
        ('t', is_on(config.clone().timing_allow_origin(true))),
        ('v', is_on(config.clone().allow_private_network(true))),
        (
            'n',
            is_on(config.clone().dangerously_allow_opaque_origins(true)),
        ),
        (
            'i',
            is_on(config.clone().dangerously_allow_insecure_origins(true)),
        ),
        (
            'y',
            is_on(
                config
                    .clone()
                    .dangerously_allow_any_origin_with_credentials(true),
            ),
        ),
        (
            'u',
            is_on(
                config
                    .clone()
                    .dangerously_allow_public_suffix_subdomains(true),
            ),
        ),
    ] {
        if is_on {
            switches.push(switch);
        }
    }
    writer.line(Kind::Switches, switches);
}

fn request(writer: &mut Writer, case: &Case) {
    let mut page_method = case.request.method.as_bytes().to_vec();
    for (name, value) in &case.request.fields {
        let kind = match name.to_ascii_lowercase().as_str() {
            "origin" => Kind::Origin,
            "host" => Kind::Host,
            "sec-fetch-site" => Kind::SecFetchSite,
            "access-control-request-method" => {
                page_method.clone_from(value);
                Kind::RequestMethod
            }
            "access-control-request-headers" => {
                // A page that sets these headers causes this preflight.
                for name in value.split(|byte| *byte == b',').take(8) {
                    writer.line(Kind::PageHeader, [name.trim_ascii(), b":1"].concat());
                }
                Kind::RequestHeaders
            }
            _ => continue,
        };
        writer.line(kind, value);
    }
    if let Some(result) = case.lookup {
        let text = match result {
            LookupResult::Allowed => "y",
            LookupResult::NotAllowed => "n",
            LookupResult::Failed => "f",
            LookupResult::TimedOut => "t",
            LookupResult::NotBegun => "b",
        };
        writer.line(Kind::LookupResult, text);
    }
    writer.line(Kind::Method, &case.request.method);
    // Only the first line of this kind is used. A mutation that drops it turns the preflight into the request of a page.
    writer.line(Kind::Method, page_method);
    writer.line(
        Kind::Credentials,
        if case.verdict_with_credentials.is_some() {
            "i"
        } else {
            "s"
        },
    );
}
