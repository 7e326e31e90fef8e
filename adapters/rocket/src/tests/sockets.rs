//! What only a real connection shows: the fields and methods that Rocket drops.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc;
use std::time::Duration;

use rocket::fairing::AdHoc;
use rocket::{Build, Rocket, routes};

use super::{ALLOWED, Cors, DENIED, Guard, Runs, application, cors, own_options, policy};

/// Runs a server while `send_requests` runs.
fn serve(rocket: Rocket<Build>, send_requests: impl FnOnce(SocketAddr)) {
    let (sender, receiver) = mpsc::channel();
    let rocket = rocket.attach(AdHoc::on_liftoff("sends its address", move |rocket| {
        let address = SocketAddr::from((rocket.config().address, rocket.config().port));
        let _ = sender.send((address, rocket.shutdown()));
        Box::pin(async {})
    }));
    let server = std::thread::spawn(move || drop(rocket::execute(rocket.launch()).unwrap()));
    let (address, shutdown) = receiver.recv().unwrap();
    send_requests(address);
    shutdown.notify();
    server.join().unwrap();
}

fn send(address: SocketAddr, head: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    stream.write_all(head).unwrap();
    stream
        .write_all(b"\r\nHost: api.test\r\nConnection: close\r\n\r\n")
        .unwrap();
    let mut received = Vec::new();
    stream.read_to_end(&mut received).unwrap();
    String::from_utf8(received).unwrap().to_ascii_lowercase()
}

#[test]
fn requests_get_the_headers_unless_rocket_drops_their_origin_or_method() {
    let runs = Runs::default();
    let rocket = application(&runs)
        .mount("/", routes![own_options])
        .attach(cors());
    serve(rocket, |address| {
        let head = b"GET / HTTP/1.1\r\nOrigin: https://allowed.example";
        let response = send(address, head);
        assert!(response.contains("access-control-allow-origin: https://allowed.example\r\n"));

        // Rocket drops the field.
        let head = b"GET / HTTP/1.1\r\nOrigin: https://allowed.example\xFF";
        let response = send(address, head);
        assert!(response.starts_with("http/1.1 200 "), "{response}");
        assert!(!response.contains("access-control"), "{response}");
        assert!(response.contains("\r\nvary: origin\r\n"), "{response}");

        for method in ["options", "QUERY", "PROPFIND"] {
            let head = format!("{method} / HTTP/1.1\r\nOrigin: https://allowed.example");
            let response = send(address, head.as_bytes());
            assert!(response.starts_with("http/1.1 400 "), "{response}");
            assert!(!response.contains("access-control"), "{response}");
        }

        runs.take();
        let fields = "Origin: https://allowed.example\r\nAccess-Control-Request-Method: PUT";
        for target in ["/", "/a?b", "*", "http://api.test/", "//", "/%FF", "/../x"] {
            let head = format!("OPTIONS {target} HTTP/1.1\r\n{fields}");
            let response = send(address, head.as_bytes());
            assert!(
                response.starts_with("http/1.1 204 "),
                "{target}: {response}"
            );
            assert!(response.contains("access-control-allow-methods: get, head, post, put\r\n"));
            assert!(response.ends_with("\r\n\r\n"), "{response}");
            for absent in ["content-type", "content-length", "transfer-encoding"] {
                assert!(!response.contains(&format!("\n{absent}:")), "{response}");
            }
        }
        let head = format!("OPTIONS / HTTP/1.1\r\n{}", fields.replace(ALLOWED, DENIED));
        let response = send(address, head.as_bytes());
        assert!(response.starts_with("http/1.1 403 "), "{response}");
        assert!(!response.contains("\ncontent-type:"), "{response}");
        assert_eq!(runs.take(), 0);
    });
}

/// The docs of this crate and SECURITY.md list these as limits of Rocket.
#[test]
fn header_fields_that_are_not_utf_8_are_ignored() {
    let runs = Runs::default();
    let policy = policy().guard(Guard::All).build().unwrap();
    let rocket = application(&runs)
        .mount("/", routes![own_options])
        .attach(Cors::new(policy));
    serve(rocket, |address| {
        let send_request = |head: &[u8]| {
            let response = send(address, head);
            let allowed = "\r\naccess-control-allow-origin: https://allowed.example\r\n";
            let status = response["http/1.1 ".len()..][..3].parse::<u16>().unwrap();
            (status, response.contains(allowed), runs.take())
        };
        let rejected = (403, false, 0);
        let get = |fields: &[u8]| send_request(&[b"GET / HTTP/1.1\r\n", fields].concat());
        assert_eq!(get(b"Origin: https://allowed.example"), (200, true, 1));
        assert_eq!(get(b"Origin: https://denied.example"), rejected);
        // `\xC3\xBF` is UTF-8, so Rocket keeps the field.
        assert_eq!(get(b"Origin: https://denied.example\xC3\xBF"), rejected);
        assert_eq!(get(b"Origin: https://denied.example\xFF"), (200, false, 1));

        let two = b"Origin: https://allowed.example\r\nOrigin: https://denied.example";
        assert_eq!(get(two), rejected);
        let two = b"Origin: https://allowed.example\r\nOrigin: https://denied.example\xFF";
        assert_eq!(get(two), (200, true, 1));
        let two = b"Origin: \xFF\r\nOrigin: https://allowed.example";
        assert_eq!(get(two), (200, true, 1));

        let preflight = |method: &[u8]| {
            let fields = b"Origin: https://allowed.example\r\nAccess-Control-Request-Method: ";
            send_request(&[b"OPTIONS / HTTP/1.1\r\n", &fields[..], method].concat())
        };
        assert_eq!(preflight(b"PUT"), (204, true, 0));
        // Not a preflight.
        assert_eq!(preflight(b"PUT\xFF"), (200, true, 1));
    });
}

/// The docs of this crate and SECURITY.md list this as a limit of Rocket. `Host` is `api.test`.
#[test]
fn the_authority_of_an_absolute_target_is_ignored_over_http_1() {
    let config = policy().guard(Guard::All).allow_hosts(["api.test"]);
    let policy = config.build().unwrap();
    let rocket = application(&Runs::default()).attach(Cors::new(policy));
    serve(rocket, |address| {
        let is_rejected = |target: &str, origin: &str| {
            let head = format!("GET {target} HTTP/1.1\r\nOrigin: {origin}");
            let response = send(address, head.as_bytes());
            assert!(!response.starts_with("http/1.1 421 "), "{target}");
            response.starts_with("http/1.1 403 ")
        };
        for target in ["/", "http://api.test/", "http://other.test/"] {
            assert!(!is_rejected(target, "http://api.test"), "{target}");
            assert!(is_rejected(target, "http://other.test"), "{target}");
        }
    });
}
