//! The console of Firefox, which tells by WebDriver `BiDi` only.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::Browser;

/// How long a line may take to come: far longer than it does on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// What the console says from now on.
#[derive(Debug)]
pub struct Console(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Console {
    /// Listens to that of a browser whose driver speaks `BiDi`.
    ///
    /// # Panics
    ///
    /// If it does not.
    pub async fn of(browser: &Browser) -> Self {
        let capabilities = browser.client().capabilities();
        let url = capabilities.and_then(|capabilities| capabilities["webSocketUrl"].as_str());
        let (socket, _) = connect_async(url.expect("the driver speaks BiDi"))
            .await
            .expect("the driver listens");
        let mut console = Self(socket);
        let subscribe = json!({
            "id": 1,
            "method": "session.subscribe",
            "params": {"events": ["log.entryAdded"]},
        });
        let sent = console.0.send(Message::text(subscribe.to_string())).await;
        sent.expect("the driver listens");
        let answer = console.next(|message| message["id"] == 1).await;
        let answer = answer.expect("the driver answers");
        assert_eq!(answer["type"], "success", "{answer}");
        console
    }

    /// The text of the next line that is about this; `None` if none comes in time.
    pub async fn line(&mut self, about: impl Fn(&str) -> bool) -> Option<String> {
        let entry = self
            .next(|message| {
                message["method"] == "log.entryAdded"
                    && message["params"]["text"].as_str().is_some_and(&about)
            })
            .await?;
        entry["params"]["text"].as_str().map(str::to_owned)
    }

    async fn next(&mut self, is_it: impl Fn(&Value) -> bool) -> Option<Value> {
        let read = async {
            loop {
                let message = self.0.next().await.expect("the driver listens on");
                if let Message::Text(text) = message.expect("the driver speaks WebSocket") {
                    let message = serde_json::from_str(&text).expect("BiDi is JSON");
                    if is_it(&message) {
                        return message;
                    }
                }
            }
        };
        timeout(PATIENCE, read).await.ok()
    }
}
