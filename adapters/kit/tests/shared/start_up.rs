//! Asserts that a server does not start, in a process of its own: frameworks build services on worker threads, where a panic
//! could get lost.

use std::env;
use std::process::Command;

const IN_CHILD: &str = "OMNICORS_TEST_IN_CHILD";

/// Runs the test with this name again in a child process, which calls `serve`. Asserts that the child process panics because
/// of the missing lookup.
pub(crate) fn assert_missing_lookup_stops_the_server(test: &str, serve: impl FnOnce()) {
    if env::var_os(IN_CHILD).is_some() {
        return serve();
    }
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(IN_CHILD, "1")
        .output()
        .unwrap();
    let written = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(101), "{written}");
    let message = "the CORS policy sets `lookup_origins`, but the adapter has no origin lookup: call `lookup_origins(";
    assert!(written.contains(message), "{written}");
}
