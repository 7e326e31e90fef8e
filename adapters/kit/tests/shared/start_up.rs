//! A server that must not start, in a process of its own: a panic on the thread of a worker must not be lost.

use std::env;
use std::process::Command;

const IN_CHILD: &str = "OMNICORS_TEST_IN_CHILD";

/// Runs the test with this name again, in a child process, where `serve` is called. Asserts that the child fails because of the
/// missing lookup.
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
    let message =
        "the CORS policy looks origins up, but the adapter has no lookup: call `lookup_origins(";
    assert!(written.contains(message), "{written}");
}
