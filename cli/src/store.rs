//! `omnicors store`: origins in PostgreSQL or Redis that several servers share.

mod any_store;
mod arguments;
mod input;
mod watch;

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use omnicors_core::Origin;
use omnicors_tokio::{OriginStore as _, OriginStoreWriter as _, StoreSession as _};
use tokio::time::timeout;

use crate::exit::REPORTED;
use crate::failure::Failure;
use crate::terminal::one_line;
use any_store::{AnyStore, failure};
pub(crate) use arguments::Arguments;
use arguments::Command;

/// How many origins are written in one transaction.
const BATCH: usize = 10_000;

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let store = AnyStore::new(&arguments.connection)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(|error| Failure::because(format_args!("no runtime for the network: {error}")))?;
    let result = runtime.block_on(run_command(&store, &arguments.command));
    // A connection that does not end must not keep the command.
    runtime.shutdown_background();
    result
}

/// The maximum time to connect, and to write a batch.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Limits the time of a call, because a server that has stopped may keep its connections open.
async fn in_time<T>(call: impl Future<Output = T>) -> Result<T, Failure> {
    let silent = |_| Failure::because(format_args!("the store did not answer within {TIMEOUT:?}"));
    timeout(TIMEOUT, call).await.map_err(silent)
}

async fn run_command(store: &AnyStore, command: &Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Init { print: true, role } => {
            write!(anstream::stdout(), "{}", store.migration(role.as_deref())?)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Init { print: false, role } => {
            in_time(store.init(role.as_deref())).await??;
            writeln!(anstream::stdout(), "the store is ready")?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Add(listed) => {
            let texts = input::read(listed)?;
            let origins = input::parse(&texts)?;
            let mut added = 0;
            for batch in origins.chunks(BATCH) {
                added += in_time(store.add(batch)).await?.map_err(failure)?;
            }
            writeln!(anstream::stdout(), "added {added} of {}", origins.len())?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Remove(listed) => {
            let texts = input::read(listed)?;
            let origins = input::parse(&texts)?;
            remove(store, &origins).await
        }
        Command::List => list(store).await,
        Command::Watch { format } => watch::run(store, *format).await,
        Command::Prune { days } => {
            let deleted = store
                .prune(Duration::from_secs(days * 24 * 60 * 60))
                .await?;
            writeln!(
                anstream::stdout(),
                "deleted the records of {deleted} changes; the origins are as before"
            )?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Reports that an origin was not in the store, because it may be misspelled, and then the one that was meant is still allowed.
async fn remove(store: &AnyStore, origins: &[Origin<'_>]) -> Result<ExitCode, Failure> {
    let mut removed = 0;
    for batch in origins.chunks(BATCH) {
        removed += in_time(store.remove(batch)).await?.map_err(failure)?;
    }
    writeln!(anstream::stdout(), "removed {removed} of {}", origins.len())?;
    if removed == origins.len() {
        return Ok(ExitCode::SUCCESS);
    }
    writeln!(
        anstream::stderr(),
        "{} of them were not in the store; `omnicors store list` prints what is",
        origins.len() - removed
    )?;
    Ok(ExitCode::from(REPORTED))
}

async fn list(store: &AnyStore) -> Result<ExitCode, Failure> {
    let mut session = in_time(store.connect()).await?.map_err(failure)?;
    let mut output = std::io::BufWriter::new(anstream::stdout());
    let mut written = Ok(());
    let mut each = |origin: &str| {
        if written.is_ok() {
            written = writeln!(output, "{}", one_line(origin));
        }
    };
    session.read_all(&mut each).await.map_err(failure)?;
    written?;
    output.flush()?;
    Ok(ExitCode::SUCCESS)
}
