//! `cargo xtask screenshot`: takes the picture of the quick start in the README with Chromium, and pictures of each mistake for review.

use std::env;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{self, Child, Command, Stdio};

use crate::command::{self, Failed, cargo, root};
use crate::programs::{self, CHROMEDRIVER, CHROMIUM, PNGQUANT};

/// The test that takes pictures of each mistake, on a phone and a laptop.
pub(crate) const PICTURES: &str = "pictures_of_each_mistake_are_taken_for_review";

/// The maximum size of the picture, in bytes, because everyone who opens the README downloads it.
const LARGEST: u64 = 150_000;

pub(crate) fn run() -> Result<(), Failed> {
    programs::ready(&[CHROMIUM, CHROMEDRIVER, PNGQUANT])?;
    let (Some(chromium), Some(pngquant)) = (CHROMIUM.find(), PNGQUANT.find()) else {
        return Err(Failed(1));
    };
    command::run(&mut cargo("build --locked --package quickstart"))?;
    let picture = root().join("docs/quickstart.png");
    let profile = env::temp_dir().join(format!("omnicors-screenshot-{}", process::id()));
    let mut quickstart = start_quickstart()?;
    let taken = url(&mut quickstart)
        .and_then(|url| command::run(&mut screenshot(&chromium, &profile, &picture, &url)));
    // An error means that the quick start has ended already.
    let _ended = quickstart.kill();
    let _ended = quickstart.wait();
    let _left_behind = fs::remove_dir_all(&profile);
    taken?;
    let mut shrink = Command::new(pngquant);
    shrink.args(["--force", "--speed", "1", "--strip", "--output"]);
    command::run(shrink.arg(&picture).args(["256", "--"]).arg(&picture))?;
    check(&picture)?;
    command::run(&mut cargo(&format!(
        "test --locked --package quickstart --test browsers {PICTURES} -- --include-ignored --show-output"
    )))
}

/// Starts the quick start on free ports. On Unix, `cargo run` is replaced by the program, so killing the child stops the program.
fn start_quickstart() -> Result<Child, Failed> {
    let mut run = cargo("run --quiet --locked --package quickstart");
    let started = run.stdout(Stdio::piped()).spawn();
    started.map_err(|error| {
        Failed::because(format_args!(
            "the quick start could not be started: {error}"
        ))
    })
}

/// Returns the first word that the quick start prints.
fn url(quickstart: &mut Child) -> Result<String, Failed> {
    let mut line = String::new();
    if let Some(stdout) = &mut quickstart.stdout {
        // The rest of the output is not read. It fits into the pipe.
        let _unread = BufReader::new(stdout).read_line(&mut line);
    }
    match line.split_whitespace().next() {
        Some(url) if url.starts_with("http://") => Ok(url.to_owned()),
        _ => Err(Failed::because(format_args!(
            "the quick start did not print its address, but: {line}"
        ))),
    }
}

fn screenshot(chromium: &Path, profile: &Path, picture: &Path, url: &str) -> Command {
    let mut command = Command::new(chromium);
    command
        .args(["--headless", "--disable-gpu", "--hide-scrollbars"])
        // The sandbox does not start for root, for example in a container. The browser only opens the quick start.
        .arg("--no-sandbox")
        .args(["--no-first-run", "--disable-extensions"])
        .arg("--window-size=1280,800")
        .arg("--force-prefers-reduced-motion")
        // The picture is taken after this number of milliseconds of the page's virtual time. Frames of other origins must share
        // the process of the page, because otherwise they have a virtual time of their own.
        .arg("--virtual-time-budget=4000")
        .arg("--disable-site-isolation-trials")
        .arg("--disable-features=IsolateOrigins,site-per-process,IsolateSandboxedIframes")
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(format!("--screenshot={}", picture.display()))
        .arg(url)
        // Chromium prints warnings about the machine.
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
