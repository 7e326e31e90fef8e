use std::time::Duration;

use crate::checker::{Checked, Promise};
use crate::client::Client;
use crate::engine::Database;
use crate::node::{Mode, Node, NodeOptions};
use crate::recorder::Recorder;
use crate::times::{Times, until};

/// How long a test waits for what must happen. A node connects again after at most 5 s, and gives a silent connection up after 5 s more.
pub const LONG: Duration = Duration::from_secs(30);

/// The time after which a node with contact knows a change, in the check of a history. Without notifications, a node reads once a second,
/// and the machine may be busy.
pub const BOUND: Duration = Duration::from_secs(2);

/// A node tries to connect at least every 5 s, an attempt that is not answered takes 5 s more, and the machine may be busy.
pub const RECOVERY: Duration = Duration::from_secs(13);

/// Returns an origin with this name.
#[must_use]
pub fn origin(name: &str) -> String {
    format!("https://{name}.example")
}

/// Nodes, a connection to each, and a record of what they answer.
#[derive(Debug)]
pub struct Fleet {
    /// The nodes.
    pub nodes: Vec<Node>,
    /// A connection to each.
    pub clients: Vec<Client>,
    /// What the nodes answer.
    pub recorder: Recorder,
    lease: Duration,
}

impl Fleet {
    /// Starts three nodes.
    pub async fn start(program: &str, database: &Database, mode: Mode, lease: Duration) -> Self {
        let mut fleet = Self::new(lease);
        for _ in 0..3 {
            let url = database.url();
            fleet
                .join(NodeOptions::new(program, &url, mode, lease))
                .await;
        }
        fleet
    }

    /// Returns a fleet without nodes. All nodes that join must have this lease.
    #[must_use]
    pub fn new(lease: Duration) -> Self {
        Self {
            nodes: Vec::new(),
            clients: Vec::new(),
            recorder: Recorder::default(),
            lease,
        }
    }

    /// Starts a node.
    pub async fn join(&mut self, options: NodeOptions<'_>) {
        let node = options.start().await.expect("the node starts");
        self.clients.push(node.client().await);
        self.nodes.push(node);
    }

    /// Waits until all nodes follow the changes of the store: they deny a removed origin sooner than a node that does not.
    pub async fn follow(&mut self, database: &Database) {
        let probe = [origin("probe")];
        loop {
            self.recorder.add(database, &probe).await;
            self.allow(&probe[0]).await;
            self.recorder.remove(database, &probe).await;
            // Without changes, a result is used for a second.
            if self.deny(&probe[0], LONG).await < Duration::from_millis(500) {
                return;
            }
        }
    }

    /// Adds and removes a number of origins. Returns the times from the end of each removal until no node allows the origin.
    pub async fn withdraw(&mut self, database: &Database, count: usize) -> Times {
        let mut times = Times::default();
        for number in 0..count {
            let tenant = [origin(&format!("withdrawn-{number}"))];
            self.recorder.add(database, &tenant).await;
            self.allow(&tenant[0]).await;
            self.recorder.remove(database, &tenant).await;
            times.add(self.deny(&tenant[0], LONG).await);
        }
        times
    }

    /// Asks a node. Returns true if it allows the origin.
    pub async fn ask(&mut self, node: usize, origin: &str) -> bool {
        let client = self.clients.get_mut(node).expect("a node of the fleet");
        self.recorder.ask(node, client, origin).await
    }

    /// Returns how many nodes allow the origin.
    pub async fn allowing(&mut self, origin: &str) -> usize {
        let mut count = 0;
        for node in 0..self.clients.len() {
            count += usize::from(self.ask(node, origin).await);
        }
        count
    }

    /// Waits until all nodes allow the origin.
    pub async fn allow(&mut self, origin: &str) {
        let all = self.clients.len();
        until("all nodes allow it", LONG, async || {
            self.allowing(origin).await == all
        })
        .await;
    }

    /// Waits until no node allows the origin. Returns how long that took.
    pub async fn deny(&mut self, origin: &str, limit: Duration) -> Duration {
        until("no node allows it", limit, async || {
            self.allowing(origin).await == 0
        })
        .await
    }

    /// Takes the contact to the store from all nodes by a fault.
    pub fn cut(&self, fault: impl FnOnce()) {
        self.recorder.cut(0..self.nodes.len(), fault);
    }

    /// Ends the fault of all nodes.
    pub fn mend(&self, mend: impl FnOnce()) {
        self.recorder.mend(0..self.nodes.len(), mend);
    }

    /// Waits until all nodes allow an origin that was added during the fault, and records that they follow the store again.
    pub async fn follow_again(&mut self, origin: &str) {
        self.allow(origin).await;
        self.recorder.all_followed();
    }

    /// Checks everything that the nodes have answered so far.
    pub fn check(&self) -> Checked {
        self.recorder.check(Promise {
            bound: BOUND,
            lease: self.lease,
            recovery: RECOVERY,
        })
    }
}
