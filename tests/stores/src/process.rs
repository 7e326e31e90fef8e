use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::thread;

/// A process that is killed when it is dropped, or when the thread that started it ends, for whatever reason.
#[derive(Debug)]
pub(crate) struct Process(Child);

impl Process {
    /// Starts a program and waits for a line on its stdout that contains `ready`. If the program ends before, returns what it printed.
    pub(crate) fn start(program: &str, arguments: &[&str], ready: &str) -> Result<Self, String> {
        let mut command = Command::new("setpriv");
        command
            .args(["--pdeathsig", "KILL", program])
            .args(arguments);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let child = command.spawn().expect("setpriv of util-linux runs");
        let mut process = Self(child);
        let stdout = process.0.stdout.take().expect("stdout is a pipe");
        let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
        let mut printed = String::new();
        for line in lines.by_ref() {
            if line.contains(ready) {
                // Otherwise the pipe is full at some time, and the program waits.
                thread::spawn(move || lines.for_each(drop));
                return Ok(process);
            }
            printed.push_str(&line);
            printed.push('\n');
        }
        Err(printed)
    }

    /// Sends a signal, for example `STOP`.
    pub(crate) fn signal(&self, signal: &str) {
        let mut kill = Command::new("sh");
        kill.args([
            "-c",
            "kill -s \"$0\" \"$1\"",
            signal,
            &self.0.id().to_string(),
        ]);
        let status = kill.status().expect("sh runs");
        assert!(status.success(), "SIG{signal}");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // An error means that the process has already ended. SIGKILL also ends a stopped process.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Returns a port on which nothing listens. Another process may take it before it is used.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let address = listener.local_addr().expect("an address");
    address.port()
}
