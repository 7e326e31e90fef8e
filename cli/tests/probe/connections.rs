//! Connections: servers that close them, and the addresses of `localhost`.

use std::io::{BufRead as _, BufReader, ErrorKind, Write as _};
use std::net::TcpListener;
use std::thread::JoinHandle;

use crate::hostile::{Behaviour, hostile, limited};

const ALLOWING: &str = "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nAccess-Control-Allow-Methods: PUT\r\nContent-Length: 0\r\n\r\n";

/// Simple servers close a connection after a response without `Connection: close`. The client notices it when it sends the next request.
#[test]
fn a_server_may_respond_once_to_each_connection() {
    let server = hostile(Behaviour::SendsOnce(ALLOWING));
    let origin = ["--origin", "https://app.example"];
    for (arguments, expected) in [
        (&["--method", "PUT"][..], "Readable"),
        (&["--audit"], "requests were sent"),
    ] {
        let output = limited(&server.url("/"), &[&origin[..], arguments].concat());
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert_ne!(output.status.code(), Some(3), "{arguments:?}: {text}");
        assert!(text.contains(expected), "{arguments:?}: {text}");
        for failure in ["closed the connection", "ended early"] {
            assert!(!text.contains(failure), "{arguments:?}: {text}");
        }
    }
}

#[test]
fn a_server_that_has_responded_over_http_gets_no_advice_about_tls() {
    let server = hostile(Behaviour::SendsToOptions(ALLOWING));
    for (method, has_advice) in [("PUT", false), ("GET", true)] {
        let arguments = ["--origin", "https://app.example", "--method", method];
        let output = limited(&server.url("/"), &arguments);
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{method}: {text}");
        let expected = "the server closed the connection before it had sent a response";
        assert!(text.contains(expected), "{method}: {text}");
        assert_eq!(
            text.contains("write `https:`"),
            has_advice,
            "{method}: {text}"
        );
    }
}

/// Returns listeners at `[::1]` and at 127.0.0.1 with the same port. Returns `None` if the machine has no IPv6.
fn both_loopbacks() -> Option<[TcpListener; 2]> {
    loop {
        let four = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = four.local_addr().unwrap().port();
        match TcpListener::bind(("::1", port)) {
            Ok(six) => return Some([six, four]),
            // Something else has the port there.
            Err(error) if error.kind() == ErrorKind::AddrInUse => {}
            Err(_) => return None,
        }
    }
}

/// Responds to one request with a text, and closes the listener.
fn respond_once(listener: TcpListener, text: &'static str) -> JoinHandle<()> {
    std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut lines = BufReader::new(&stream).lines();
        assert!(lines.any(|line| line.unwrap().is_empty()), "a request");
        (&stream).write_all(text.as_bytes()).unwrap();
    })
}

/// As in Chromium.
#[test]
fn localhost_is_asked_at_its_ipv6_address_first() {
    let Some([six, four]) = both_loopbacks() else {
        return;
    };
    let url = format!("http://localhost:{}/", six.local_addr().unwrap().port());
    let at_four = respond_once(four, "HTTP/1.1 200 OK\r\n\r\n");
    let at_six = respond_once(six, ALLOWING);
    for (server, code, expected) in [(at_six, 0, "Readable"), (at_four, 1, "Blocked")] {
        let output = limited(&url, &["--origin", "https://app.example"]);
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert_eq!(output.status.code(), Some(code), "{text}");
        assert!(text.contains(expected), "{text}");
        server.join().unwrap();
    }
}

#[test]
fn both_addresses_of_localhost_are_named_if_nothing_listens() {
    let Some(listeners) = both_loopbacks() else {
        return;
    };
    let [port, _] = listeners.map(|listener| listener.local_addr().unwrap().port());
    let output = limited(
        &format!("http://localhost:{port}/"),
        &["--origin", "https://app.example"],
    );
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{text}");
    let expected =
        format!("nothing listens at [::1]:{port} and 127.0.0.1:{port}: start the server");
    assert!(text.contains(&expected), "{text}");
}
