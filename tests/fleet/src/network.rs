//! Hosts of a network that exists only for one test.
//!
//! ```text
//! the namespace of the test: the test, the database
//!   bridge `store` 10.78.0.1/24          bridge `clients` 10.77.0.1/24
//!     | s1      | s2                       | c1      | c2
//!     | store   | store                    | clients | clients
//!   host 1    host 2                     host 1    host 2
//!   10.78.0.101 ...                      10.77.0.101 ...
//! ```
//!
//! A host is a namespace of its own, with one link to the database and another to its clients. So a test can still ask a node that is cut
//! off from the database. The kernel removes everything when the last process has ended.

use std::env;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::Ipv4Addr;
use std::process::{Child, Command, Stdio};

/// Set in the process that runs inside the namespace of a test.
const INSIDE: &str = "OMNICORS_FLEET_NETWORK";

/// An address that no network card has.
const NOBODY: &str = "02:00:00:00:00:ff";

/// Runs a test in a network namespace of its own, by starting its program again. `test` is the name of the test in this program.
///
/// # Panics
///
/// If the test fails, and if the machine does not allow network namespaces.
pub fn in_own_network<F: Future<Output = ()>>(test: &str, body: impl FnOnce(Network) -> F) {
    if env::var_os(INSIDE).is_some() {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build();
        let network = Network::new();
        return runtime.expect("a runtime").block_on(body(network));
    }
    let mut probe = unshare();
    let probe = probe
        .arg("true")
        .output()
        .expect("`unshare` is in the package util-linux");
    assert!(
        probe.status.success(),
        "this machine does not allow network namespaces: {}",
        String::from_utf8_lossy(&probe.stderr)
    );
    // It ends with this thread, which waits for it.
    let mut again = Command::new("setpriv");
    again.args(["--pdeathsig", "KILL", "--", "unshare"]);
    again.args(unshare().get_args());
    again.arg(env::current_exe().expect("the path of the test"));
    again.args(["--include-ignored", "--exact", "--show-output", test]);
    let output = again.env(INSIDE, "").output().expect("the test starts");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && printed.contains("test result: ok. 1 passed"),
        "{test} in its own network:\n{printed}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    for note in printed.lines().filter(|line| line.starts_with("fleet: ")) {
        println!("{note}");
    }
}

/// Returns a command that runs a program in a new network namespace. Who is not root gets a user namespace as well, and keeps the rights in
/// it.
fn unshare() -> Command {
    let mut unshare = Command::new("unshare");
    unshare.arg("--net");
    let id = Command::new("id").arg("-u").output().expect("`id` runs");
    if id.stdout.trim_ascii() != b"0" {
        unshare.args(["--user", "--map-current-user", "--keep-caps"]);
    }
    unshare.arg("--");
    unshare
}

/// How the link between a host and the database fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The link is down.
    Down,
    /// Packets of the database do not arrive at the host.
    Deaf,
    /// Packets of the host do not arrive at the database.
    Mute,
}

impl Fault {
    /// All faults.
    pub const ALL: [Self; 3] = [Self::Down, Self::Deaf, Self::Mute];
}

/// The network of a test.
#[derive(Debug)]
pub struct Network(());

impl Network {
    /// The address of the database.
    pub const DATABASE: Ipv4Addr = Ipv4Addr::new(10, 78, 0, 1);

