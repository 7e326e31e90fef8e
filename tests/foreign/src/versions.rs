//! The versions of the servers, for the document.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::catalog::{ForeignServer, Kind, Program};
use crate::install::{self, SOURCES};
use crate::running::root;

/// Returns the names and versions of the packages of a server, as in `express 5.3.0, cors 2.8.6`.
///
/// # Panics
///
/// Panics if a version is not found.
#[must_use]
pub fn of(server: ForeignServer) -> String {
    let versions = server.packages.iter().map(|package| {
        let version = match server.kind {
            Kind::Node => of_npm(server.name, package),
            Kind::Python => of_pip(server.name, package),
            Kind::Rust => of_cargo(package),
            Kind::File(_) => panic!("a program has no packages"),
        };
        format!("{package} {version}")
    });
    let versions: Vec<_> = versions.collect();
    match server.kind {
        Kind::File(program) => of_program(program),
        _ => versions.join(", "),
    }
}

fn of_npm(server: &str, package: &str) -> String {
    let path = root().join(SOURCES).join(server).join("package.json");
    let manifest = fs::read_to_string(path).expect("a manifest");
    let manifest: Value = serde_json::from_str(&manifest).expect("a manifest");
    let version = manifest["dependencies"][package].as_str();
    version.expect("an exact version").to_owned()
}

fn of_pip(server: &str, package: &str) -> String {
    let path = root().join(SOURCES).join(server).join("requirements.txt");
    let requirements = fs::read_to_string(path).expect("a list of versions");
    let mut lines = requirements
        .lines()
        .filter_map(|line| line.split_once("=="));
    let line = lines.find(|line| line.0 == package);
    line.expect("an exact version").1.to_owned()
}

fn of_cargo(package: &str) -> String {
    let lock = fs::read_to_string(root().join("Cargo.lock")).expect("a lock file");
    let lock: toml::Table = lock.parse().expect("a lock file");
    let packages = lock["package"].as_array().expect("a list of packages");
    let versions = packages.iter().filter_map(|locked| {
        let is_named = locked["name"].as_str() == Some(package);
        locked["version"].as_str().filter(|_| is_named)
    });
    // tower-http is there twice, because of a dependency; the newer one is the workspace's own.
    let newest = versions.max_by_key(|version| {
        let numbers = version.split('.').map(|number| number.parse::<u64>().ok());
        numbers.collect::<Vec<_>>()
    });
    newest.expect("a version").to_owned()
}

fn of_program(program: Program) -> String {
    let (name, argument, prefix) = match program {
        Program::Nginx => ("nginx", "-v", "nginx version: nginx/"),
        Program::Apache => ("apache2", "-v", "Server version: Apache/"),
        Program::Caddy => ("caddy", "version", ""),
    };
    let root = root();
    let path = install::find(&root, name).expect("it is installed");
    let mut command = Command::new(path);
    command.env("LD_LIBRARY_PATH", install::libraries(&root));
    let output = command.arg(argument).output().expect("it runs");
    // nginx prints it as an error.
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    let line = text.lines().find_map(|line| line.strip_prefix(prefix));
    let version = line.and_then(|line| line.split_whitespace().next());
    let version = version.expect("it prints its version");
    format!("{name} {}", version.trim_start_matches('v'))
}
