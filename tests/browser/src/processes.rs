//! Child processes of an engine or a test. Each ends when it is dropped.

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::programs::{self, Program};

/// The time limit for the start of a program. Even a busy machine does not reach it.
const TIMEOUT: Duration = Duration::from_mins(1);

/// A child process, which is killed when this is dropped.
#[derive(Debug)]
pub struct Process(Child);

impl Process {
    /// Starts a process without input, and discards its errors.
    pub fn start(command: &mut Command) -> Self {
        let child = command.stdin(Stdio::null()).stderr(Stdio::null()).spawn();
        Self(child.unwrap_or_else(|error| panic!("{command:?}: {error}")))
    }

    /// Reads lines of output until `find` returns a value; a thread reads the rest, so that the process does not block. Returns
    /// `None` if the process ends first.
    ///
    /// # Panics
    ///
    /// Panics if the output is not piped, or was read before.
    pub fn await_line<T>(&mut self, find: impl Fn(&str) -> Option<T>) -> Option<T> {
        let mut lines = BufReader::new(self.0.stdout.take().expect("the output is piped")).lines();
        let found = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| find(&line));
        thread::spawn(move || lines.for_each(drop));
        found
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // An error means that the process has already ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A WebDriver that listens. The constructors return `None` if it ended before it was ready, for example because another program
/// took its port or display.
#[derive(Debug)]
pub(crate) struct Driver {
    pub(crate) address: SocketAddr,
    _process: Process,
    _display: Option<Process>,
}

impl Driver {
    pub(crate) fn chromium() -> Option<Self> {
        let mut command = Command::new(program(programs::CHROMEDRIVER));
        let mut process = Process::start(command.arg("--port=0").stdout(Stdio::piped()));
        let port = process.await_line(|line| {
            let rest = line.split_once("started successfully on port ")?.1;
            rest.trim_end_matches('.').parse::<u16>().ok()
        })?;
        Some(Self {
            address: (Ipv4Addr::LOCALHOST, port).into(),
            _process: process,
            _display: None,
        })
    }

    pub(crate) fn firefox(with_display: bool) -> Option<Self> {
        let mut command = Command::new(program(programs::GECKODRIVER));
        let mut display = None;
        if with_display {
            let (process, name) = start_display()?;
            command.env("DISPLAY", name);
            display = Some(process);
        }
        command.args([
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--websocket-port",
            "0",
        ]);
        // Allows reading the console.
        command.arg("--allow-system-access");
        let mut process = Process::start(command.stdout(Stdio::piped()));
        let address =
            process.await_line(|line| line.split_once("Listening on ")?.1.trim().parse().ok())?;
        Some(Self {
            address,
            _process: process,
            _display: display,
        })
    }

    /// Starts WebKit's driver with a display, because WebKit has no headless mode. Pages see the colors of the theme.
    pub(crate) fn webkit(dark: bool) -> Option<Self> {
        let (display, name) = start_display()?;

        // The driver rejects port 0, and does not report that it listens.
        let address = free_port();
        let mut command = Command::new(program(programs::WEBKIT_DRIVER));
        command.env("DISPLAY", name);
        command.env("GTK_THEME", if dark { "Adwaita:dark" } else { "Adwaita" });
        let mut process = Process::start(command.arg(format!("--port={}", address.port())));
        let started = Instant::now();
        while started.elapsed() < TIMEOUT && matches!(process.0.try_wait(), Ok(None)) {
            if TcpStream::connect(address).is_ok() {
                return Some(Self {
                    address,
                    _process: process,
                    _display: Some(display),
                });
            }
            // The pause between two attempts; its length does not matter.
            thread::sleep(Duration::from_millis(10));
        }
        None
    }
}

/// Returns the path of a program.
pub(crate) fn program(program: Program) -> PathBuf {
    let found = program.find();
    found.unwrap_or_else(|| panic!("{:?} is not installed: run cargo xtask test", program.names))
}

/// Starts an invisible display, and returns its name.
fn start_display() -> Option<(Process, String)> {
    let mut command = Command::new(program(programs::XVFB));
    command.args(["-displayfd", "1", "-screen", "0", "1280x800x24"]);
    command.args(["-nolisten", "tcp"]);
    let mut display = Process::start(command.stdout(Stdio::piped()));
    let number: u32 = display.await_line(|line| line.trim().parse().ok())?;
    Some((display, format!(":{number}")))
}

fn free_port() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    listener.local_addr().expect("a bound socket has one")
}
