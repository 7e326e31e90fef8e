//! Writes the table of cases as seeds into each folder: `seeds FOLDER…`. A folder with the name `diff` also gets pairs of policies,
//! and one with the name `image` gets images only.

use std::path::PathBuf;
use std::{env, fs, io};

use omnicors_core::{Guard, LookupResult, Policy, PolicyConfig};
use omnicors_fuzz::image::{self, STORE};
use omnicors_fuzz::{Kind, Script, Writer};
use omnicors_tests::cases::{self, Case, Table};

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
    let pairs = pairs(&table);
    for folder in &folders {
        fs::create_dir_all(folder)?;
        if folder.ends_with("image") {
            for (number, seed) in images().iter().enumerate() {
                fs::write(folder.join(format!("image-{number:03}")), seed)?;
            }
            continue;
        }
        if folder.ends_with("diff") {
            for (number, seed) in pairs.iter().enumerate() {
                fs::write(folder.join(format!("pair-{number:03}")), seed)?;
            }
        }
        for (number, seed) in seeds.iter().enumerate() {
            fs::write(folder.join(format!("case-{number:03}")), seed)?;
        }
    }
    println!(
        "{} seeds for each of {} targets, and {} pairs of policies",
        seeds.len(),
        folders.len(),
        pairs.len()
    );
    Ok(())
}

/// Images for the target `image`, each with a first byte for a right checksum, and without or with the present as the last contact.
fn images() -> Vec<Vec<u8>> {
    let lists: [&[&str]; 4] = [
        &[],
        &["https://a.example", "https://b.example:8443"],
        &["null", "file://", "https://*.example", "https://A.example"],
        &[
            "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
            "https://[::1]",
        ],
    ];
    let mut images = Vec::new();
    for list in lists {
        for (how, name) in [(1, STORE), (3, STORE), (3, "another store")] {
            let mut seed = vec![how];
            seed.extend(image::write(name, list));
            images.push(seed);
        }
    }
    images
}

/// Pairs of origin settings for the target `diff`. In a pair, patterns, exact origins and regular expressions overlap.
const ORIGINS: [[&[(Kind, &str)]; 2]; 8] = {
    use Kind::{Allow, Regex, Switches};
    [
        [
            &[
                (Allow, "https://a*.example.com"),
                (Allow, "https://b*.example.com"),
            ],
            &[
                (Allow, "https://pr-*.example.com"),
                (Allow, "https://a-1.example.com"),
            ],
        ],
        [
            &[(Allow, "https://*.example.com")],
            &[(Regex, r"https://[a-z]+\.example\.com")],
        ],
        [
            &[(Allow, "https://a.example.com:*")],
            &[(Regex, r"https://(a|b)\.example\.com(:\d+)?")],
        ],
        [
            &[
                (Regex, r"https://pr-\d{1,3}\.example\.com"),
                (Switches, "c"),
            ],
            &[
                (Regex, r"https://pr-[1-9][0-9]*\.example\.com"),
                (Allow, "https://pr-0.example.com"),
                (Switches, "co"),
            ],
        ],
        [
            &[(Regex, r"https?://[^.]+\.example\.com"), (Switches, "ci")],
            &[
                (Regex, r"https?://[^.]+\.example\.com"),
                (Allow, "http://*.localhost:*"),
                (Switches, "c"),
            ],
        ],
        [
            &[(Allow, "*"), (Switches, "n")],
            &[(Regex, r".*"), (Switches, "n")],
        ],
        [
            &[
                (Allow, "moz-extension://*"),
                (Allow, "null"),
                (Switches, "n"),
            ],
            &[(Regex, r"(moz-extension|app)://[a-z0-9-]+")],
        ],
        [
            &[(Regex, r"https://([a-z0-9-]{1,63}\.){1,3}example\.com")],
            &[(Allow, "https://*.example.com"), (Switches, "co")],
        ],
    ]
};

/// Returns pairs of policies: those of the table that follow each other, and those of [`ORIGINS`], each in both orders.
fn pairs(table: &Table) -> Vec<Vec<u8>> {
    let of_table = table.policies.iter().map(|(name, policy)| {
        let mut writer = Writer::default();
        settings(&mut writer, policy);
        let of_policy = |case: &&Case| case.policy == *name;
        if let Some(case) = table.cases.iter().find(of_policy) {
            request(&mut writer, case);
        }
        writer.finish()
    });
    let of_table: Vec<_> = of_table.collect();
    let mut pairs: Vec<[Vec<u8>; 2]> = of_table
        .windows(2)
        .map(|pair| [pair[0].clone(), pair[1].clone()])
        .collect();
    pairs.extend(ORIGINS.map(|pair| pair.map(of_origins)));
    let both_orders = pairs
        .into_iter()
        .flat_map(|[one, other]| [[one.clone(), other.clone()], [other, one]]);
    both_orders.map(|pair| pair.join(&b"--\n"[..])).collect()
}

/// Returns the policy of these lines.
fn of_origins(lines: &[(Kind, &str)]) -> Vec<u8> {
    let mut writer = Writer::default();
    for (kind, text) in lines {
        writer.line(*kind, text);
    }
    let seed = writer.finish();
    let script = Script::new(&seed);
    let config = script
        .config()
        .allow_origin_regexes(script.texts(Kind::Regex));
    let built = config.build();
    assert!(built.is_ok(), "{lines:?}: {built:?}");
    seed
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
