use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::clock::WallClock;
use crate::process::{Process, User, free_port};

/// How often to try another port, in case another process takes the free one.
const TRIES: usize = 10;

/// A Redis server.
#[derive(Debug)]
pub struct RedisServer {
    /// `None` after `kill`.
    process: Option<Process>,
    port: u16,
    settings: Vec<String>,
    environment: Vec<(String, String)>,
    directory: TempDir,
}

impl RedisServer {
    /// The settings of [`start_durable`](Self::start_durable).
    pub const DURABLE: [&str; 4] = ["--appendonly", "yes", "--appendfsync", "always"];

    /// Starts a server that does not save its data.
    pub fn start() -> Self {
        Self::start_with(&["--save", ""])
    }

    /// Starts a server that writes each change to a file before it confirms it.
    pub fn start_durable() -> Self {
        Self::start_with(&Self::DURABLE)
    }

    /// Starts a server with these settings, as the command line of `redis-server` has them. `{port}` is replaced.
    ///
    /// # Panics
    ///
    /// If the server does not start.
    pub fn start_with(settings: &[&str]) -> Self {
        Self::start_in(settings, Vec::new())
    }

    /// Does the same with a clock that the test sets.
    ///
    /// # Panics
    ///
    /// If the server does not start.
    pub fn start_with_clock(settings: &[&str], clock: &WallClock) -> Self {
        Self::start_in(settings, clock.environment())
    }

    fn start_in(settings: &[&str], environment: Vec<(String, String)>) -> Self {
        let directory = TempDir::new().expect("a temporary directory");
        let settings: Vec<_> = settings.iter().map(|&one| one.to_owned()).collect();
        let mut printed = String::new();
        for _ in 0..TRIES {
            let port = free_port();
            match run(port, directory.path(), &settings, &environment) {
                Ok(process) => {
                    return Self {
                        process: Some(process),
                        port,
                        settings,
                        environment,
                        directory,
                    };
                }
                Err(output) => printed = output,
            }
        }
        panic!("redis-server does not start:\n{printed}");
    }

    /// Returns the port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the directory with the server's data.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Returns the address for clients.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Ends the server with SIGKILL.
    pub fn kill(&mut self) {
        self.process = None;
    }

    /// Ends the server, if it runs, and starts it again with the same directory and port.
    ///
    /// # Panics
    ///
    /// If the server does not start.
    pub fn restart(&mut self) {
        self.kill();
        let process = run(
            self.port,
            self.directory.path(),
            &self.settings,
            &self.environment,
        );
        self.process = Some(process.expect("redis-server starts again"));
    }

    /// Stops the server with SIGSTOP. It does not respond until [`resume`](Self::resume).
    pub fn suspend(&self) {
        self.signal("STOP");
    }

    /// Continues a stopped server with SIGCONT.
    pub fn resume(&self) {
        self.signal("CONT");
    }

    fn signal(&self, signal: &str) {
        let process = self.process.as_ref();
        process.expect("the server runs").signal_all(signal);
    }

    /// Runs `redis-cli` with these arguments, and returns what it prints without the last newline.
    ///
    /// # Panics
    ///
    /// If the server returns an error.
    pub fn cli(&self, arguments: &[&str]) -> String {
        printed(&self.cli_output(arguments, b""))
    }

    /// Runs a command whose last argument, which may be any bytes, comes from stdin.
    ///
    /// # Panics
    ///
    /// If the server returns an error.
    pub fn cli_with_input(&self, arguments: &[&str], last: &[u8]) -> String {
        let arguments: Vec<_> = ["-x"].iter().chain(arguments).copied().collect();
        printed(&self.cli_output(&arguments, last))
    }

    /// Runs several commands, one a line, over one connection.
    ///
    /// # Panics
    ///
    /// If the server returns an error.
    pub fn cli_lines(&self, lines: &str) -> String {
        printed(&self.cli_output(&[], lines.as_bytes()))
    }

    /// Runs a command that fails, and returns the error.
    ///
    /// # Panics
    ///
    /// If the command succeeds.
    pub fn cli_error(&self, arguments: &[&str]) -> String {
        let output = self.cli_output(arguments, b"");
        assert!(!output.status.success(), "redis-cli: {output:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    fn cli_output(&self, arguments: &[&str], input: &[u8]) -> Output {
        let mut command = Command::new("redis-cli");
        // `-e`: exit with an error if the server returns one.
        command.args(["-e", "-p", &self.port.to_string()]);
        command.args(arguments).stdin(Stdio::piped());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("redis-cli runs");
        let mut stdin = child.stdin.take().expect("stdin is a pipe");
        // An error means that `redis-cli` does not read its stdin, because the command is in its arguments.
        let _ = stdin.write_all(input);
        drop(stdin);
        child.wait_with_output().expect("redis-cli ends")
    }
}

/// Returns the output of a command that succeeded, without the last newline.
fn printed(output: &Output) -> String {
    assert!(output.status.success(), "redis-cli: {output:?}");
    let printed = String::from_utf8_lossy(&output.stdout);
    printed.trim_end_matches('\n').to_owned()
}

fn run(
    port: u16,
    directory: &Path,
    settings: &[String],
    environment: &[(String, String)],
) -> Result<Process, String> {
    let port = port.to_string();
    let directory = directory.to_str().expect("UTF-8");
    let mut arguments = vec!["--port", &port, "--dir", directory];
    arguments.extend(["--bind", "127.0.0.1", "--daemonize", "no"]);
    // Otherwise a replica waits 5 seconds for others.
    arguments.extend(["--repl-diskless-sync-delay", "0"]);
    let settings: Vec<_> = settings
        .iter()
        .map(|one| one.replace("{port}", &port))
        .collect();
    arguments.extend(settings.iter().map(String::as_str));
    let mut command = User::Same.command(environment, Path::new("redis-server"));
    command.args(&arguments);
    Process::start_until(command, "Ready to accept connections")
}
