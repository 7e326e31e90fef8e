//! Connections over TCP.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{timeout, timeout_at};
use tower_service::Service;

use super::addresses::{Addresses, Place};
use super::connect_error::ConnectError;
use super::deadline::{Deadline, Limit};

/// The time after which the next address is tried as well: the "Connection Attempt Delay" of
/// [RFC 8305](https://www.rfc-editor.org/rfc/rfc8305#section-8).
const DELAY: Duration = Duration::from_millis(250);

/// Connects over TCP.
#[derive(Clone, Debug)]
pub(super) struct Connector {
    addresses: Arc<Addresses>,
    /// For each address.
    limit: Duration,
    /// That of the exchange that is under way.
    deadline: Arc<Mutex<Deadline>>,
}

impl Connector {
    /// `limit` is the longest time for connecting to an address.
    pub(super) fn new(addresses: Arc<Addresses>, limit: Duration) -> Self {
        Self {
            addresses,
            limit,
            deadline: Arc::new(Mutex::new(Deadline::of(Limit::Connect(limit)))),
        }
    }

    /// Sets when the exchange that begins must have ended, for this connector and its clones.
    pub(super) fn set_deadline(&self, deadline: Deadline) {
        *self.deadline.lock().unwrap_or_else(PoisonError::into_inner) = deadline;
    }

    async fn connect(self, uri: Uri) -> Result<TokioIo<TcpStream>, ConnectError> {
        let of_exchange = *self.deadline.lock().unwrap_or_else(PoisonError::into_inner);
        let deadline = || Deadline::of(Limit::Connect(self.limit)).or_earlier(of_exchange);
        let place = Place::of_uri(&uri);
        let addresses = in_order(self.addresses.of(&place, deadline()).await?);
        let Some(&first) = addresses.first() else {
            return Err(ConnectError::Unknown {
                host: place.host,
                port: place.port,
                reason: "it has no address".to_owned(),
            });
        };
        let timed_out = |address, deadline: Deadline| ConnectError::TimedOut {
            address,
            limit: deadline.limit,
        };
        let connect = |address| {
            let deadline = deadline();
            async move {
                match timeout_at(deadline.at, TcpStream::connect(address)).await {
                    Ok(Ok(stream)) => Ok(stream),
                    Ok(Err(error)) => Err(ConnectError::Refused {
                        addresses: vec![address],
                        error,
                    }),
                    Err(_) => Err(timed_out(address, deadline)),
                }
            }
        };
        let stream = match timeout_at(of_exchange.at, race(addresses, connect)).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(errors)) => {
                let error = ConnectError::of_host(errors);
                return Err(error.unwrap_or_else(|| timed_out(first, of_exchange)));
            }
            Err(_) => return Err(timed_out(first, of_exchange)),
        };
        // Requests are written in one piece: without this, a small delay at most.
        let _ = stream.set_nodelay(true);
        Ok(TokioIo::new(stream))
    }
}

/// Returns addresses in the order in which they are tried: the families take turns, beginning with that of the preferred address
/// ([RFC 8305](https://www.rfc-editor.org/rfc/rfc8305#section-4)).
fn in_order(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let is_preferred = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (preferred, others): (Vec<_>, Vec<_>) = addresses
        .into_iter()
        .partition(|address| address.is_ipv6() == is_preferred);
    let (mut preferred, mut others) = (preferred.into_iter(), others.into_iter());
    let mut ordered = Vec::new();
    loop {
        let next: Vec<_> = preferred.next().into_iter().chain(others.next()).collect();
        if next.is_empty() {
            return ordered;
        }
        ordered.extend(next);
    }
}

