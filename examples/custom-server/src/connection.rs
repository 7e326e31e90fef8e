//! Reads requests from a connection and writes their responses, with timeouts.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::exchange::{Exchange, Step};
use crate::{Request, Response, Server};

/// The timeout for receiving a request, including the wait for its first byte, and for sending a response. A client that sends very
/// slowly must not keep a connection forever.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// The time for which a client may continue to send after the last response.
const LINGER: Duration = Duration::from_secs(1);

pub(crate) async fn serve<A>(server: &Server<A>, mut stream: TcpStream) -> io::Result<()>
where
    A: Fn(&Request<'_>) -> Response + Send + Sync + 'static,
{
    // A response is a single write. Nagle's algorithm would only delay it, by up to 40 ms.
    stream.set_nodelay(true)?;
    // The bytes that have been received but not processed. A client that pipelines sends several requests at once.
    let mut received = Vec::with_capacity(4096);
    loop {
        let exchange = match timeout(TIME_LIMIT, receive(server, &mut stream, &mut received)).await
        {
            Ok(Ok(Some(exchange))) => exchange,
            // The client has closed the connection.
            Ok(Ok(None)) => return Ok(()),
            Ok(Err(error)) => return Err(error),
            // The connection was idle.
            Err(_) if received.is_empty() => return Ok(()),
            Err(_) => Exchange::bad_request(408),
        };
        timeout(TIME_LIMIT, stream.write_all(&exchange.response)).await??;
        if exchange.closes {
            return close(stream).await;
        }
    }
}

/// Reads until there is a response to send. Returns `None` if the client has closed the connection.
async fn receive<A>(
    server: &Server<A>,
    stream: &mut TcpStream,
    received: &mut Vec<u8>,
) -> io::Result<Option<Exchange>>
where
    A: Fn(&Request<'_>) -> Response + Send + Sync + 'static,
{
    let mut needed = 1;
    loop {
        while received.len() < needed {
            received.reserve(4096);
            if stream.read_buf(received).await? == 0 {
                return Ok(None);
            }
        }
        match server.step(received) {
            Step::NeedsBytes(length) => needed = length,
            Step::Responds(exchange) => {
                received.drain(..exchange.received);
                return Ok(Some(exchange));
            }
        }
    }
}

/// Closes the connection after the client has received the response. If some bytes of the client were left unread, the system would
/// reset the connection, and the client might lose the response.
async fn close(mut stream: TcpStream) -> io::Result<()> {
    stream.shutdown().await?;
    let mut rest = [0; 4096];
    let until_end = async {
        while stream.read(&mut rest).await? != 0 {}
        Ok(())
    };
    timeout(LINGER, until_end).await?
}
