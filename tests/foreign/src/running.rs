//! Starts servers.

use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::catalog::{Configuration, ForeignServer, Kind, Program};
use crate::install::{self, FOLDER, SOURCES};
use crate::supervised::{Ended, Supervised};

/// The time limit for the start of a server. Even a busy machine does not reach it.
const TIMEOUT: Duration = Duration::from_mins(1);

/// A running server. It ends when this is dropped.
#[derive(Debug)]
pub struct Running {
    /// Its address on loopback.
    pub address: SocketAddr,
    _process: Supervised,
}

/// Returns the folder of the workspace.
#[must_use]
pub fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.ancestors().nth(2).unwrap_or(package).to_owned()
}

/// Starts a server in a configuration that allows, or is meant to allow, this origin. `rust_server` is the path of that program.
///
/// # Panics
///
/// Panics if the server does not start.
#[must_use]
pub fn start(
    server: ForeignServer,
    configuration: Configuration,
    allowed: &str,
    rust_server: &str,
) -> Running {
    let root = root();
    let sources = root.join(SOURCES).join(server.name);
    let variables = [
        ("CONFIGURATION", configuration.name()),
        ("ALLOWED", allowed),
        ("SERVER", server.name),
    ];
    let text = |path: PathBuf| {
        path.into_os_string()
            .into_string()
            .expect("a path in UTF-8")
    };
    let installed = root.join(FOLDER).join(server.name);
    let name = format!("{}-{}", server.name, configuration.name());
    let folder = root.join(FOLDER).join("run").join(name);
    fs::create_dir_all(&folder).expect("a folder");
    let log = folder.join("errors.log");
    let errors = || Stdio::from(fs::File::create(&log).expect("a file"));
    let on_own_port = |program: &[&str], place: &Path| {
        let started = Supervised::start(program, place, &variables, errors());
        let running = started.and_then(announced);
        running.unwrap_or_else(|error| not_started(server, &error, &log))
    };
    match server.kind {
        Kind::Node => {
            // Node.js looks for packages beside the script.
            fs::copy(sources.join("server.js"), installed.join("server.js"))
                .unwrap_or_else(|error| not_started(server, &error, &log));
            on_own_port(&["node", "server.js"], &installed)
        }
        Kind::Python => {
            let python = text(installed.join("venv/bin/python"));
            let script = text(sources.join("server.py"));
            // `-B`: nothing is written into the source tree.
            on_own_port(&[&python, "-B", &script], &root)
        }
        Kind::Rust => on_own_port(&[rust_server], &root),
        Kind::File(program) => {
            let path = text(folder.clone());
            let values = [
                ("SOURCES", path.as_str()),
                ("FOLDER", &path),
                ("FILES", &text(sources.join("files"))),
                ("MODULES", &modules(&root)),
                ("CONFIGURATION", configuration.name()),
                ("ALLOWED", allowed),
            ];
            let running = on_chosen_port(program, &sources, &folder, &values, errors);
            running.unwrap_or_else(|error| not_started(server, &error, &log))
        }
    }
}

fn not_started<T>(server: ForeignServer, error: &io::Error, log: &Path) -> T {
    let printed = fs::read_to_string(log).unwrap_or_default();
    panic!(
        "{} does not start: {error}; if it is not installed, run cargo xtask test, or cargo xtask full foreign\n{printed}",
        server.name
    )
}

/// Waits until the server prints its port.
fn announced(process: Supervised) -> io::Result<Running> {
    let started = Instant::now();
    while started.elapsed() < TIMEOUT {
        let line = process.line(TIMEOUT).map_err(|Ended| ended())?;
        let port = line.and_then(|line| line.strip_prefix("port ")?.trim().parse().ok());
        if let Some(port) = port {
            return Ok(Running {
                address: (Ipv4Addr::LOCALHOST, port).into(),
                _process: process,
            });
        }
    }
    Err(io::Error::other("it does not print its port"))
}

fn ended() -> io::Error {
    io::Error::other("it ended before it was ready")
}

/// Starts a program that cannot choose a port. Another program may take a port that was free a moment ago; in that case, it tries
/// another one.
fn on_chosen_port(
    program: Program,
    sources: &Path,
    folder: &Path,
    values: &[(&str, &str)],
    errors: impl Fn() -> Stdio,
) -> io::Result<Running> {
    const ATTEMPTS: usize = 5;
    let root = root();
    let libraries = install::libraries(&root);
    let (name, arguments) = program.command(folder);
    let path = install::find(&root, name);
    let path = path.ok_or(io::ErrorKind::NotFound)?;
    let path = path.to_str().expect("a path in UTF-8").to_owned();
    let mut command = vec![path.as_str()];
    command.extend(arguments.iter().map(String::as_str));
    for _ in 0..ATTEMPTS {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let address = listener.local_addr().expect("a bound socket has one");
        drop(listener);
        render(sources, folder, values, address.port());
        let place = folder.to_str().expect("a path in UTF-8");
        let variables = [
            ("LD_LIBRARY_PATH", libraries.as_str()),
            // Caddy stores its last configuration there.
            ("XDG_CONFIG_HOME", place),
            ("XDG_DATA_HOME", place),
        ];
        let process = Supervised::start(&command, folder, &variables, errors())?;
        let started = Instant::now();
        while started.elapsed() < TIMEOUT {
            // The pause between two attempts; its length does not matter.
            if process.line(Duration::from_millis(10)) == Err(Ended) {
                break;
            }
            if TcpStream::connect(address).is_ok() {
                return Ok(Running {
                    address,
                    _process: process,
                });
            }
        }
    }
    Err(ended())
}

impl Program {
    /// Returns the name of the program and its arguments.
    fn command(self, folder: &Path) -> (&'static str, Vec<String>) {
        let file = folder.join("frame.conf").display().to_string();
        let folder = folder.display().to_string();
        let of = |arguments: &[&str]| arguments.iter().map(|&text| text.to_owned()).collect();
        match self {
            Self::Nginx => ("nginx", of(&["-p", &folder, "-c", &file])),
            // One process, which ends with the test.
            Self::Apache => ("apache2", of(&["-X", "-f", &file])),
            Self::Caddy => (
                "caddy",
                of(&["run", "--adapter", "caddyfile", "--config", &file]),
            ),
        }
    }
}

/// Writes the configuration files of a server, with these values, into a folder.
fn render(sources: &Path, folder: &Path, values: &[(&str, &str)], port: u16) {
    let entries = fs::read_dir(sources).expect("the sources of the server");
    for path in entries.map(|entry| entry.expect("an entry").path()) {
        if path.extension().is_none_or(|extension| extension != "conf") {
            continue;
        }
        let mut text = fs::read_to_string(&path).expect("a text");
        text = text.replace("{{PORT}}", &port.to_string());
        for (name, value) in values {
            text = text.replace(&format!("{{{{{name}}}}}"), value);
        }
        assert!(
            !text.contains("{{"),
            "{} has an unknown name",
            path.display()
        );
        let name = path.file_name().expect("a file has a name");
        fs::write(folder.join(name), text).expect("the folder can be written");
    }
}

/// Returns the folder with the modules of Apache.
fn modules(root: &Path) -> String {
    let system = PathBuf::from("/usr/lib/apache2/modules");
    let unpacked = install::unpacked(root).join("usr/lib/apache2/modules");
    let folder = if system.is_dir() { system } else { unpacked };
    folder.display().to_string()
}
