//! Starts servers, and loads them with `wrk`.

use std::env;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use omnicors_benches::wrk::{self, Round};

use crate::ORIGINS;

/// The number of connections of `wrk`.
pub(crate) const CONNECTIONS: u32 = 32;

/// A server in a process of its own. It ends when this is dropped.
pub(crate) struct Server {
    process: Child,
    address: String,
}

/// Prints the port of a server, which its parent reads.
pub(crate) fn ready(port: u16) {
    println!("port {port}");
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
        let mut lines = BufReader::new(output).lines().map_while(Result::ok);
        let port = lines.find_map(|line| Some(line.strip_prefix("port ")?.to_owned()));
        let port = port.unwrap_or_else(|| panic!("{name} did not start"));
        Self {
            process,
            address: format!("http://127.0.0.1:{port}/"),
        }
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
    pub(crate) rounds: usize,
    pub(crate) seconds: usize,
}

impl Load {
    /// Loads the servers in turns. Returns the rounds of each server.
    pub(crate) fn run<const COUNT: usize>(self, servers: &[Server; COUNT]) -> [Vec<Round>; COUNT] {
        let mut rounds = [const { Vec::new() }; COUNT];
        // The first round of a server also warms it up.
        for server in servers {
            self.round(server);
        }
        for _ in 0..self.rounds {
            for (server, rounds) in servers.iter().zip(&mut rounds) {
                rounds.push(self.round(server));
            }
        }
        rounds
    }

    fn round(self, server: &Server) -> Round {
        let output = Command::new("wrk")
            .args(["--threads", "1", "--latency"])
            .args(["--connections", &CONNECTIONS.to_string()])
            .args(["--duration", &format!("{}s", self.seconds)])
            .args([
                "--header",
                &format!("Origin: {}", ORIGINS[ORIGINS.len() - 1]),
            ])
            .arg(&server.address)
            .output()
            .expect("wrk");
        let text = String::from_utf8_lossy(&output.stdout);
        wrk::read(&text).unwrap_or_else(|| panic!("unexpected output of wrk: {text}"))
    }
}