/// Connects to the addresses as browsers do: each attempt begins when one has failed, or when the one before has taken [`DELAY`], and the
/// first connection is used ([RFC 8305](https://www.rfc-editor.org/rfc/rfc8305#section-5)). The errors are in the order of the addresses.
async fn race<T, E, F>(
    addresses: Vec<SocketAddr>,
    connect: impl Fn(SocketAddr) -> F,
) -> Result<T, Vec<E>>
where
    T: Send + 'static,
    E: Send + 'static,
    F: Future<Output = Result<T, E>> + Send + 'static,
{
    // When this is dropped, the attempts end.
    let mut attempts = JoinSet::new();
    let mut rest = addresses.into_iter().enumerate();
    let mut failures: Vec<(usize, E)> = Vec::new();
    loop {
        if let Some((index, address)) = rest.next() {
            let attempt = connect(address);
            attempts.spawn(async move { (index, attempt.await) });
        }
        let ended = if rest.len() == 0 {
            attempts.join_next().await
        } else {
            match timeout(DELAY, attempts.join_next()).await {
                Ok(ended) => ended,
                Err(_) => continue,
            }
        };
        match ended {
            Some(Ok((_, Ok(connection)))) => return Ok(connection),
            Some(Ok((index, Err(error)))) => failures.push((index, error)),
            None if rest.len() == 0 => {
                failures.sort_by_key(|(index, _)| *index);
                return Err(failures.into_iter().map(|(_, error)| error).collect());
            }
            // An attempt that was cancelled, which does not happen before the end.
            Some(Err(_)) | None => {}
        }
    }
}

impl Service<Uri> for Connector {
    type Response = TokioIo<TcpStream>;
    type Error = ConnectError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        Box::pin(self.clone().connect(uri))
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use tokio::time::Instant;

    use super::*;

    fn addresses(texts: &[&str]) -> Vec<SocketAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn the_families_take_turns() {
        for (given, expected) in [
            (
                &["[::1]:1", "[::2]:1", "[::3]:1", "127.0.0.1:1"][..],
                &["[::1]:1", "127.0.0.1:1", "[::2]:1", "[::3]:1"][..],
            ),
            (
                &["127.0.0.1:1", "127.0.0.2:1", "[::1]:1"],
                &["127.0.0.1:1", "[::1]:1", "127.0.0.2:1"],
            ),
            (&["127.0.0.1:1"], &["127.0.0.1:1"]),
            (&[], &[]),
        ] {
            assert_eq!(in_order(addresses(given)), addresses(expected));
        }
    }

    /// What an address does with a connection.
    #[derive(Clone, Copy)]
    enum Behaviour {
        Silent,
        Refuses,
        Accepts,
    }

    /// Connects to addresses whose last byte is their index, and returns the index, or those of the errors.
    async fn connect(behaviours: &'static [Behaviour]) -> Result<u8, Vec<u8>> {
        let addresses = (0u8..).zip(behaviours);
        let addresses = addresses.map(|(index, _)| SocketAddr::from(([127, 0, 0, index], 1)));
        race(addresses.collect(), move |address| async move {
            let index = address
                .to_string()
                .split(['.', ':'])
                .nth(3)
                .unwrap()
                .parse()
                .unwrap();
            match behaviours[usize::from(index)] {
                Behaviour::Silent => pending().await,
                Behaviour::Refuses => Err(index),
                Behaviour::Accepts => Ok(index),
            }
        })
        .await
    }

    #[tokio::test]
    async fn an_address_that_is_silent_does_not_keep_the_others() {
        use Behaviour::{Accepts, Refuses, Silent};

        // Those after an address that refuses do not wait: 40 times the delay would be 10 seconds.
        const REFUSING: [Behaviour; 41] = {
            let mut behaviours = [Refuses; 41];
            behaviours[40] = Accepts;
            behaviours
        };
        for (behaviours, expected, delays) in [
            (&[Accepts, Accepts][..], Ok(0), 0),
            (&[Silent, Accepts], Ok(1), 1),
            (&[Silent, Silent, Accepts], Ok(2), 2),
            (&REFUSING, Ok(40), 0),
            (&[Silent, Refuses, Accepts], Ok(2), 1),
            (&[Refuses, Refuses], Err(vec![0, 1]), 0),
            (&[], Err(vec![]), 0),
        ] {
            let begin = Instant::now();
            assert_eq!(connect(behaviours).await, expected);
            let elapsed = begin.elapsed();
            assert!(elapsed >= DELAY * delays, "{elapsed:?}");
            assert!(elapsed < Duration::from_secs(5), "{elapsed:?}");
        }
    }
}
