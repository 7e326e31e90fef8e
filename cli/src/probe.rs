//! `omnicors probe`: asks a server as a browser would.

mod address_space;
mod addresses;
mod arguments;
mod ask;
mod audit;
mod change;
mod connect_error;
mod connection;
mod connector;
mod deadline;
mod field;
mod hint;
mod human;
mod live_server;
mod replay;
mod report;
mod target;
mod text;
mod tls;
mod transport;
mod transport_error;

use std::process::ExitCode;

use crate::failure::Failure;

pub(crate) use arguments::Arguments;

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime
        .map_err(|error| Failure::because(format_args!("no runtime for the network: {error}")))?;
    let result = runtime.block_on(async {
        if arguments.audit {
            audit::run(arguments).await
        } else {
            ask::run(arguments).await
        }
    });
    // The system may still be looking up a name whose time is up, or a connection may still be busy.
    runtime.shutdown_background();
    result
}
