//! The programs that the page of the quick start shows. Used by the build script.

use std::error::Error;
use std::fmt::Write as _;

use omnicors_core::PolicyConfig;

use crate::presets::PRESETS;
use crate::rust_code::policy_function;
use crate::usage::TABS;

/// The policy of the page.
const PAGE: &str = include_str!("../../../examples/quickstart/page/policy.toml");

/// A policy with the settings that the presets do not have.
const OTHER_SETTINGS: &str = "
allow_origins = [\"https://example.com\", \"http://intranet.example\", \"null\"]
allow_methods = \"PUT, DELETE\"
max_age = \"none\"
merge_expose_headers = true
preflight_status = 200
forward_preflights = true
guard = \"all\"
guard_report_only = true
allow_navigations_from = [\"https://login.example\"]
allow_hosts = [\"api.example.com\", \"localhost:8080\"]
allow_private_network = true
dangerously_allow_opaque_origins = true
";

/// Returns the name and the code of each program.
pub(crate) fn programs() -> Result<Vec<(String, String)>, Box<dyn Error>> {
    let settings = settings(PAGE)?;
    let mut programs = Vec::new();
    for tab in &TABS {
        for (index, part) in tab.parts(PAGE, &settings).into_iter().enumerate() {
            if part.text.contains("fn ") {
                programs.push((format!("quickstart {} {index}", tab.id), part.text));
            }
        }
    }
    Ok(programs)
}

/// Returns a file with a module for each policy: its text, and the function that builds it.
pub(crate) fn policies() -> Result<String, Box<dyn Error>> {
    let presets = PRESETS.iter().map(|preset| preset.text);
    let texts: Vec<_> = presets.chain([PAGE, OTHER_SETTINGS]).collect();
    let mut output = String::new();
    let mut list = String::new();
    for (number, text) in texts.iter().enumerate() {
        let function = policy_function(&settings(text)?);
        write!(
            output,
            "mod policy_{number} {{\nuse omnicors::{{Policy, PolicyConfig, PolicyError}};\n\npub(super) {function}\n}}\n\n"
        )?;
        writeln!(list, "    ({text:?}, policy_{number}::policy),")?;
    }
    let count = texts.len();
    write!(
        output,
        "const POLICIES: [(&str, Build); {count}] = [\n{list}];\n"
    )?;
    Ok(output)
}

fn settings(text: &str) -> Result<String, Box<dyn Error>> {
    let policy = toml::from_str::<PolicyConfig>(text)?.build()?;
    Ok(toml::to_string(&policy.config())?)
}
