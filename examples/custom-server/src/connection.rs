//! The bytes of one connection: one request after the other, each within its time.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::exchange::{Exchange, Step};
use crate::{Request, Response, Server};

/// How long a request may take to come in, the wait for its first byte included, and a response to go out: a client
/// that trickles bytes must not hold a connection for ever.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// How long a client may go on sending after the last response.
const LINGER: Duration = Duration::from_secs(1);

pub(crate) async fn serve<A>(server: &Server<A>, mut stream: TcpStream) -> io::Result<()>
where
    A: Fn(&Request<'_>) -> Response + Send + Sync + 'static,
{
    // A response is one write: to hold it back in the hope of more would cost 40 ms, and gain nothing.
    stream.set_nodelay(true)?;
    // What has come in and is not answered yet; of a client that does not wait for answers, several requests.
    let mut received = Vec::with_capacity(4096);
    loop {
        let exchange = match timeout(TIME_LIMIT, receive(server, &mut stream, &mut received)).await
        {
            Ok(Ok(Some(exchange))) => exchange,
            // The client has gone.
            Ok(Ok(None)) => return Ok(()),
            Ok(Err(broken)) => return Err(broken),
            // It has nothing more to ask.
            Err(_) if received.is_empty() => return Ok(()),
            Err(_) => Exchange::refused(408),
        };
        timeout(TIME_LIMIT, stream.write_all(&exchange.response)).await??;
        if exchange.closes {
            return close(stream).await;
        }
    }
}

/// Reads until there is a response to send; `None` when the client has gone.
async fn receive<A>(
    server: &Server<A>,
    stream: &mut TcpStream,
    received: &mut Vec<u8>,
) -> io::Result<Option<Exchange>>
where
    A: Fn(&Request<'_>) -> Response + Send + Sync + 'static,
{
    let mut wanted = 1;
    loop {
        while received.len() < wanted {
            received.reserve(4096);
            if stream.read_buf(received).await? == 0 {
                return Ok(None);
            }
        }
        match server.step(received) {
            Step::Wants(length) => wanted = length,
            Step::Responds(exchange) => {
                received.drain(..exchange.received);
                return Ok(Some(exchange));
            }
        }
    }
}

/// Closes so that the response arrives: were bytes of the client left unread, the connection would be reset, and the
/// response might be lost with it.
async fn close(mut stream: TcpStream) -> io::Result<()> {
    stream.shutdown().await?;
    let mut rest = [0; 4096];
    let until_end = async {
        while stream.read(&mut rest).await? != 0 {}
        Ok(())
    };
    timeout(LINGER, until_end).await?
}
