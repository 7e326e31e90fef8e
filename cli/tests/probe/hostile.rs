//! Servers that do not keep to HTTP, or that never end. The command ends, needs little memory, and says what happened.

use std::process::{Command, Output};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::command::probe;
use crate::server::Running;

const HEAD: &str = "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\n";

/// What a server does with a connection, after it has read the beginning of a request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Behaviour {
    /// Sends nothing.
    Silent,
    /// Closes the connection.
    Closes,
    /// Resets the connection.
    Resets,
    /// Sends a text, and closes the connection without a response when the client uses it again.
    SendsOnce(&'static str),
    /// Sends a text to OPTIONS, and closes the connection without a response to anything else.
    SendsToOptions(&'static str),
    /// Sends a text, and closes the connection.
    Sends(&'static str),
    /// Sends a text, then another one again and again.
    Repeats(&'static str, &'static str),
    /// Sends a text, then another one byte by byte, and never ends it.
    Drips(&'static str, &'static str),
    /// Sends as many header fields.
    Fields(usize),
    /// Sends a redirect to another path of its own.
    Redirects,
}

impl Behaviour {
    async fn run(self, mut stream: TcpStream, number: usize) -> std::io::Result<()> {
        if matches!(self, Self::Resets) {
            // The rest of the request is not read, and that resets the connection when it is closed.
            stream.read_exact(&mut [0]).await?;
            return Ok(());
        }
        let mut request = [0; 4096];
        if stream.read(&mut request).await? == 0 {
            return Ok(());
        }
        match self {
            Self::Silent => std::future::pending::<()>().await,
            Self::Closes | Self::Resets => {}
            Self::SendsOnce(text) => {
                stream.write_all(text.as_bytes()).await?;
                stream.read_exact(&mut [0]).await?;
            }
            Self::SendsToOptions(text) => {
                if request.starts_with(b"OPTIONS ") {
                    stream.write_all(text.as_bytes()).await?;
                }
            }
            Self::Sends(text) => stream.write_all(text.as_bytes()).await?,
            Self::Repeats(begin, text) => {
                stream.write_all(begin.as_bytes()).await?;
                loop {
                    stream.write_all(text.repeat(1_000).as_bytes()).await?;
                }
            }
            Self::Drips(begin, text) => {
                stream.write_all(begin.as_bytes()).await?;
                // The time between bytes is what is tested here.
                let mut ticks = tokio::time::interval(Duration::from_millis(50));
                for byte in text.bytes().chain(std::iter::repeat(b'a')) {
                    ticks.tick().await;
                    stream.write_all(&[byte]).await?;
                }
            }
            Self::Fields(count) => {
                let mut text = HEAD.to_owned();
                for index in 0..count {
                    text.extend(["X-", &index.to_string(), ": 1\r\n"]);
                }
                text.push_str("Content-Length: 0\r\n\r\n");
                stream.write_all(text.as_bytes()).await?;
            }
            Self::Redirects => {
                let text = format!(
                    "HTTP/1.1 302 Found\r\nAccess-Control-Allow-Origin: *\r\nLocation: /{number}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                );
                stream.write_all(text.as_bytes()).await?;
            }
        }
        Ok(())
    }
}

pub(crate) fn hostile(behaviour: Behaviour) -> Running {
    Running::new(move |listener| async move {
        let mut number = 0;
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            number += 1;
            tokio::spawn(behaviour.run(stream, number));
        }
    })
}

/// Runs the command with 800 MB of address space, most of which it does not use: a body of 1 GiB does not fit.
pub(crate) fn limited(url: &str, arguments: &[&str]) -> Output {
    let mut command = if cfg!(unix) {
        let mut command = Command::new("sh");
        command.args([
            "-c",
            "ulimit -v 800000; exec \"$@\"",
            "sh",
            env!("CARGO_BIN_EXE_omnicors"),
        ]);
        command
    } else {
        Command::new(env!("CARGO_BIN_EXE_omnicors"))
    };
    command
        .args(["probe", url, "--timeout", "3", "--max-time", "6"])
        .args(arguments);
    command.output().expect("the command runs")
}

/// Each behaviour, the exit code, and a part of what is said.
const CASES: &[(Behaviour, i32, &str)] = &[
    (
        Behaviour::Silent,
        3,
        "no complete header section of a response within 3s (`--timeout`)",
    ),
    (
        Behaviour::Closes,
        3,
        "the server closed the connection before it had sent a response",
    ),
    (
        Behaviour::Resets,
        3,
        "the server closed the connection before it had sent a response; if the server speaks TLS at this port, write `https:`",
    ),
    (
        Behaviour::Sends("HTTP/1.1 200 OK\r\nA"),
        3,
        "the server closed the connection before it had sent a response",
    ),
    (
        Behaviour::Drips("", HEAD),
        3,
        "no complete header section of a response within 3s (`--timeout`)",
    ),
    // A page can read the beginning of a body that never ends.
    (
        Behaviour::Drips(
            "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\n\r\n",
            "body",
        ),
        0,
        "the body, of which only the beginning was read here",
    ),
    (
        Behaviour::Repeats(
            "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\n\r\n",
            "body",
        ),
        0,
        "the body, of which only the beginning was read here",
    ),
    (
        Behaviour::Repeats(
            "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 1073741824\r\n\r\n",
            "body",
        ),
        0,
        "the body, of which only the beginning was read here",
    ),
    (
        Behaviour::Sends(
            "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 10\r\n\r\nbody",
        ),
        0,
        "4 bytes of a body that ends before its length",
    ),
    (Behaviour::Fields(500), 0, "Readable"),
    (
        Behaviour::Fields(10_000),
        3,
        "the response has more than 1000 header fields or 256 KiB of them",
    ),
    (
        Behaviour::Repeats("HTTP/1.1 200 OK\r\nX: ", "aaaaaaaaaaaaaaaa"),
        3,
        "the response has more than 1000 header fields or 256 KiB of them",
    ),
    (
        Behaviour::Repeats("", "HTTP/1.1 100 Continue\r\n\r\n"),
        3,
        "no complete header section of a response within 3s",
    ),
    (Behaviour::Redirects, 1, "there are more than 20 redirects"),
    // Browsers ignore a line that is not a header.
    (
        Behaviour::Sends(
            "HTTP/1.1 200 OK\r\na line\r\nX Y: 1\r\nAccess-Control-Allow-Origin: *\r\n: 1\r\n\r\n",
        ),
        0,
        "Readable",
    ),
    // Chromium accepts it, and Firefox does not.
    (
        Behaviour::Sends("HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin : *\r\n\r\n"),
        1,
        "`Access-Control-Allow-Origin` is missing",
    ),
    (
        Behaviour::Sends("HTTP/1.1 200 OK\r\nX: \0\r\n\r\n"),
        3,
        "the response is not valid HTTP/1.1 (invalid HTTP header parsed)",
    ),
    (
        Behaviour::Sends("<html>hello</html>\r\n\r\n"),
        3,
        "the response is not valid HTTP/1.1",
    ),
    (
        Behaviour::Sends("SSH-2.0-OpenSSH\r\n\r\n"),
        3,
        "the response is not valid HTTP/1.1",
    ),
    (
        Behaviour::Sends("HTTP/1.1 999999 OK\r\n\r\n"),
        3,
        "the response is not valid HTTP/1.1",
    ),
    (
        Behaviour::Sends("HTTP/1.0 200 OK\r\nAccess-Control-Allow-Origin: *\r\n\r\nold"),
        0,
        "the body, 3 bytes",
    ),
];

#[test]
fn the_command_ends_in_time_with_little_memory_and_says_what_happened() {
    for (behaviour, code, expected) in CASES {
        let server = hostile(*behaviour);
        let begin = Instant::now();
        let output = limited(&server.url("/"), &["--origin", "https://app.example"]);
        let elapsed = begin.elapsed();
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8(text).unwrap();
        assert_eq!(output.status.code(), Some(*code), "{behaviour:?}: {text}");
        assert!(text.contains(expected), "{behaviour:?}: {text}");
        assert!(
            elapsed < Duration::from_secs(12),
            "{behaviour:?}: {elapsed:?}"
        );
    }
}

#[test]
fn the_option_whose_time_is_up_is_named() {
    let silent = hostile(Behaviour::Silent);
    for (arguments, expected) in [
        (
            ["--timeout", "0.5", "--max-time", "9"],
            "within 500ms (`--timeout`)",
        ),
        (
            ["--timeout", "9", "--max-time", "0.5"],
            "in the time of the command, 500ms (`--max-time`)",
        ),
    ] {
        let url = silent.url("/");
        let output = probe(&[&[&*url, "--origin", "https://app.example"], &arguments[..]].concat());
        let text = String::from_utf8(output.stderr).unwrap();
        let expected = format!("no complete header section of a response {expected}");
        assert_eq!(output.status.code(), Some(3), "{text}");
        assert!(text.contains(&expected), "{arguments:?}: {text}");
    }
}

/// Returns a listener that accepts no more connections: those that would not be accepted soon get no response.
#[cfg(target_os = "linux")]
async fn full() -> (tokio::net::TcpListener, Vec<TcpStream>) {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut streams = Vec::new();
    while let Ok(stream) =
        tokio::time::timeout(Duration::from_millis(300), TcpStream::connect(address)).await
    {
        streams.push(stream.unwrap());
        assert!(
            streams.len() < 100,
            "the listener accepts connections without end"
        );
    }
    (listener, streams)
}

/// A host can have several addresses, of which some do not respond.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn addresses_that_do_not_respond_do_not_keep_the_others() {
    let (full, _streams) = full().await;
    let dead = full.local_addr().unwrap();
    let server = hostile(Behaviour::Sends(
        "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 0\r\n\r\n",
    ));
    let url = "http://api.example/";
    let [dead, live] = [dead, server.address].map(|address| format!("api.example:80:{address}"));
    let resolve = |addresses: &[&String]| -> Vec<String> {
        let addresses = addresses.iter();
        addresses
            .flat_map(|address| ["--resolve".to_owned(), (*address).clone()])
            .collect()
    };
    let ask = |resolve: &[String], rest: &[&str]| {
        let resolve: Vec<_> = resolve.iter().map(String::as_str).collect();
        let origin = ["--origin", "http://app.example"];
        let output = probe(&[&[url], &origin[..], &resolve, rest].concat());
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        (output.status.code(), text)
    };
    let (code, text) = ask(&resolve(&[&dead, &dead, &live]), &["--timeout", "4"]);
    assert_eq!(code, Some(0), "{text}");

    let only_dead = resolve(&[&dead, &dead]);
    for (options, expected) in [
        (
            ["--connect-timeout", "0.5"],
            "within 500ms (`--connect-timeout`)",
        ),
        (["--timeout", "0.5"], "within 500ms (`--timeout`)"),
        (
            ["--max-time", "0.5"],
            "in the time of the command, 500ms (`--max-time`)",
        ),
    ] {
        let (code, text) = ask(&only_dead, &options);
        let expected = format!("no connection to {} {expected}", full.local_addr().unwrap());
        assert_eq!(code, Some(3), "{text}");
        assert!(text.contains(&expected), "{options:?}: {text}");
    }
}

#[test]
fn an_audit_ends_in_time_as_well() {
    for (behaviour, code, expected) in [
        (
            Behaviour::Silent,
            3,
            "no complete header section of a response within 3s (`--timeout`)",
        ),
        (Behaviour::Closes, 3, "the server closed the connection"),
        (Behaviour::Fields(10_000), 3, "256 KiB"),
        (
            Behaviour::Repeats(
                "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\n\r\n",
                "body",
            ),
            0,
            "requests were sent",
        ),
    ] {
        let server = hostile(behaviour);
        let begin = Instant::now();
        let output = limited(&server.url("/"), &["--audit"]);
        let elapsed = begin.elapsed();
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8(text).unwrap();
        assert_eq!(output.status.code(), Some(code), "{behaviour:?}: {text}");
        assert!(text.contains(expected), "{behaviour:?}: {text}");
        assert!(
            elapsed < Duration::from_secs(12),
            "{behaviour:?}: {elapsed:?}"
        );
    }
}

#[test]
fn a_server_cannot_write_to_the_terminal() {
    // A control sequence in ISO 8859-1, and a mark that turns the direction of text around.
    let text = "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: https://\u{9b}31m\u{202e}\r\n\r\n";
    let server = hostile(Behaviour::Sends(text));
    let output = limited(
        &server.url("/"),
        &["--origin", "https://app.example", "--verbose"],
    );
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("Blocked"), "{text}");
    assert!(!text.contains(['\u{9b}', '\u{202e}', '\u{1b}']), "{text:?}");
}
