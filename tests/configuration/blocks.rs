//! The blocks that are not Rust, each read as the document says.

use std::collections::{BTreeMap, BTreeSet};

use omnicors::adapters::tokio::PolicyFile;
use omnicors::{Policy, PolicyConfig};
use serde_json::Value;

use super::document::{DOCUMENT, block, blocks};

/// The first lines of the blocks that have a test, here or in another file.
const TESTED: [&str; 20] = [
    // file.rs
    "# cors.toml",
    "# cors.yaml",
    "{",
    "# A file with mistakes",
    "/etc/app/cors.toml: the CORS policy has 3 faults:",
    // environment.rs
    "export CORS_ALLOW_ORIGINS=\"https://app.example.com, https://*.example.org\"",
    "the CORS policy has 2 faults:",
    "# compose.yaml",
    // figment.rs, config.rs, rocket.rs, loco.rs
    "# app.toml, for figment",
    "# app.toml, for config",
    "# Rocket.toml",
    "# config/development.yaml",
    // Below
    "# configmap.yaml",
    "# deployment.yaml",
    "# Tauri",
    "# Capacitor and Ionic",
    "# Electron with a scheme of its own",
    "# A browser extension",
    "# Pages from file://",
    "# A phone on the same network",
];

#[test]
fn every_block_is_in_a_test() {
    let others = ["# A phone on the same network, with cookies"];
    let tested: BTreeSet<_> = TESTED.into_iter().chain(others).collect();
    let found = blocks()
        .into_iter()
        .filter(|block| block.language != "rust");
    let found: BTreeSet<_> = found.map(|block| block.first_line()).collect();
    assert_eq!(found, tested);
}

fn toml(first_line: &str) -> PolicyConfig {
    toml::from_str(block(first_line)).unwrap()
}

/// Asserts that a policy allows pages of exactly these origins.
fn assert_allows(policy: &Policy, allowed: &[&str], credentials: bool) {
    let origins = policy.origins().unwrap();
    assert_eq!(origins.patterns().collect::<Vec<_>>(), allowed);
    for origin in allowed {
        let request = omnicors::RequestParts::new("GET").origin(origin);
        let decision = omnicors::evaluate(policy, &request);
        assert!(decision.verdict().is_allowed(), "{origin}");
        assert_eq!(
            decision.verdict_with_credentials().is_allowed(),
            credentials,
            "{origin}"
        );
    }
}

#[test]
fn the_origins_of_apps_are_allowed() {
    for (first_line, allowed, credentials) in [
        (
            "# Tauri",
            &[
                "tauri://localhost",
                "http://tauri.localhost",
                "https://tauri.localhost",
            ][..],
            false,
        ),
        (
            "# Capacitor and Ionic",
            &[
                "capacitor://localhost",
                "ionic://localhost",
                "https://localhost",
                "http://localhost",
            ],
            false,
        ),
        (
            "# Electron with a scheme of its own",
            &["app://bundle", "app://."],
            true,
        ),
        ("# Pages from file://", &["null", "file://"], false),
        (
            "# A browser extension",
            &[
                "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
                "moz-extension://*",
                "safari-web-extension://*",
            ],
            false,
        ),
    ] {
        let policy = toml(first_line).build().unwrap();
        assert_allows(&policy, allowed, credentials);
        // The table of the document lists each of them.
        for origin in allowed {
            assert!(DOCUMENT.contains(&format!("`{origin}`")), "{origin}");
        }
    }
}

#[test]
fn a_page_from_a_file_needs_the_opt_out() {
    let config = toml("# Pages from file://").dangerously_allow_opaque_origins(false);
    assert!(config.build().is_err());
}

#[test]
fn the_origins_of_a_local_network_are_allowed() {
    let allowed = ["http://localhost:5173", "http://192.168.1.5:5173"];
    let policy = toml("# A phone on the same network").build().unwrap();
    assert_allows(&policy, &allowed, false);
    let with_cookies = || toml("# A phone on the same network, with cookies");
    let policy = with_cookies().build().unwrap();
    assert_allows(&policy, &allowed, true);
    // The address needs the opt-out, and the message names it.
    let error = with_cookies()
        .dangerously_allow_insecure_origins(false)
        .build()
        .unwrap_err();
    let [fault] = error.faults() else {
        panic!("{error}")
    };
    assert_eq!(fault.text(), "http://192.168.1.5:5173");
    assert!(
        error
            .to_string()
            .contains("set `dangerously_allow_insecure_origins`")
    );
    // The variant of the document in code.
    let config = PolicyConfig::local_development().allow_origin("http://192.168.1.5:5173");
    assert!(
        config
            .dangerously_allow_insecure_origins(true)
            .build()
            .is_ok()
    );
}

fn yaml(first_line: &str) -> Value {
    serde_saphyr::from_str(block(first_line)).unwrap()
}

