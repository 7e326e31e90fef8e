//! Starts servers, and loads them.

use std::env;
use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::{Protocol, http2, http3, wrk};

/// The number of requests that are open at once.
pub(crate) const OPEN: usize = 32;

/// The number of connections of HTTP/2 and HTTP/3. Each has as many requests open at once as another.
pub(crate) const MULTIPLEXED: usize = 4;

/// The result of loading a server for a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Round {
    /// The number of requests per second.
    pub(crate) requests_per_second: f64,
    /// The latency of the slowest hundredth of the requests, in microseconds.
    pub(crate) p99: f64,
}

/// A server in a process of its own. It ends when this is dropped.
pub(crate) struct Server {
    process: Child,
    pub(crate) address: SocketAddr,
    /// The certificate of a server with TLS, in DER.
    pub(crate) certificate: Vec<u8>,
}

/// Prints the port of a server, which its parent reads.
pub(crate) fn ready(port: u16) {
    println!("port {port}");
}

/// Prints the certificate and the port of a server with TLS, which its parent reads.
pub(crate) fn ready_with_tls(certificate: &[u8], port: u16) {
    let bytes: Vec<String> = certificate.iter().map(u8::to_string).collect();
    println!("certificate {}", bytes.join(" "));
    ready(port);
}

impl Server {
    /// Starts a server, and waits until it listens.
    pub(crate) fn start(name: &str) -> Self {
        let program = env::current_exe().expect("the path of this program");
        let mut process = Command::new(program)
            .arg(format!("--serve={name}"))
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process");
        let output = process.stdout.take().expect("an output");
        let mut server = Self {
            process,
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            certificate: Vec::new(),
        };
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if let Some(bytes) = line.strip_prefix("certificate ") {
                let bytes = bytes.split(' ').map(|byte| byte.parse().expect("a byte"));
                server.certificate = bytes.collect();
            }
            if let Some(port) = line.strip_prefix("port ") {
                server.address.set_port(port.parse().expect("a port"));
                return server;
            }
        }
        panic!("{name} did not start");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // If these fail, the process has ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    pub(crate) rounds: u32,
    pub(crate) seconds: u32,
}

impl Load {
    /// Loads the servers in turns. Returns the rounds of each server.
    pub(crate) fn run<const COUNT: usize>(
        self,
        protocol: Protocol,
        servers: &[Server; COUNT],
    ) -> [Vec<Round>; COUNT] {
        let round = |server| {
            let time = Duration::from_secs(self.seconds.into());
            match protocol {
                Protocol::Http1 => wrk::round(server, time),
                Protocol::Http2 => http2::round(server, time),
                Protocol::Http3 => http3::round(server, time),
            }
        };
        let mut rounds = [const { Vec::new() }; COUNT];
        // The first round of a server also warms it up.
        for server in servers {
            round(server);
        }
        for _ in 0..self.rounds {
            for (server, rounds) in servers.iter().zip(&mut rounds) {
                rounds.push(round(server));
            }
        }
        rounds
    }
}
