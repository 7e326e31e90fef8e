use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::client::Client;

/// How a node knows the origins of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It looks an origin up when it is first seen.
    Lookup,
    /// It has all origins in memory.
    Replica,
}

/// A node, which ends when it is dropped or when the test ends.
#[derive(Debug)]
pub struct Node {
    child: Child,
    address: SocketAddr,
}

impl Node {
    /// Starts the program `fleet-node` and waits until it listens.
    pub async fn start(program: &str, url: &str, mode: Mode, lease: Duration) -> Self {
        Self::start_with_image(program, url, mode, lease, None)
            .await
            .expect("the node starts")
    }

    /// Does the same with an image. Returns `None` if the node ends before it listens.
    pub async fn start_with_image(
        program: &str,
        url: &str,
        mode: Mode,
        lease: Duration,
        image: Option<&Path>,
    ) -> Option<Self> {
        let mode = match mode {
            Mode::Lookup => "lookup",
            Mode::Replica => "replica",
        };
        let mut command = Command::new(program);
        command
            .arg(url)
            .arg(mode)
            .arg(lease.as_millis().to_string());
        command.args(image);
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
        Some(Self { child, address })
    }

    /// Connects to the node.
    pub async fn client(&self) -> Client {
        Client::connect(self.address).await
    }

    /// Stops the process, as a machine that is suspended.
    pub async fn suspend(&self) {
        self.signal("STOP").await;
    }

    /// Continues the process.
    pub async fn resume(&self) {
        self.signal("CONT").await;
    }

    /// Ends the process without a chance to do anything.
    pub async fn kill(mut self) {
        self.child.kill().await.expect("the process is ours");
    }

    async fn signal(&self, name: &str) {
        let id = self.child.id().expect("the process runs");
        let mut kill = Command::new("kill");
        kill.arg(format!("-{name}")).arg(id.to_string());
        assert!(kill.status().await.expect("`kill` runs").success());
    }
}
