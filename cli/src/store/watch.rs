//! `omnicors store watch`.

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use omnicors_tokio::{Changes, OriginStore, StoreSession as _};
use serde::Serialize;
use tokio::time::timeout;

use super::any_store::failure;
use crate::failure::Failure;
use crate::format::Format;
use crate::terminal::one_line;

/// How long to wait for a hint. Hints may be lost.
const POLL: Duration = Duration::from_secs(1);

/// A line of the output.
#[derive(Serialize)]
struct Line<'a> {
    version: u8,
    revision: u64,
    change: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<&'a str>,
}

/// Prints changes until the connection or the output ends.
pub(super) async fn run<S: OriginStore>(store: &S, format: Format) -> Result<ExitCode, Failure> {
    let mut session = store.connect().await.map_err(failure)?;
    let mut position = session.present().await.map_err(failure)?;
    let first = Line {
        version: 1,
        revision: position.revision(),
        change: "watching",
        origin: None,
    };
    print(&first, format)?;
    loop {
        match session.changes_after(&position).await.map_err(failure)? {
            Changes::Read(changes, new) => {
                for change in &changes {
                    let line = Line {
                        version: 1,
                        revision: new.revision(),
                        change: if change.is_in_store() {
                            "added"
                        } else {
                            "removed"
                        },
                        origin: Some(change.origin()),
                    };
                    print(&line, format)?;
                }
                position = new;
            }
            Changes::Lost => {
                position = session.present().await.map_err(failure)?;
                let line = Line {
                    version: 1,
                    revision: position.revision(),
                    change: "lost",
                    origin: None,
                };
                print(&line, format)?;
            }
        }
        if let Ok(hint) = timeout(POLL, session.wait_for_hint()).await {
            hint.map_err(failure)?;
        }
    }
}

fn print(line: &Line<'_>, format: Format) -> Result<(), Failure> {
    if format == Format::Json {
        return crate::json::print_line(line);
    }
    let mut output = anstream::stdout().lock();
    let Line {
        revision, change, ..
    } = line;
    match (*change, line.origin) {
        (change, Some(origin)) => {
            writeln!(output, "revision {revision}: {change} {}", one_line(origin))?;
        }
        ("lost", None) => writeln!(
            output,
            "revision {revision}: earlier changes are not known any more"
        )?,
        (_, None) => writeln!(output, "revision {revision}: waiting for changes")?,
    }
    // A reader of a pipe sees each change at once.
    output.flush()?;
    Ok(())
}