#[test]
fn the_variables_of_a_compose_file_are_a_policy() {
    let file = yaml("# compose.yaml");
    let variables = file["services"]["api"]["environment"].as_object().unwrap();
    let pairs = variables.iter().map(|(name, value)| {
        // Compose replaces an unset variable by the text after `:-`.
        let value = value.as_str().expect("Compose passes text");
        (name, value.replace("${EXPOSE_HEADERS:-}", ""))
    });
    let policy = PolicyConfig::from_pairs("CORS_", pairs).build().unwrap();
    assert_allows(
        &policy,
        &["https://app.example.com", "https://admin.example.com"],
        true,
    );
    assert_eq!(policy.expose_headers().count(), 0);
}

/// The directory has the layout of Kubernetes volumes.
#[cfg(unix)]
#[test]
fn a_config_map_is_mounted_and_followed() {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use omnicors::adapters::tokio::Reloaded;
    use omnicors::adapters::tower::PolicyHandle;

    let map = yaml("# configmap.yaml");
    let pod = yaml("# deployment.yaml")["spec"]["template"]["spec"].clone();
    let mount = &pod["containers"][0]["volumeMounts"][0];
    assert_eq!(mount["name"], pod["volumes"][0]["name"]);
    assert_eq!(
        pod["volumes"][0]["configMap"]["name"],
        map["metadata"]["name"]
    );
    assert!(mount.get("subPath").is_none());
    let data: BTreeMap<String, String> = serde_json::from_value(map["data"].clone()).unwrap();
    let [(name, content)] = &data.into_iter().collect::<Vec<_>>()[..] else {
        panic!("one file");
    };
    let path = format!("{}/{name}", mount["mountPath"].as_str().unwrap());
    assert!(DOCUMENT.contains(&format!("PolicyFile::watch(\"{path}\", report)")));

    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let write = |version: &str, content: &str| {
        fs::create_dir(directory.join(version)).unwrap();
        fs::write(directory.join(version).join(name), content).unwrap();
        symlink(version, directory.join("..data_tmp")).unwrap();
        fs::rename(directory.join("..data_tmp"), directory.join("..data")).unwrap();
    };
    write("..1", content);
    symlink(format!("..data/{name}"), directory.join(name)).unwrap();
    let (sender, reports) = channel();
    let (policy, _): (PolicyHandle, _) = PolicyFile::watch(directory.join(name), move |outcome| {
        sender.send(outcome.unwrap()).unwrap();
    })
    .unwrap();
    assert_allows(policy.load().policy(), &["https://app.example.com"], true);
    write("..2", &content.replace("https://app", "https://new"));
    let report = reports.recv_timeout(Duration::from_secs(20));
    assert_eq!(report, Ok(Reloaded::Replaced));
    assert_allows(policy.load().policy(), &["https://new.example.com"], true);
}

#[test]
fn the_table_has_all_settings_with_their_defaults() {
    let (_, after) = DOCUMENT.split_once("## All settings").unwrap();
    let (table, _) = after.split_once("\n## ").unwrap();
    let mut names = Vec::new();
    for row in table.lines().filter(|line| line.starts_with("| `")) {
        let mut cells = row.trim_matches('|').split(" | ").map(str::trim);
        let name = cells.next().unwrap().trim_matches('`');
        let value = cells.next().unwrap();
        let default = cells.next().unwrap().trim_matches('`');
        names.push(name);
        let value = match value {
            "boolean" => default.to_owned(),
            _ if default.parse::<u32>().is_ok() => default.to_owned(),
            _ if default.starts_with("empty") => "[]".to_owned(),
            _ => continue,
        };
        // Writing the default changes nothing.
        let config: PolicyConfig = toml::from_str(&format!("{name} = {value}")).unwrap();
        if name != "allow_origin_regexes" {
            assert_eq!(config, PolicyConfig::new(), "{row}");
        }
    }
    // The table lists every setting, and every listed setting exists.
    for name in &names {
        let config = toml::from_str::<PolicyConfig>(&format!("{name} = 0")).unwrap();
        let error = config.build().unwrap_err().to_string();
        assert!(!error.contains("unknown setting"), "{error}");
    }
    let config: PolicyConfig = toml::from_str(
        "lookup_origins = true\nstatic_origin = true\nallow_credentials = true\nallow_others_without_credentials = true\n\
         allow_methods = 'PUT'\nallow_headers = 'x'\nexpose_headers = 'x'\nmerge_expose_headers = true\nmax_age = 1\ntiming_allow_origin = true\n\
         allow_private_network = true\npreflight_status = 200\nforward_preflights = true\nguard = 'all'\nguard_report_only = true\nallow_navigations_from = 'x'\nallow_hosts = 'x'\n\
         dangerously_allow_opaque_origins = true\ndangerously_allow_any_origin_with_credentials = true\n\
         dangerously_allow_insecure_origins = true\ndangerously_allow_public_suffix_subdomains = true",
    )
    .unwrap();
    let written = serde_json::to_value(&config).unwrap();
    for name in written.as_object().unwrap().keys() {
        assert!(names.contains(&name.as_str()), "{name}");
    }
    assert_eq!(names.len(), written.as_object().unwrap().len() + 2);
}
