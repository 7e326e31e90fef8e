use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use omnicors_store_servers::{WallClock, signal};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::client::Client;
use crate::network::Host;

/// How a node knows the origins of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It looks an origin up when it is first seen.
    Lookup,
    /// It has all origins in memory.
    Replica,
}

/// How to start a node.
#[derive(Clone, Copy, Debug)]
pub struct NodeOptions<'a> {
    program: &'a str,
    url: &'a str,
    mode: Mode,
    lease: Duration,
    image: Option<&'a Path>,
    host: Option<&'a Host>,
    clock: Option<&'a WallClock>,
}

impl<'a> NodeOptions<'a> {
    /// Returns the options of a node that runs the program `fleet-node` on this host, and uses the store with this URL.
    #[must_use]
    pub fn new(program: &'a str, url: &'a str, mode: Mode, lease: Duration) -> Self {
        Self {
            program,
            url,
            mode,
            lease,
            image: None,
            host: None,
            clock: None,
        }
    }

    /// Sets the file with the image of a replica.
    #[must_use]
    pub fn image(mut self, image: &'a Path) -> Self {
        self.image = Some(image);
        self
    }

    /// Sets the host that the node runs on.
    #[must_use]
    pub fn host(mut self, host: &'a Host) -> Self {
        self.host = Some(host);
        self
    }

    /// Lets the node use a wall clock that the test sets.
    #[must_use]
    pub fn clock(mut self, clock: &'a WallClock) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Starts the node and waits until it listens. Returns `None` if it ends before that.
    pub async fn start(self) -> Option<Node> {
        let mode = match self.mode {
            Mode::Lookup => "lookup",
            Mode::Replica => "replica",
        };
        let mut command = if let Some(host) = self.host {
            let mut command = Command::new("nsenter");
            command.args(host.enter()).arg(self.program);
            command.arg(host.clients_address().to_string());
            command
        } else {
            let mut command = Command::new(self.program);
            command.arg("127.0.0.1");
            command
        };
        command
            .arg(self.url)
            .arg(mode)
            .arg(self.lease.as_millis().to_string());
        command.args(self.image);
        command.envs(self.clock.map(WallClock::environment).unwrap_or_default());
        // Its standard input ends when this process ends, and then it ends as well.
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command
            .kill_on_drop(true)
            .spawn()
            .expect("the program starts");
        let output = child.stdout.take().expect("a pipe");
        let mut lines = BufReader::new(output).lines();
        let address = lines.next_line().await.expect("UTF-8")?;
        let address = address.parse().expect("an address");
        Some(Node { child, address })
    }
}

/// A node, which ends when it is dropped or when the test ends.
#[derive(Debug)]
pub struct Node {
    child: Child,
    address: SocketAddr,
}

impl Node {
    /// Connects to the node.
    pub async fn client(&self) -> Client {
        Client::connect(self.address).await
    }

    /// Stops the process, as a machine that is suspended.
    pub fn suspend(&self) {
        signal("STOP", &[self.id()]);
    }

    /// Continues the process.
    pub fn resume(&self) {
        signal("CONT", &[self.id()]);
    }

    /// Ends the process without a chance to do anything.
    pub async fn kill(mut self) {
        self.child.kill().await.expect("the process is ours");
    }

    fn id(&self) -> u32 {
        self.child.id().expect("the process runs")
    }
}
