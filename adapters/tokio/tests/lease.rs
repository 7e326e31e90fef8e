//! The event of a lease that ends while the whole store is read. This binary has a single test, because tracing caches whether any thread
//! listens to an event.
#![cfg(all(feature = "store", feature = "tracing"))]
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a panic fails the test"
)]

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use omnicors_tokio::omnicors_core::Origin;
use omnicors_tokio::{
    Changes, OriginReplica, OriginStore, Position, ReplicaOptions, StoreError, StoreSession,
};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::timeout;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

const TENANT: &str = "https://tenant.example";
const LEASE: Duration = Duration::from_millis(200);

/// Sends the level and the message of each event.
struct Sent(UnboundedSender<(Level, String)>);

impl<S: Subscriber> Layer<S> for Sent {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        struct Message(String);
        impl Visit for Message {
            fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
                if field.name() == "message" {
                    self.0 = format!("{value:?}");
                }
            }
        }
        let mut message = Message(String::new());
        event.record(&mut message);
        let _ = self.0.send((*event.metadata().level(), message.0));
    }
}

/// A store whose changes are always lost. Each read of all origins needs a permit.
#[derive(Clone)]
struct LossyStore(Arc<Semaphore>);

impl OriginStore for LossyStore {
    type Session = Self;

    fn name(&self) -> String {
        "lossy".to_owned()
    }

    async fn connect(&self) -> Result<Self, StoreError> {
        Ok(self.clone())
    }

    async fn contains(&self, _: &str) -> Result<bool, StoreError> {
        Ok(false)
    }
}

impl StoreSession for LossyStore {
    async fn present(&mut self) -> Result<Position, StoreError> {
        Ok(Position::new("lossy", 0))
    }

    async fn read_all(
        &mut self,
        each: &mut (dyn FnMut(&str) + Send),
    ) -> Result<Position, StoreError> {
        self.0.acquire().await.unwrap().forget();
        each(TENANT);
        self.present().await
    }

    async fn changes_after(&mut self, _: &Position) -> Result<Changes, StoreError> {
        Ok(Changes::Lost)
    }

    async fn wait_for_hint(&mut self) -> Result<(), StoreError> {
        Ok(())
    }
}

/// Waits for an event with this level that contains the text. Returns the messages before it.
async fn event(
    events: &mut mpsc::UnboundedReceiver<(Level, String)>,
    level: Level,
    text: &str,
) -> Vec<String> {
    let mut before = Vec::new();
    loop {
        let next = timeout(Duration::from_secs(60), events.recv()).await;
        let (of, message) = next.expect("an event within a minute").unwrap();
        if of == level && message.contains(text) {
            return before;
        }
        before.push(message);
    }
}

#[tokio::test]
async fn a_lease_that_ends_while_the_whole_store_is_read_is_an_event() {
    let (sender, mut events) = unbounded_channel();
    tracing_subscriber::registry().with(Sent(sender)).init();
    let store = LossyStore(Arc::new(Semaphore::new(1)));
    let options = ReplicaOptions::new().lease(LEASE);
    let replica = OriginReplica::with_options(options, store.clone());
    let replica = replica.await.unwrap();
    let tenant = Origin::parse(TENANT.as_bytes()).unwrap();

    // The second read has no permit.
    event(&mut events, Level::INFO, "connected").await;
    let before = event(&mut events, Level::ERROR, "the lease is over").await;
    assert_eq!(before, [""; 0], "the read has not ended");
    assert!(replica.status().is_connected);
    assert!(!replica.contains(&tenant));

    // Each lease is reported once.
    store.0.add_permits(1);
    event(&mut events, Level::INFO, "all origins of the store").await;
    let before = event(&mut events, Level::ERROR, "the lease is over").await;
    assert_eq!(before, [""; 0], "the next read has not ended");
}
