//! The engines.

use serde_json::{Map, Value, json};

use crate::Browser;
use crate::processes::{Driver, program};
use crate::programs;

/// What reads pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Chromium, which Chrome, Edge, Opera and others are made of.
    Chromium,
    /// Firefox.
    Firefox,
    /// WebKitGTK: of one source with Safari.
    WebKit,
}

impl Engine {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Chromium, Self::Firefox, Self::WebKit];

    /// Its name in reports and in the table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
            Self::WebKit => "webkit",
        }
    }

    /// Starts it, headless, with an empty profile.
    pub async fn start(self) -> Browser {
        Browser::start(self, self.driver(), self.capabilities()).await
    }

    /// The same, able to draw with WebGL: for that, Firefox needs a display, and the others what they have anyway.
    pub async fn start_with_webgl(self) -> Browser {
        if self != Self::Firefox {
            return self.start().await;
        }
        let mut capabilities = self.capabilities();
        capabilities["moz:firefoxOptions"]["args"] = json!([]);
        Browser::start(self, Driver::firefox_on_display(), capabilities).await
    }

    pub(crate) fn driver(self) -> Driver {
        match self {
            Self::Chromium => Driver::chromium(),
            Self::Firefox => Driver::firefox(),
            Self::WebKit => Driver::webkit(),
        }
    }

    pub(crate) fn capabilities(self) -> Map<String, Value> {
        let capabilities = match self {
            Self::Chromium => json!({
                "browserName": "chrome",
                "goog:loggingPrefs": {"browser": "ALL"},
                "goog:chromeOptions": {
                    "binary": program(programs::CHROMIUM),
                    // No sandbox: it does not work for root, and nothing but pages of these tests is opened.
                    "args": [
                        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                        "--disable-background-networking", "--disable-component-update", "--disable-sync",
                        "--disable-dev-shm-usage",
                    ],
                },
            }),
            Self::Firefox => json!({
                "browserName": "firefox",
                "webSocketUrl": true,
                "moz:firefoxOptions": {
                    "binary": program(programs::FIREFOX),
                    "args": ["-headless"],
                },
            }),
            Self::WebKit => json!({
                "webkitgtk:browserOptions": {
                    "binary": program(programs::MINI_BROWSER),
                    "args": ["--automation"],
                },
            }),
        };
        match capabilities {
            Value::Object(map) => map,
            other => panic!("{other} is no object"),
        }
    }
}
