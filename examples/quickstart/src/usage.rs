//! How to use a policy: a program for each framework, the policy as a file, and the command that checks it.

use serde::Serialize;

use crate::rust_code::policy_function;

/// A tab of the page.
pub(crate) struct Tab {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    content: Content,
}

enum Content {
    /// A program.
    Framework {
        /// The commands that add its packages.
        packages: &'static str,
        /// The program, with a line `POLICY` in place of the policy.
        program: &'static str,
    },
    File,
    Check,
}

/// A text that a person copies.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Part {
    pub(crate) title: &'static str,
    pub(crate) text: String,
}

const fn framework(
    id: &'static str,
    name: &'static str,
    packages: &'static str,
    program: &'static str,
) -> Tab {
    let content = Content::Framework { packages, program };
    Tab { id, name, content }
}

/// The tabs, in their order.
pub(crate) const TABS: [Tab; 10] = [
    framework(
        "axum",
        "axum",
        "cargo add omnicors --features axum\ncargo add axum\ncargo add tokio --features full\n",
        include_str!("../programs/axum.rs"),
    ),
    framework(
        "actix-web",
        "actix-web",
        "cargo add omnicors --features actix-web\ncargo add actix-web\n",
        include_str!("../programs/actix-web.rs"),
    ),
    framework(
        "rocket",
        "Rocket",
        "cargo add omnicors --features rocket\ncargo add rocket\n",
        include_str!("../programs/rocket.rs"),
    ),
    framework(
        "warp",
        "warp",
        "cargo add omnicors --features warp\ncargo add warp\ncargo add tokio --features full\n",
        include_str!("../programs/warp.rs"),
    ),
    framework(
        "poem",
        "poem",
        "cargo add omnicors --features poem\ncargo add poem\ncargo add tokio --features full\n",
        include_str!("../programs/poem.rs"),
    ),
    framework(
        "salvo",
        "salvo",
        "cargo add omnicors --features salvo\ncargo add salvo\ncargo add tokio --features full\n",
        include_str!("../programs/salvo.rs"),
    ),
    framework(
        "hyper",
        "hyper",
        "cargo add omnicors --features http\ncargo add hyper --features http1,server\n\
         cargo add hyper-util --features tokio\ncargo add tokio --features full\n",
        include_str!("../programs/hyper.rs"),
    ),
    framework(
        "tonic",
        "tonic",
        "cargo add omnicors --features tonic\ncargo add tonic tonic-web tonic-health\ncargo add tokio --features full\n",
        include_str!("../programs/tonic.rs"),
    ),
    Tab {
        id: "toml",
        name: "TOML",
        content: Content::File,
    },
    Tab {
        id: "check",
        name: "Check it",
        content: Content::Check,
    },
];

impl Tab {
    /// Returns the texts of the tab. `text` is the policy as it was written, and `settings` its serialized config.
    pub(crate) fn parts(&self, text: &str, settings: &str) -> Vec<Part> {
        let part = |title, text: &str| Part {
            title,
            text: text.to_owned(),
        };
        match self.content {
            Content::Framework { packages, program } => vec![
                part("Add the packages", packages),
                part(
                    "src/main.rs",
                    &program.replacen("POLICY\n", &format!("{}\n", policy_function(settings)), 1),
                ),
            ],
            Content::File => vec![
                part("cors.toml", text),
                part(
                    "Read it, and follow its changes",
                    include_str!("../programs/policy-file.rs"),
                ),
                part(
                    "Add the packages",
                    "cargo add omnicors --features axum,tokio\n",
                ),
            ],
            Content::Check => vec![
                part("Install the command, once", "cargo install omnicors-cli\n"),
                part(
                    "Check the file: all mistakes and warnings",
                    "omnicors check cors.toml\n",
                ),
                part(
                    "In continuous integration",
                    "omnicors check --deny-warnings cors.toml\n",
                ),
            ],
        }
    }
}
