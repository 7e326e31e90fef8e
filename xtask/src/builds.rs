//! `cargo xtask bench --builds`: what CORS adds to the build of the smallest server, with Omnicors and with the framework's own middleware.
//!
//! The servers are in `benches/builds`. Each is built as a release, in a folder of its own, from nothing.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::command::{self, Failed, cargo, root};

/// The frameworks, and how their own middleware is called.
const FRAMEWORKS: [(&str, &str); 6] = [
    ("axum", "tower-http"),
    ("actix-web", "actix-cors"),
    ("rocket", "rocket_cors"),
    ("warp", "`warp::cors`"),
    ("poem", "poem's `Cors`"),
    ("salvo", "salvo-cors"),
];

/// What a build takes.
#[derive(Clone, Debug)]
struct Build {
    /// The names of its packages.
    packages: BTreeSet<String>,
    /// The time of the processors, in seconds.
    seconds: f64,
    /// The size of the program without symbols, in bytes.
    size: u64,
}

/// Builds every server, and prints a table in Markdown.
pub(crate) fn run() -> Result<(), Failed> {
    let mut rows = Vec::new();
    for (framework, own) in FRAMEWORKS {
        let target = root().join("target/builds").join(framework);
        remove(&target)?;
        // What the others add is compiled after this, and what they share with it is not compiled again.
        build(framework, framework, &target)?;
        let none = build_again(framework, framework, &target)?;
        for (middleware, suffix) in [(own, "own"), ("omnicors", "omnicors")] {
            let features = format!("{framework}-{suffix}");
            let with = build(framework, &features, &target)?;
            let row = row(framework, middleware, &none, &with);
            // All rows are printed at the end. This takes long, so each is also printed at once.
            println!("{row}");
            rows.push(row);
        }
        remove(&target)?;
    }
    println!("\n| framework | CORS | packages added | compile time added | size added |");
    println!("|---|---|--:|--:|--:|");
    for row in rows {
        println!("{row}");
    }
    Ok(())
}

fn row(framework: &str, middleware: &str, none: &Build, with: &Build) -> String {
    let added = with.packages.difference(&none.packages).count();
    // The program itself is compiled and linked in both.
    let seconds = with.seconds - none.seconds;
    let kibibytes = (signed(with.size) - signed(none.size)) / 1_024;
    format!("| {framework} | {middleware} | {added} | {seconds:.1} s | {kibibytes} KiB |")
}

fn signed(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

/// Builds only the program of a server again.
fn build_again(framework: &str, features: &str, target: &Path) -> Result<Build, Failed> {
    let mut clean = cargo("clean --quiet --release --package omnicors-builds");
    command::run(clean.arg("--target-dir").arg(target))?;
    build(framework, features, target)
}

fn build(framework: &str, features: &str, target: &Path) -> Result<Build, Failed> {
    let mut cargo_build = cargo("build --quiet --locked --release --package omnicors-builds");
    cargo_build.args(["--features", features, "--bin", &program(framework)]);
    cargo_build.arg("--target-dir").arg(target);
    cargo_build.env("CARGO_PROFILE_RELEASE_STRIP", "symbols");
    let before = seconds_of_children()?;
    command::run(&mut cargo_build)?;
    let seconds = seconds_of_children()? - before;
    let path = target.join("release").join(program(framework));
    let size = fs::metadata(&path).map_err(|error| failed(&path, &error))?;
    Ok(Build {
        packages: packages(features)?,
        seconds,
        size: size.len(),
    })
}

fn program(framework: &str) -> String {
    format!("build-{framework}")
}

/// Returns the names and versions of the packages that a build compiles.
fn packages(features: &str) -> Result<BTreeSet<String>, Failed> {
    let mut tree = cargo("tree --locked --package omnicors-builds --edges normal,build");
    tree.args(["--prefix", "none", "--no-dedupe", "--features", features]);
    let output = tree.stdin(Stdio::null()).output();
    let output = output
        .ok()
        .filter(|output| output.status.success())
        .ok_or_else(|| Failed::because("cargo cannot list the packages of the build"))?;
    let lines = String::from_utf8_lossy(&output.stdout);
    let names = lines.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        Some(format!("{} {}", words.next()?, words.next()?))
    });
    Ok(names.collect())
}

/// Returns the processor time of all ended child processes, in seconds.
fn seconds_of_children() -> Result<f64, Failed> {
    let path = PathBuf::from("/proc/self/stat");
    let text = fs::read_to_string(&path).map_err(|error| failed(&path, &error))?;
    let ticks = ticks_of_children(&text)
        .ok_or_else(|| Failed::because("/proc/self/stat has an unknown format"))?;
    let per_second = Command::new("getconf").arg("CLK_TCK").output();
    let per_second = per_second.ok().and_then(|output| {
        let text = String::from_utf8(output.stdout).ok()?;
        text.trim().parse::<f64>().ok()
    });
    let per_second = per_second.ok_or_else(|| Failed::because("getconf CLK_TCK does not run"))?;
    Ok(ticks / per_second)
}

/// Returns the sum of `cutime` and `cstime` ([proc_pid_stat(5)](https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html)).
fn ticks_of_children(stat: &str) -> Option<f64> {
    // The name of the program is in parentheses, and may have spaces. `cutime` is field 16, and the name field 2.
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut times = fields.split(' ').skip(13);
    let user: f64 = times.next()?.parse().ok()?;
    let system: f64 = times.next()?.parse().ok()?;
    Some(user + system)
}

fn remove(folder: &Path) -> Result<(), Failed> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(folder, &error)),
        _ => Ok(()),
    }
}

fn failed(path: &Path, error: &io::Error) -> Failed {
    Failed::because(format_args!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_times_of_children_follow_those_of_the_process() {
        let stat = "1234 (a (b) c) S 1 2 3 4 5 6 7 8 9 10 1100 1200 130 140 20 0 1 0 99";
        assert_eq!(ticks_of_children(stat), Some(270.0));
        assert_eq!(ticks_of_children("1234 (a"), None);
    }

    #[test]
    fn a_row_shows_what_is_added() {
        let build = |packages: &[&str], seconds, size| Build {
            packages: packages.iter().map(|name| (*name).to_owned()).collect(),
            seconds,
            size,
        };
        let none = build(&["axum 1"], 1.0, 10_240);
        let with = build(&["axum 1", "omnicors 1"], 3.5, 30_720);
        assert_eq!(
            row("axum", "omnicors", &none, &with),
            "| axum | omnicors | 1 | 2.5 s | 20 KiB |"
        );
    }
}
