//! Loads a server over connections that carry several requests at once.

use std::time::{Duration, Instant};

use http::{Request, StatusCode};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

use crate::ORIGIN;
use crate::load::{MULTIPLEXED, OPEN, Round};

/// A connection to a server. Its clones share it.
pub(crate) trait Connection: Clone + Send + 'static {
    /// Sends a request, and reads the whole response.
    fn send(&mut self, request: Request<()>) -> impl Future<Output = StatusCode> + Send;
}

pub(crate) fn runtime() -> Runtime {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime")
}

/// Sends requests over each of the connections for a time.
pub(crate) async fn round<C: Connection>(connections: Vec<C>, time: Duration) -> Round {
    let start = Instant::now();
    let mut tasks = JoinSet::new();
    for connection in connections {
        for _ in 0..OPEN / MULTIPLEXED {
            tasks.spawn(send_until(start + time, connection.clone()));
        }
    }
    let mut latencies = tasks.join_all().await.concat();
    let seconds = start.elapsed().as_secs_f64();
    latencies.sort_unstable();
    let requests = u32::try_from(latencies.len()).expect("a small number");
    let slowest_hundredth = latencies.len() - 1 - latencies.len() / 100;
    Round {
        requests_per_second: f64::from(requests) / seconds,
        p99: latencies[slowest_hundredth].as_secs_f64() * 1e6,
    }
}

/// Sends one request after the other, and returns the time of each.
async fn send_until<C: Connection>(end: Instant, mut connection: C) -> Vec<Duration> {
    let mut latencies = Vec::new();
    loop {
        let request = Request::get("https://localhost/").header("origin", ORIGIN);
        let request = request.body(()).expect("a request");
        let start = Instant::now();
        if start > end {
            return latencies;
        }
        assert_eq!(connection.send(request).await, StatusCode::OK);
        latencies.push(start.elapsed());
    }
}
