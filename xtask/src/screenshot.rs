//! `cargo xtask screenshot`: the picture of the quick start in the README, taken by a real browser.

use std::env;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{self, Child, Command, Stdio};

use crate::command::{self, Failed, cargo, root};
use crate::programs::{self, CHROMIUM, PNGQUANT};

/// What everyone who opens the README downloads, in bytes.
const LARGEST: u64 = 150_000;

pub(crate) fn run() -> Result<(), Failed> {
    programs::ready(&[CHROMIUM, PNGQUANT])?;
    let (Some(chromium), Some(pngquant)) = (CHROMIUM.find(), PNGQUANT.find()) else {
        return Err(Failed(1));
    };
    command::run(&mut cargo("build --locked --package quickstart"))?;
    let picture = root().join("docs/quickstart.png");
    let profile = env::temp_dir().join(format!("omnicors-screenshot-{}", process::id()));
    let mut quickstart = start_quickstart()?;
    let taken = url(&mut quickstart)
        .and_then(|url| command::run(&mut screenshot(&chromium, &profile, &picture, &url)));
    // It serves until it is stopped. Where that fails, it has ended by itself.
    let _ended = quickstart.kill();
    let _ended = quickstart.wait();
    let _left_behind = fs::remove_dir_all(&profile);
    taken?;
    let mut shrink = Command::new(pngquant);
    shrink.args(["--force", "--speed", "1", "--strip", "--output"]);
    command::run(shrink.arg(&picture).args(["256", "--"]).arg(&picture))?;
    check(&picture)
}

/// On free ports. On Unix, `cargo run` becomes the program, so that it is this that is stopped.
fn start_quickstart() -> Result<Child, Failed> {
    let mut run = cargo("run --quiet --locked --package quickstart");
    let started = run.stdout(Stdio::piped()).spawn();
    started
        .map_err(|error| Failed::because(format_args!("the quick start does not start: {error}")))
}

/// The first word that it prints.
fn url(quickstart: &mut Child) -> Result<String, Failed> {
    let mut line = String::new();
    if let Some(stdout) = &mut quickstart.stdout {
        // What it prints after this fits the pipe.
        let _unread = BufReader::new(stdout).read_line(&mut line);
    }
    match line.split_whitespace().next() {
        Some(url) if url.starts_with("http://") => Ok(url.to_owned()),
        _ => Err(Failed::because(format_args!(
            "the quick start has printed no address, but: {line}"
        ))),
    }
}

fn screenshot(chromium: &Path, profile: &Path, picture: &Path, url: &str) -> Command {
    let mut command = Command::new(chromium);
    command
        .args(["--headless", "--disable-gpu", "--hide-scrollbars"])
        // It opens a page of ours and nothing else; and its sandbox does not start for root, as in a container.
        .arg("--no-sandbox")
        .args(["--no-first-run", "--disable-extensions"])
        .arg("--window-size=1280,960")
        .arg("--force-prefers-reduced-motion")
        // The picture is taken when nothing has been under way for so many milliseconds of the page's own clock. Frames of
        // other origins have to share a process with it, or else they have a clock of their own.
        .arg("--virtual-time-budget=4000")
        .arg("--disable-site-isolation-trials")
        .arg("--disable-features=IsolateOrigins,site-per-process,IsolateSandboxedIframes")
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(format!("--screenshot={}", picture.display()))
        .arg(url)
        // What it has to say about the machine that it runs on.
        .stderr(Stdio::null());
    command
}

fn check(picture: &Path) -> Result<(), Failed> {
    match fs::metadata(picture) {
        Ok(file) if file.len() <= LARGEST => {
            println!("docs/quickstart.png: {} bytes; look at it", file.len());
            Ok(())
        }
        Ok(file) => Err(Failed::because(format_args!(
            "docs/quickstart.png has {} bytes; {LARGEST} at most",
            file.len()
        ))),
        Err(error) => Err(Failed::because(format_args!(
            "{}: {error}",
            picture.display()
        ))),
    }
}
