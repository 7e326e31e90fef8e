//! What the command `omnicors probe` says about a server.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;

use omnicors_browser::Credentials;
use omnicors_browser_tests::prediction::FetchResult;
use serde_json::Value;

use crate::observe::Observed;
use crate::requests::{From, PageRequest};
use crate::running::root;

/// The program `omnicors`.
#[derive(Debug)]
pub struct Program(PathBuf);

/// What `omnicors probe` says about a request, in the parts that a page or its console can show as well.
///
/// The command sends no body, so the responses to requests with a body are not compared, only whether the page can read them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probed {
    /// The response, or `None` if the page is blocked.
    pub response: Option<ReadResponse>,
    /// The line in Chromium's console, which says why.
    pub console: Option<String>,
}

/// A response that the page can read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadResponse {
    /// To a request without a body.
    Compared {
        /// The status.
        status: u16,
        /// The names and values of the headers that the page can read.
        headers: BTreeMap<String, String>,
        /// The number of bytes in the body.
        bytes: usize,
    },
    /// To a request with a body.
    OfBody,
}

impl Probed {
    /// Returns what the command must say if Chromium did this.
    #[must_use]
    pub fn expected(request: &PageRequest, observed: &Observed) -> Self {
        let response = match &observed.result {
            FetchResult::Blocked => None,
            FetchResult::Response { .. } if request.body.is_some() => Some(ReadResponse::OfBody),
            FetchResult::Response {
                status,
                headers,
                body,
                ..
            } => Some(ReadResponse::Compared {
                status: *status,
                headers: headers.clone(),
                bytes: body.len(),
            }),
        };
        let console = observed.console.clone();
        Self { response, console }
    }
}

impl Program {
    /// Finds the program beside the one at this path, which cargo has built as well.
    ///
    /// # Panics
    ///
    /// Panics if it is not there, or older than its sources.
    #[must_use]
    pub fn beside(program: &str) -> Self {
        let name = format!("omnicors{}", std::env::consts::EXE_SUFFIX);
        let path = Path::new(program).with_file_name(name);
        let built = fs::metadata(&path).and_then(|metadata| metadata.modified());
        let sources = ["cli/src", "browser/src"].map(|folder| newest(&root().join(folder)));
        let is_current = built.is_ok_and(|built| sources.iter().all(|changed| *changed <= built));
        assert!(
            is_current,
            "{} is missing or older than its sources: run cargo build -p omnicors-cli",
            path.display()
        );
        Self(path)
    }

    /// Asks a server as a page of this origin would, and returns what the command says.
    ///
    /// # Panics
    ///
    /// Panics if the command does not run, or does not print the documented JSON.
    #[must_use]
    pub fn ask(
        &self,
        address: SocketAddr,
        origin: &str,
        request: &PageRequest,
        url: &str,
    ) -> Probed {
        let origin = if request.from == From::Sandboxed {
            "null"
        } else {
            origin
        };
        let mut command = Command::new(&self.0);
        command.args(["probe", url, "--origin", origin, "--method", request.method]);
        command.args(["--engine", "chromium", "--format", "json"]);
        for (name, value) in request.headers {
            command.args(["--header", &format!("{name}: {value}")]);
        }
        if request.credentials == Credentials::Include {
            command.arg("--credentials");
        }
        let output = command
            .stdin(Stdio::null())
            .output()
            .expect("the command runs");
        let errors = String::from_utf8_lossy(&output.stderr);
        let report: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{command:?} to {address}: {error}\n{errors}"));
        let response = match report["conclusion"].as_str() {
            Some("readable") if request.body.is_some() => Some(ReadResponse::OfBody),
            Some("readable") => Some(read(&report["readable"])),
            Some("blocked") => None,
            _ => panic!("{command:?} to {address}: {report:#}\n{errors}"),
        };
        // docs/command-line.md: 0 if the page can read the response, 1 if it is blocked.
        let code = i32::from(response.is_none());
        assert_eq!(output.status.code(), Some(code), "{command:?}: {errors}");
        let console = report["blocked"]["console"]["chromium"].as_str();
        Probed {
            response,
            // The driver does not pass on what frames of other origins print.
            console: console
                .filter(|_| request.from != From::Sandboxed)
                .map(str::to_owned),
        }
    }
}

/// Returns the response in a report.
fn read(readable: &Value) -> ReadResponse {
    let number = |value: &Value| value.as_u64().expect("a number");
    let mut headers = BTreeMap::new();
    for field in readable["headers"].as_array().expect("a list of headers") {
        let text = |name: &str| field[name].as_str().expect("a text").to_owned();
        let values: &mut String = headers.entry(text("name")).or_default();
        if !values.is_empty() {
            values.push_str(", ");
        }
        values.push_str(&text("value"));
    }
    // It differs between two requests.
    headers.remove("date");
    ReadResponse::Compared {
        status: number(&readable["status"]).try_into().expect("a status"),
        headers,
        bytes: number(&readable["body"]["bytes"])
            .try_into()
            .expect("a length"),
    }
}

/// Returns the time of the last change of a file in a folder.
fn newest(folder: &Path) -> SystemTime {
    let entries = fs::read_dir(folder).expect("a folder with sources");
    let times = entries.map(|entry| {
        let entry = entry.expect("an entry");
        let metadata = entry.metadata().expect("an entry has them");
        if metadata.is_dir() {
            newest(&entry.path())
        } else {
            metadata.modified().expect("the system keeps times")
        }
    });
    times.max().unwrap_or(SystemTime::UNIX_EPOCH)
}
