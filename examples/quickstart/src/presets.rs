//! Policies to start from.

use serde::Serialize;

#[derive(Clone, Copy, Serialize)]
pub(crate) struct Preset {
    pub(crate) name: &'static str,
    /// The policy, in TOML.
    pub(crate) text: &'static str,
}

pub(crate) const PRESETS: [Preset; 6] = [
    Preset {
        name: "Public API",
        text: include_str!("../presets/public-api.toml"),
    },
    Preset {
        name: "Application with cookies",
        text: include_str!("../presets/application.toml"),
    },
    Preset {
        name: "Subdomains and previews",
        text: include_str!("../presets/subdomains.toml"),
    },
    Preset {
        name: "Desktop and mobile apps",
        text: include_str!("../presets/apps.toml"),
    },
    Preset {
        name: "Local server (MCP)",
        text: include_str!("../presets/local-server.toml"),
    },
    Preset {
        name: "Local development",
        text: include_str!("../presets/development.toml"),
    },
];

#[cfg(test)]
mod tests {
    use omnicors_core::{Decision, Guard, PolicyConfig, RequestParts, Warning, evaluate};

    use super::*;
    use crate::policy_text;

    #[test]
    fn every_preset_is_valid_and_warns_only_about_development() {
        for Preset { name, text } in PRESETS {
            let policy = policy_text::parse(text).unwrap();
            let warnings = policy.warnings();
            let is_known = |warning: &Warning| *warning == Warning::OnlyLoopbackOrigins;
            assert!(warnings.iter().all(is_known), "{name}: {warnings:?}");
        }
    }

    #[test]
    fn presets_of_the_library_and_of_the_page_are_the_same() {
        let public = policy_text::parse(PRESETS[0].text).unwrap();
        assert_eq!(public.config(), PolicyConfig::public_read_only());
        let cookies = policy_text::parse(PRESETS[1].text).unwrap();
        let expected = PolicyConfig::with_cookies(["http://app.localhost:*"])
            .allow_header("x-csrf-token")
            .expose_header("x-request-id");
        assert_eq!(cookies.config(), expected);
        let local = policy_text::parse(PRESETS[4].text).unwrap();
        // The lists of the example of an MCP server.
        let expected = PolicyConfig::new()
            .allow_origin("http://app.localhost:*")
            .allow_methods(["DELETE"])
            .allow_headers([
                "authorization",
                "content-type",
                "last-event-id",
                "mcp-protocol-version",
                "mcp-session-id",
            ])
            .expose_headers(["mcp-session-id", "www-authenticate"])
            .guard(Guard::All)
            .allow_loopback_hosts();
        assert_eq!(local.config(), expected.build().unwrap().config());
    }

    #[test]
    fn the_preset_for_a_local_server_rejects_other_pages_and_hosts() {
        let policy = policy_text::parse(PRESETS[4].text).unwrap();
        for (host, origin, expected) in [
            ("localhost:8000", "http://app.localhost:4000", None),
            ("127.0.0.1:8000", "http://app.localhost:4000", None),
            ("[::1]:8000", "http://app.localhost:4000", None),
            ("localhost:8000", "https://other.example", Some(403)),
            ("other.example:8000", "http://other.example:8000", Some(421)),
        ] {
            let fields = [("host", host), ("origin", origin)];
            let request = RequestParts::read(&policy, "POST", &fields);
            let status = match evaluate(&policy, &request) {
                Decision::Respond { status, .. } => Some(status),
                Decision::Forward { .. } => None,
            };
            assert_eq!(status, expected, "{host} {origin}");
        }
    }

    #[test]
    fn every_preset_allows_what_its_name_says() {
        for (index, origin) in [
            (0, "https://any.example"),
            (1, "http://app.localhost:4000"),
            (2, "https://pr-12.previews.example.com"),
            (3, "tauri://localhost"),
            (3, "capacitor://localhost"),
            (4, "http://app.localhost:4000"),
            (5, "http://localhost:5173"),
            (5, "http://[::1]:8080"),
        ] {
            let policy = policy_text::parse(PRESETS[index].text).unwrap();
            let fields = [("host", "localhost:8000"), ("origin", origin)];
            let request = RequestParts::read(&policy, "GET", &fields);
            let verdict = evaluate(&policy, &request).verdict();
            assert!(verdict.is_allowed(), "{origin}: {verdict:?}");
        }
    }
}
