//! The browser engines.

use std::thread;

use serde_json::{Map, Value, json};

use crate::Browser;
use crate::certificate::Certificate;
use crate::processes::{Driver, program};
use crate::programs;

/// A browser engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Chromium, the base of Chrome, Edge, Opera and others.
    Chromium,
    /// Firefox.
    Firefox,
    /// WebKitGTK, which shares its source with Safari.
    WebKit,
}

/// The options with which an engine starts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Setup {
    pub(crate) webgl: bool,
    /// Whether pages see that the user prefers dark colors.
    pub(crate) dark: bool,
    /// Whether pages cannot run scripts.
    pub(crate) without_scripts: bool,
    /// The certificate to accept, although no known authority has issued it.
    pub(crate) certificate: Option<Certificate>,
}

impl Engine {
    /// All engines.
    pub const ALL: [Self; 3] = [Self::Chromium, Self::Firefox, Self::WebKit];

    /// Runs a function for each of these engines in parallel, because an engine spends most of its time waiting. Each runs on its
    /// own thread and runtime.
    pub fn in_each<const N: usize, T: Send>(
        engines: [Self; N],
        run: impl AsyncFn(Self) -> T + Sync,
    ) -> [T; N] {
        thread::scope(|scope| {
            let run = &run;
            let started = engines.map(|engine| {
                scope.spawn(move || {
                    let mut runtime = tokio::runtime::Builder::new_current_thread();
                    let runtime = runtime.enable_all().build().expect("a runtime");
                    runtime.block_on(run(engine))
                })
            });
            started.map(|started| started.join().expect("the function does not panic"))
        })
    }

    /// Returns the name in reports and in the table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
            Self::WebKit => "webkit",
        }
    }

    /// Returns the model of the engine.
    #[must_use]
    pub fn model(self) -> omnicors_browser::Engine {
        match self {
            Self::Chromium => omnicors_browser::Engine::Chromium,
            Self::Firefox => omnicors_browser::Engine::Firefox,
            Self::WebKit => omnicors_browser::Engine::WebKit,
        }
    }

    /// Starts the engine, headless, with an empty profile.
    pub async fn start(self) -> Browser {
        Browser::start(self, &Setup::default()).await
    }

    /// Starts the engine with WebGL. For that, Firefox needs a display.
    pub async fn start_with_webgl(self) -> Browser {
        let setup = Setup {
            webgl: true,
            ..Setup::default()
        };
        Browser::start(self, &setup).await
    }

    /// Starts the engine so that pages see whether the user prefers dark colors.
    pub async fn start_in(self, dark: bool) -> Browser {
        let setup = Setup {
            dark,
            ..Setup::default()
        };
        Browser::start(self, &setup).await
    }

    /// Starts the engine so that pages cannot run scripts.
    ///
    /// # Panics
    ///
    /// Panics for WebKit, whose driver has no such option.
    pub async fn start_without_scripts(self) -> Browser {
        assert_ne!(self, Self::WebKit, "WebKit's driver has no such option");
        let setup = Setup {
            without_scripts: true,
            ..Setup::default()
        };
        Browser::start(self, &setup).await
    }

    /// Starts the engine so that it accepts a certificate.
    pub async fn start_accepting(self, certificate: &Certificate) -> Browser {
        let setup = Setup {
            certificate: Some(certificate.clone()),
            ..Setup::default()
        };
        Browser::start(self, &setup).await
    }

    pub(crate) fn driver(self, setup: &Setup) -> Option<Driver> {
        match self {
            Self::Chromium => Driver::chromium(),
            Self::Firefox => Driver::firefox(setup.webgl),
            Self::WebKit => Driver::webkit(setup.dark),
        }
    }

    pub(crate) fn capabilities(self, setup: &Setup) -> Map<String, Value> {
        let mut capabilities = match self {
            Self::Chromium => json!({
                "browserName": "chrome",
                "goog:loggingPrefs": {"browser": "ALL"},
                "goog:chromeOptions": {
                    "binary": program(programs::CHROMIUM),
                    // No sandbox: it does not work as root, and the tests only open their own pages.
                    "args": [
                        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                        "--disable-background-networking", "--disable-component-update", "--disable-sync",
                        "--disable-dev-shm-usage",
                    ],
                },
            }),
            Self::Firefox => json!({
                "browserName": "firefox",
                "moz:firefoxOptions": {
                    "binary": program(programs::FIREFOX),
                    "args": if setup.webgl { json!([]) } else { json!(["-headless"]) },
                },
            }),
            Self::WebKit => json!({
                "webkitgtk:browserOptions": {
                    "binary": program(programs::MINI_BROWSER),
                    "args": ["--automation"],
                },
            }),
        };
        if let Some(certificate) = &setup.certificate {
            if self == Self::Chromium {
                // With `acceptInsecureCerts`, Chromium stores no responses of the server.
                let argument = format!(
                    "--ignore-certificate-errors-spki-list={}",
                    certificate.pin()
                );
                let arguments = capabilities["goog:chromeOptions"]["args"].as_array_mut();
                arguments.expect("a list").push(json!(argument));
            } else {
                capabilities["acceptInsecureCerts"] = json!(true);
            }
        }
        match self {
            Self::Chromium if setup.dark => {
                let arguments = capabilities["goog:chromeOptions"]["args"].as_array_mut();
                arguments.expect("a list").push(json!("--force-dark-mode"));
            }
            Self::Firefox if setup.dark => {
                capabilities["moz:firefoxOptions"]["prefs"] = json!({"ui.systemUsesDarkTheme": 1});
            }
            _ => {}
        }
        match self {
            Self::Chromium if setup.without_scripts => {
                let preference = "profile.managed_default_content_settings.javascript";
                capabilities["goog:chromeOptions"]["prefs"] = json!({preference: 2});
            }
            Self::Firefox if setup.without_scripts => {
                capabilities["moz:firefoxOptions"]["prefs"] = json!({"javascript.enabled": false});
            }
            _ => {}
        }
        match capabilities {
            Value::Object(map) => map,
            other => panic!("{other} is not an object"),
        }
    }
}
