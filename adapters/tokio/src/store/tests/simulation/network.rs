//! The server of the database, and its client, over the simulated network. A message is a line.

use std::fmt::Write as _;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::Notify;
use tokio::time::sleep;
use turmoil::net::{TcpListener, TcpStream};

use super::database::Database;
use crate::store::{Changes, OriginChange, OriginStore, Position, StoreError, StoreSession};

pub(super) const SERVER: &str = "database";
const PORT: u16 = 5432;

/// The time between the beginning of a read of the whole store, and the read of the origins.
const READ_TIME: Duration = Duration::from_millis(40);

/// The disk of the server.
pub(super) struct Disk {
    database: Mutex<Database>,
    /// Wakes the connections in an order that can be repeated, unlike a channel of tokio.
    hints: Notify,
}

impl Disk {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            database: Mutex::default(),
            hints: Notify::new(),
        })
    }

    pub(super) fn database(&self) -> MutexGuard<'_, Database> {
        self.database.lock().unwrap()
    }

    pub(super) fn hint(&self) {
        self.hints.notify_waiters();
    }
}

/// Runs the server until it crashes.
pub(super) async fn serve(disk: Arc<Disk>) -> turmoil::Result {
    let listener = TcpListener::bind(("0.0.0.0", PORT)).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        // An error is the end of the connection.
        tokio::spawn(serve_connection(Arc::clone(&disk), Connection::new(stream)));
    }
}

async fn serve_connection(disk: Arc<Disk>, mut connection: Connection) -> io::Result<()> {
    loop {
        let request = tokio::select! {
            biased;
            line = connection.line() => line?,
            () = disk.hints.notified() => {
                connection.write("hint\n").await?;
                continue;
            }
        };
        let mut response = String::new();
        match request.split_once(' ') {
            None if request == "present" => {
                push_position(&mut response, &disk.database().position());
            }
            None if request == "all" => {
                // What is committed after the position may be in what is read, and need not.
                let position = disk.database().position();
                sleep(READ_TIME).await;
                let mut database = disk.database();
                database.whole_reads += 1;
                for origin in database.origins() {
                    push_change(&mut response, &OriginChange::new(origin, true));
                }
                push_position(&mut response, &position);
            }
            Some(("contains", origin)) => {
                let answer = disk.database().contains(origin);
                response = format!("{answer}\n");
            }
            Some(("after", position)) => {
                match disk.database().changes_after(&parse_position(position)) {
                    Changes::Read(changes, position) => {
                        for change in &changes {
                            push_change(&mut response, change);
                        }
                        push_position(&mut response, &position);
                    }
                    Changes::Lost => response.push_str("lost\n"),
                }
            }
            _ => panic!("an unknown request: {request}"),
        }
        // What was read may change before the response is sent.
        let delay = disk.database().delay;
        sleep(delay).await;
        connection.write(&response).await?;
    }
}

fn push_change(response: &mut String, change: &OriginChange) {
    let sign = if change.is_in_store() { "+" } else { "-" };
    writeln!(response, "{sign}{}", change.origin()).unwrap();
}

fn push_position(response: &mut String, position: &Position) {
    let (history, revision, cursor) = (position.history(), position.revision(), position.cursor());
    writeln!(response, "at {history} {revision} {cursor}").unwrap();
}

/// Parses a history, a revision and a cursor.
fn parse_position(text: &str) -> Position {
    let parts: Vec<_> = text.split(' ').collect();
    let [history, revision, cursor] = parts[..] else {
        panic!("not a position: {text}");
    };
    Position::new(history, revision.parse().unwrap()).with_cursor(cursor)
}

/// A connection, of either side.
struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            buffer: Vec::new(),
        }
    }

    async fn write(&mut self, lines: &str) -> io::Result<()> {
        self.stream.write_all(lines.as_bytes()).await
    }

    /// Reads a line. Dropping the future loses nothing.
    async fn line(&mut self) -> io::Result<String> {
        loop {
            if let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                let mut line: Vec<u8> = self.buffer.drain(..=end).collect();
                line.pop();
                return String::from_utf8(line).map_err(io::Error::other);
            }
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
}

/// The client of a node.
#[derive(Clone)]
pub(super) struct RemoteStore;

pub(super) struct RemoteSession {
    connection: Connection,
    /// Hints that came between the lines of a response.
    hints: usize,
}

async fn connected() -> Result<Connection, StoreError> {
    let stream = TcpStream::connect((SERVER, PORT)).await;
    stream.map(Connection::new).map_err(StoreError::new)
}

impl OriginStore for RemoteStore {
    type Session = RemoteSession;

    fn name(&self) -> String {
        SERVER.to_owned()
    }

    async fn connect(&self) -> Result<RemoteSession, StoreError> {
        Ok(RemoteSession {
            connection: connected().await?,
            hints: 0,
        })
    }

    async fn contains(&self, origin: &str) -> Result<bool, StoreError> {
        let mut connection = connected().await?;
        let request = format!("contains {origin}\n");
        connection.write(&request).await.map_err(StoreError::new)?;
        loop {
            let line = connection.line().await.map_err(StoreError::new)?;
            if line != "hint" {
                return Ok(line == "true");
            }
        }
    }
}

impl RemoteSession {
    async fn ask(&mut self, request: &str) -> Result<(), StoreError> {
        self.connection
            .write(request)
            .await
            .map_err(StoreError::new)
    }

    /// Reads the changes up to a position. Returns `None` if there is none.
    async fn position(
        &mut self,
        each: &mut (dyn FnMut(&str, bool) + Send),
    ) -> Result<Option<Position>, StoreError> {
        loop {
            let line = self.connection.line().await.map_err(StoreError::new)?;
            if let Some(origin) = line.strip_prefix('+') {
                each(origin, true);
            } else if let Some(origin) = line.strip_prefix('-') {
                each(origin, false);
            } else if let Some(position) = line.strip_prefix("at ") {
                return Ok(Some(parse_position(position)));
            } else if line == "lost" {
                return Ok(None);
            } else {
                assert_eq!(line, "hint");
                self.hints += 1;
            }
        }
    }
}

impl StoreSession for RemoteSession {
    async fn present(&mut self) -> Result<Position, StoreError> {
        self.ask("present\n").await?;
        let position = self.position(&mut |_, _| {}).await?;
        position.ok_or_else(|| StoreError::new("there is no position"))
    }

    async fn read_all(
        &mut self,
        each: &mut (dyn FnMut(&str) + Send),
    ) -> Result<Position, StoreError> {
        self.ask("all\n").await?;
        let position = self.position(&mut |origin, _| each(origin)).await?;
        position.ok_or_else(|| StoreError::new("there is no position"))
    }

    async fn changes_after(&mut self, position: &Position) -> Result<Changes, StoreError> {
        let mut request = String::new();
        push_position(&mut request, position);
        self.ask(&request.replacen("at ", "after ", 1)).await?;
        let mut changes = Vec::new();
        let mut each = |origin: &str, is_in_store: bool| {
            changes.push(OriginChange::new(origin, is_in_store));
        };
        Ok(match self.position(&mut each).await? {
            Some(new) => Changes::Read(changes, new),
            None => Changes::Lost,
        })
    }

    async fn wait_for_hint(&mut self) -> Result<(), StoreError> {
        if self.hints == 0 {
            let line = self.connection.line().await.map_err(StoreError::new)?;
            assert_eq!(line, "hint");
        }
        self.hints = 0;
        Ok(())
    }
}