    /// The address of the test in the network of clients.
    pub const CLIENTS: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 1);

    fn new() -> Self {
        ip("link set lo up
            link add store type bridge
            address add 10.78.0.1/24 dev store
            link set store up
            link add clients type bridge
            address add 10.77.0.1/24 dev clients
            link set clients up");
        Self(())
    }

    /// Adds a host. The numbers of hosts are different, and less than 100.
    #[must_use]
    pub fn host(&self, number: u8) -> Host {
        assert!(number < 100, "{number}");
        let mut namespace = Command::new("unshare");
        // It ends when its standard input ends, that is, with the host or with this process.
        namespace.args(["--net", "--", "cat"]);
        namespace.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut namespace = namespace.spawn().expect("`unshare` runs");
        // When it repeats a line, it is in its namespace.
        let stdin = namespace.stdin.as_mut().expect("a pipe");
        stdin.write_all(b"ready\n").expect("the process reads");
        let mut stdout = BufReader::new(namespace.stdout.as_mut().expect("a pipe"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("the process writes");
        assert_eq!(line, "ready\n");

        let host = Host { namespace, number };
        let id = host.namespace.id();
        ip(&format!(
            "link add s{number} type veth peer name store netns {id}
             link add c{number} type veth peer name clients netns {id}
             link set s{number} master store
             link set c{number} master clients
             link set s{number} up
             link set c{number} up"
        ));
        let (store, clients) = (host.store_address(), host.clients_address());
        host.ip(&format!(
            "link set lo up
             address add {store}/24 dev store
             address add {clients}/24 dev clients
             link set store up
             link set clients up"
        ));
        host
    }
}

/// A host, which ends when it is dropped.
#[derive(Debug)]
pub struct Host {
    namespace: Child,
    number: u8,
}

impl Host {
    /// Returns its address in the network of the database.
    #[must_use]
    pub fn store_address(&self) -> Ipv4Addr {
        Ipv4Addr::new(10, 78, 0, 100 + self.number)
    }

    /// Returns its address in the network of its clients.
    #[must_use]
    pub fn clients_address(&self) -> Ipv4Addr {
        Ipv4Addr::new(10, 77, 0, 100 + self.number)
    }

    /// Returns the arguments with which `nsenter` runs a program on this host.
    pub fn enter(&self) -> [String; 2] {
        let id = self.namespace.id();
        [format!("--net=/proc/{id}/ns/net"), "--".to_owned()]
    }

    /// Runs a program on this host, and returns what it prints.
    pub fn run(&self, program: &str, arguments: &[&str]) -> String {
        let mut command = Command::new("nsenter");
        command.args(self.enter()).arg(program).args(arguments);
        let output = command
            .output()
            .expect("`nsenter` is in the package util-linux");
        assert!(output.status.success(), "{program}: {output:?}");
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// Lets the link to the database fail.
    ///
    /// In one direction, packets are lost without an error if the sender has a wrong address of the network card of the receiver.
    pub fn fail(&self, fault: Fault) {
        let lose = |address| {
            format!("neighbour replace {address} lladdr {NOBODY} nud permanent dev store")
        };
        match fault {
            Fault::Down => ip(&format!("link set s{} down", self.number)),
            Fault::Deaf => ip(&lose(self.store_address())),
            Fault::Mute => self.ip(&lose(Network::DATABASE)),
        }
    }

    /// Ends the fault.
    pub fn mend(&self, fault: Fault) {
        let find = |address| format!("neighbour del {address} dev store");
        match fault {
            Fault::Down => ip(&format!("link set s{} up", self.number)),
            Fault::Deaf => ip(&find(self.store_address())),
            Fault::Mute => self.ip(&find(Network::DATABASE)),
        }
    }

    fn ip(&self, lines: &str) {
        let mut command = Command::new("nsenter");
        batch(command.args(self.enter()).arg("ip"), lines);
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // The links end with the namespace, which ends with its last process.
        let _ended = self.namespace.kill();
        let _ended = self.namespace.wait();
    }
}

/// Runs commands of `ip`, one a line, in the namespace of the test.
fn ip(lines: &str) {
    batch(&mut Command::new("ip"), lines);
}

fn batch(ip: &mut Command, lines: &str) {
    ip.args(["-batch", "-"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = ip
        .spawn()
        .expect("`ip` is installed: `cargo xtask test` installs it on Debian");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(lines.as_bytes()).expect("`ip` reads");
    drop(stdin);
    let output = child.wait_with_output().expect("`ip` ends");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{lines}: {errors}");
}
