//! What only a server shows: workers, connections, panics.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpStream};

use actix_web::dev::ServerHandle;
use actix_web::{HttpServer, rt};

use super::*;

/// Long enough for anything but a server that hangs.
const PATIENCE: Duration = Duration::from_secs(20);

/// Two workers; it runs until it is stopped.
fn serve(cors: &Cors) -> (SocketAddr, ServerHandle) {
    async fn number(number: web::Path<u8>) -> String {
        number.to_string()
    }
    let cors = cors.clone();
    let server = HttpServer::new(move || {
        App::new()
            .route("/number/{number}", web::get().to(number))
            .route(
                "/panic",
                web::get().to(async || -> &str { panic!("on purpose") }),
            )
            .wrap(from_fn(login))
            .wrap(cors.clone())
    });
    let server = server.workers(2).disable_signals();
    let server = server.bind(("127.0.0.1", 0)).unwrap();
    let address = server.addrs()[0];
    let server = server.run();
    let handle = server.handle();
    rt::spawn(server);
    (address, handle)
}

struct Connection(BufReader<TcpStream>);

impl Connection {
    fn new(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Self(BufReader::new(stream))
    }

    /// The head of the response, in lower case, without its date; empty if the connection ends instead.
    fn ask(&mut self, line: &str, origin: &[u8]) -> String {
        let mut bytes = format!("{line} HTTP/1.1\r\nHost: a\r\nOrigin: ").into_bytes();
        bytes.extend_from_slice(origin);
        bytes.extend_from_slice(b"\r\n\r\n");
        self.0.get_mut().write_all(&bytes).unwrap();
        let mut head = String::new();
        let mut length = 0;
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).unwrap_or(0) == 0 {
                return head;
            }
            let line = line.trim_end().to_ascii_lowercase();
            if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.parse().unwrap();
            }
            if line.is_empty() {
                break;
            }
            if !line.starts_with("date: ") {
                head.push_str(&line);
                head.push('\n');
            }
        }
        std::io::Read::read_exact(&mut self.0, &mut vec![0; length]).unwrap();
        head
    }
}

#[actix_web::test]
async fn an_error_of_a_middleware_leaves_with_the_headers() {
    let (address, server) = serve(&cors(policy()));
    rt::task::spawn_blocking(move || {
        let mut connection = Connection::new(address);
        let head = connection.ask("GET /number/1", ALLOWED.as_bytes());
        assert!(head.starts_with("http/1.1 401 "), "{head}");
        let line = format!("access-control-allow-origin: {ALLOWED}\n");
        assert!(head.contains(&line), "{head}");
        assert!(head.contains("vary: origin\n"), "{head}");
        let head = connection.ask("GET /number/1", b"https://a.\xFF");
        assert!(head.starts_with("http/1.1 401 "), "{head}");
        assert!(!head.contains("access-control-"), "{head}");
    })
    .await
    .unwrap();
    server.stop(true).await;
}

#[actix_web::test]
async fn a_panic_ends_its_own_connection_and_no_other() {
    let (address, server) = serve(&cors(policy()));
    rt::task::spawn_blocking(move || {
        let mut others = [0; 4].map(|_| Connection::new(address));
        let origin = format!("{ALLOWED}\r\nAuthorization: me");
        for _ in 0..4 {
            let mut doomed = Connection::new(address);
            assert_eq!(doomed.ask("GET /panic", origin.as_bytes()), "");
            for other in &mut others {
                let head = other.ask("GET /number/1", origin.as_bytes());
                assert!(head.starts_with("http/1.1 200 "), "{head}");
            }
        }
    })
    .await
    .unwrap();
    server.stop(true).await;
}
