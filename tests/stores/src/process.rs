//! The process of a server.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Sender};
use std::sync::{LazyLock, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// A request to start a process, and where its result goes.
type Request = (Command, Sender<std::io::Result<Child>>);

/// Starts processes from a thread that never ends. Linux ends a process with `--pdeathsig` together with the thread that started it, and
/// the threads of tests end early.
static STARTER: LazyLock<Mutex<Sender<Request>>> = LazyLock::new(|| {
    let (sender, requests) = mpsc::channel::<Request>();
    thread::spawn(move || {
        for (mut command, result) in requests {
            // An error means that the test does not wait any more.
            let _gone = result.send(command.spawn());
        }
    });
    Mutex::new(sender)
});

/// Returns a port of the loopback interface that was free a moment ago.
#[must_use]
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("its address").port()
}

/// The user that a server runs as.
#[derive(Clone, Debug)]
pub(crate) enum User {
    /// The user of the tests.
    Same,
    /// Another user, because the tests run as root, which some servers refuse.
    Other { name: String, id: u32, group: u32 },
}

impl User {
    /// Returns the user with this name if the tests run as root, and the user of the tests otherwise.
    pub(crate) fn unless_root(name: &str) -> Self {
        if id(&["-u"]) != 0 {
            return Self::Same;
        }
        Self::Other {
            name: name.to_owned(),
            id: id(&["-u", name]),
            group: id(&["-g", name]),
        }
    }

    /// Returns a command that runs a program as this user, with environment variables that only the program sees, and not those programs
    /// that start it as another user.
    pub(crate) fn command(&self, environment: &[(String, String)], program: &Path) -> Command {
        let mut command = Command::new("setpriv");
        if let Self::Other { name, .. } = self {
            command.args(["--reuid", name, "--regid", name, "--init-groups"]);
        }
        command.args(["--pdeathsig", "KILL", "--"]);
        if !environment.is_empty() {
            command.arg("env");
            command.args(
                environment
                    .iter()
                    .map(|(name, value)| format!("{name}={value}")),
            );
        }
        command.arg(program);
        command
    }

    /// Makes a file or folder belong to this user.
    pub(crate) fn give(&self, path: &Path) {
        if let &Self::Other { id, group, .. } = self {
            std::os::unix::fs::chown(path, Some(id), Some(group)).expect("the owner changes");
        }
    }
}

fn id(arguments: &[&str]) -> u32 {
    let output = Command::new("id").args(arguments).output();
    let output = output.expect("`id` runs");
    let text = String::from_utf8_lossy(&output.stdout);
    let id = text.trim().parse();
    id.unwrap_or_else(|_| panic!("`id {}` fails", arguments.join(" ")))
}

/// A running server, which is killed when this is dropped.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
}

impl Process {
    /// Starts a process that is killed when the process of the tests ends.
    pub(crate) fn start(mut command: Command) -> Self {
        command.stdin(Stdio::null());
        let (sender, result) = mpsc::channel();
        let starter = STARTER.lock().expect("no panic");
        starter.send((command, sender)).expect("the thread runs");
        drop(starter);
        let child = result.recv().expect("a result");
        Self {
            child: child.expect("the program starts; `setpriv` is in the package util-linux"),
        }
    }

    /// Starts a process as `start` does, and waits for a line on its standard output that contains `ready`. If the process ends before
    /// that, returns what it printed.
    pub(crate) fn start_until(mut command: Command, ready: &str) -> Result<Self, String> {
        command.stdout(Stdio::piped());
        let mut process = Self::start(command);
        let output = process.child.stdout.take().expect("a pipe");
        let mut lines = BufReader::new(output).lines().map_while(Result::ok);
        let mut printed = String::new();
        for line in lines.by_ref() {
            if line.contains(ready) {
                // Otherwise the pipe is full at some time, and the process waits.
                thread::spawn(move || lines.for_each(drop));
                return Ok(process);
            }
            printed.push_str(&line);
            printed.push('\n');
        }
        Err(printed)
    }

    /// Returns the id of the process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Returns the status if the process has ended.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("a child")
    }

    /// Sends a signal to the process and to its children.
    pub(crate) fn signal_all(&self, signal: &str) {
        let id = self.child.id();
        // The process first, so that it does not start further children.
        self::signal(signal, &[id]);
        self::signal(signal, &children(id));
    }

    /// Sends a signal to the process only, and waits until it has ended. Returns false if it has not ended after the time.
    pub(crate) fn end(&mut self, signal: &str, within: Duration) -> bool {
        self::signal(signal, &[self.child.id()]);
        let begin = Instant::now();
        while self.ended().is_none() {
            if begin.elapsed() > within {
                return false;
            }
            thread::sleep(Duration::from_millis(5));
        }
        true
    }

    /// Kills the process and its children, and waits for it.
    pub(crate) fn kill(&mut self) {
        let children = children(self.child.id());
        signal("KILL", &[self.child.id()]);
        signal("KILL", &children);
        self.child.wait().expect("a child");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|status| status.is_none()) {
            self.kill();
        }
    }
}

/// Sends a signal, such as `STOP`, to processes. One that has ended already is ignored.
pub fn signal(signal: &str, ids: &[u32]) {
    for id in ids {
        let mut kill = Command::new("sh");
        kill.args(["-c", "kill -s \"$0\" \"$1\"", signal, &id.to_string()]);
        let _ended = kill.stderr(Stdio::null()).status();
    }
}

/// Returns the ids of the children of a process.
fn children(parent: u32) -> Vec<u32> {
    let processes = fs::read_dir("/proc").expect("/proc").flatten();
    let ids = processes.filter_map(|process| process.file_name().to_str()?.parse().ok());
    ids.filter(|&id| parent_of(id) == Some(parent)).collect()
}

fn parent_of(id: u32) -> Option<u32> {
    let line = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name of the program is in parentheses and may contain spaces. The state and the parent follow.
    let (_, rest) = line.rsplit_once(')')?;
    rest.split_whitespace().nth(1)?.parse().ok()
}
