//! Absolute targets in every framework.

use omnicors_core::PolicyConfig;
use omnicors_tests::client::Connection;
use omnicors_tests::frameworks::{self, Policies, built};

/// RFC 9112, [absolute-form](https://www.rfc-editor.org/rfc/rfc9112#section-3.2.2): a server must accept such a target, and its host counts.
#[test]
fn a_target_that_names_another_host_does_not_run() {
    let mut differences = Vec::new();
    for framework in frameworks::all() {
        let config = PolicyConfig::new().allow_origins(["https://allowed.test"]);
        let policy = built(config.allow_hosts(["api.test"]));
        let started = framework.start(Policies::Replaceable(policy));
        for (target, host, runs) in [
            ("/", "api.test", true),
            ("http://api.test/", "api.test", true),
            ("http://api.test:80/", "api.test", true),
            ("/", "other.test", false),
            ("http://api.test/", "other.test", false),
            ("http://other.test/", "api.test", false),
        ] {
            // Rocket hides the host of the target, which its docs and SECURITY.md list as a limit.
            let is_hidden = framework.name() == "rocket" && target.starts_with("http:");
            // So is this one.
            let is_compared_by_warp = framework.name() == "warp-wrap" && target.contains(":80/");
            let runs = (runs && !is_compared_by_warp) || (is_hidden && host == "api.test");
            let mut connection = Connection::open(started.address()).unwrap();
            let response = connection.ask("GET", target, &[("Host", host)]).unwrap();
            let found = (response.status, started.take_runs());
            let expected = if runs { (200, 1) } else { (421, 0) };
            if found != expected {
                let name = framework.name();
                differences.push(format!("{name}: {target} of {host}: {found:?}"));
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
