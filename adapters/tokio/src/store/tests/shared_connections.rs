//! The connection that all lookups share, with tokio's clock set by the tests.

use std::error::Error;
use std::fmt;
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{advance, timeout};

use crate::store::{SharedConnection, StoreConnector, StoreError};

/// A server whose connections have numbers, from 1.
#[derive(Clone)]
struct Server {
    attempts: Arc<AtomicUsize>,
    behaviour: watch::Sender<Behaviour>,
    /// Attempts wait for a permit.
    accepted: Arc<Semaphore>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Behaviour {
    Connects,
    Refuses,
    Panics,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Failure {
    Refused,
    Ended,
    Rejected,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl Error for Failure {}

impl StoreConnector for Server {
    type Connection = usize;
    type Error = Failure;

    async fn connect(&self) -> Result<usize, Failure> {
        let number = self.attempts.fetch_add(1, Ordering::SeqCst) + 1;
        self.accepted.acquire().await.unwrap().forget();
        match *self.behaviour.borrow() {
            Behaviour::Connects => Ok(number),
            Behaviour::Refuses => Err(Failure::Refused),
            Behaviour::Panics => panic!("the connector panics"),
        }
    }

    fn ends_connection(&self, failure: &Failure) -> bool {
        *failure == Failure::Ended
    }
}

/// Returns a server that accepts at once.
fn server() -> (Server, SharedConnection<Server>) {
    let (server, connection) = slow_server();
    server.accepted.add_permits(1_000);
    (server, connection)
}

fn slow_server() -> (Server, SharedConnection<Server>) {
    let server = Server {
        attempts: Arc::default(),
        behaviour: watch::Sender::new(Behaviour::Connects),
        accepted: Arc::new(Semaphore::new(0)),
    };
    (server.clone(), SharedConnection::new(server))
}

impl Server {
    fn attempts(&self) -> usize {
        self.attempts.load(Ordering::SeqCst)
    }
}

/// Returns the number of the connection that a read uses.
async fn read(connection: &SharedConnection<Server>) -> Result<usize, StoreError> {
    connection.read(async |number| Ok(number)).await
}

/// A read that is not answered, and is given up at once.
async fn read_in_vain(connection: &SharedConnection<Server>) {
    let read = connection.read(|_| pending::<Result<usize, Failure>>());
    assert!(timeout(Duration::from_millis(1), read).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn reads_at_the_same_time_share_one_connection() {
    let (server, connection) = slow_server();
    let connection = Arc::new(connection);
    let mut reads = JoinSet::new();
    for _ in 0..50 {
        let connection = Arc::clone(&connection);
        reads.spawn(async move { read(&connection).await.unwrap() });
    }
    tokio::task::yield_now().await;
    server.accepted.add_permits(1);
    assert_eq!(reads.join_all().await, [1; 50]);
    assert_eq!(read(&connection).await.unwrap(), 1);
    assert_eq!(connection.get().await.unwrap(), 1);
    assert_eq!(server.attempts(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_attempt_continues_when_its_callers_give_up() {
    let (server, connection) = slow_server();
    let limit = Duration::from_millis(400);
    assert!(timeout(limit, read(&connection)).await.is_err());
    server.accepted.add_permits(1);
    assert_eq!(read(&connection).await.unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_nobody_accepts_is_given_up() {
    let (server, connection) = slow_server();
    let error = read(&connection).await.unwrap_err();
    assert_eq!(error.to_string(), "the store did not answer within 5s");
    server.accepted.add_permits(1);
    assert_eq!(read(&connection).await.unwrap(), 2);
}

/// The error of an attempt is for those who waited for it.
#[tokio::test(start_paused = true)]
async fn a_failed_attempt_is_not_kept() {
    for (behaviour, message) in [
        (Behaviour::Refuses, "Refused"),
        (Behaviour::Panics, "the attempt to connect was ended"),
    ] {
        let (server, connection) = slow_server();
        server.behaviour.send_replace(behaviour);
        let limit = Duration::from_millis(400);
        assert!(timeout(limit, read(&connection)).await.is_err());
        server.accepted.add_permits(1);
        // The attempt fails while nobody waits.
        tokio::time::sleep(limit).await;
        server.accepted.add_permits(1);
        assert_eq!(read(&connection).await.unwrap_err().to_string(), message);
        assert_eq!(server.attempts(), 2);

        server.behaviour.send_replace(Behaviour::Connects);
        server.accepted.add_permits(1);
        assert_eq!(read(&connection).await.unwrap(), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn a_read_on_a_connection_that_has_ended_is_repeated_once_on_a_new_one() {
    let (server, connection) = server();
    let calls = AtomicUsize::new(0);
    let ended_below = |least: usize| {
        let calls = &calls;
        move |number| async move {
            calls.fetch_add(1, Ordering::SeqCst);
            if number < least {
                Err(Failure::Ended)
            } else {
                Ok(number)
            }
        }
    };
    // The first connection is new, so another one would not help.
    let error = connection.read(ended_below(2)).await.unwrap_err();
    assert_eq!(error.to_string(), "Ended");
    assert_eq!(connection.read(ended_below(2)).await.unwrap(), 2);
    assert_eq!(calls.load(Ordering::SeqCst), 2);
    assert_eq!(connection.read(ended_below(3)).await.unwrap(), 3);
    assert_eq!(calls.load(Ordering::SeqCst), 4);
    // Nor would a third one.
    let error = connection.read(ended_below(10)).await.unwrap_err();
    assert_eq!(error.to_string(), "Ended");
    assert_eq!(calls.load(Ordering::SeqCst), 6);
    assert_eq!(server.attempts(), 4);
}

#[tokio::test(start_paused = true)]
async fn another_error_neither_repeats_a_read_nor_replaces_the_connection() {
    let (server, connection) = server();
    for _ in 0..2 {
        let rejected = async |_| Err::<usize, _>(Failure::Rejected);
        let error = connection.read(rejected).await.unwrap_err();
        assert_eq!(error.to_string(), "Rejected");
    }
    assert_eq!(read(&connection).await.unwrap(), 1);
    assert_eq!(server.attempts(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_silent_for_more_than_two_seconds_is_replaced() {
    let (_, connection) = server();
    read_in_vain(&connection).await;
    advance(Duration::from_millis(1_990)).await;
    read_in_vain(&connection).await;
    advance(Duration::from_millis(100)).await;
    assert_eq!(read(&connection).await.unwrap(), 2);
    // A response ends the silence.
    advance(Duration::from_secs(60)).await;
    assert_eq!(read(&connection).await.unwrap(), 2);
}

#[tokio::test(start_paused = true)]
async fn after_a_close_the_next_read_opens_a_new_connection() {
    let (_, connection) = server();
    assert_eq!(read(&connection).await.unwrap(), 1);
    connection.close();
    assert_eq!(read(&connection).await.unwrap(), 2);
}
