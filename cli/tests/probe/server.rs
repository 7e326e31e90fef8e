//! A server on loopback that runs in a thread of its own until the test ends.

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use http::{Request, Response};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// A running server. It stops when it is dropped.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    _stop: oneshot::Sender<()>,
}

impl Running {
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Runs a task with a listener, in a thread of its own.
    pub(crate) fn new<F, T>(serve: F) -> Self
    where
        F: FnOnce(TcpListener) -> T + Send + 'static,
        T: Future<Output = ()> + 'static,
    {
        let (stop, stopped) = oneshot::channel::<()>();
        let (ready, address) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            let local = tokio::task::LocalSet::new();
            local.block_on(&runtime, async move {
                let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
                    .await
                    .expect("a port");
                ready
                    .send(listener.local_addr().expect("an address"))
                    .expect("the test waits");
                tokio::select! {
                    () = serve(listener) => {}
                    _ = stopped => {}
                }
            });
        });
        Self {
            address: address.recv().expect("the server starts"),
            _stop: stop,
        }
    }

    /// Runs something that stops by itself when the receiver ends, in a thread of its own.
    pub(crate) fn on_thread<F>(serve: F) -> Self
    where
        F: FnOnce(std::net::TcpListener, oneshot::Receiver<()>) + Send + 'static,
    {
        let (stop, stopped) = oneshot::channel();
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let address = listener.local_addr().expect("an address");
        std::thread::spawn(move || serve(listener, stopped));
        Self {
            address,
            _stop: stop,
        }
    }

    /// Serves with a router of axum.
    pub(crate) fn router(router: Router) -> Self {
        Self::new(|listener| async { axum::serve(listener, router).await.expect("it serves") })
    }

    /// Serves with a closure, and returns every request as well.
    pub(crate) fn recording<F>(respond: F) -> (Self, Requests)
    where
        F: Fn(&Request<Body>) -> Response<Body> + Clone + Send + Sync + 'static,
    {
        let requests = Requests::default();
        let recorded = requests.clone();
        let service = move |request: Request<Body>| {
            let (recorded, respond) = (recorded.clone(), respond.clone());
            async move {
                recorded.begin(&request);
                // Other requests could be served here, if there were any.
                tokio::task::yield_now().await;
                let response = respond(&request);
                recorded.end();
                response
            }
        };
        (Self::router(Router::new().fallback(service)), requests)
    }
}

/// The requests that a server has received.
#[derive(Clone, Default)]
pub(crate) struct Requests(Arc<Mutex<Recorded>>);

#[derive(Default)]
struct Recorded {
    lines: Vec<String>,
    running: usize,
    most_running: usize,
}

impl Requests {
    fn begin(&self, request: &Request<Body>) {
        let mut recorded = self.0.lock().expect("no panic");
        let value = |name: &str| {
            request
                .headers()
                .get(name)
                .map_or("-", |value| value.to_str().expect("ASCII"))
        };
        let line = format!(
            "{} {} {}",
            request.method(),
            request.uri().path(),
            value("origin")
        );
        recorded.lines.push(line);
        recorded.running += 1;
        recorded.most_running = recorded.most_running.max(recorded.running);
    }

    fn end(&self) {
        self.0.lock().expect("no panic").running -= 1;
    }

    /// Returns each request: the method, the path and `Origin`.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.lock().expect("no panic").lines.clone()
    }

    /// Returns the largest number of requests at one time.
    pub(crate) fn most_running(&self) -> usize {
        self.0.lock().expect("no panic").most_running
    }
}
