//! How to use the policy in force.

use fantoccini::key::Key;
use serde_json::{Value, json};

use crate::page::{Page, newer};

/// The tabs, and a part of the text of each for the policy of the test.
const TABS: [(&str, &str); 10] = [
    ("axum", ".layer(CorsLayer::new(policy()?))"),
    ("actix-web", ".wrap(cors.clone())"),
    ("Rocket", ".attach(Cors::new(policy()?))"),
    ("warp", "cors.serve(routes)"),
    ("poem", ".with(Cors::new(policy()?))"),
    ("salvo", ".hoop(Cors::new(policy()?))"),
    ("hyper", "match decide(cors, request)"),
    ("tonic", ".layer(GrpcWebLayer::new())"),
    ("TOML", "allow_origins = ['https://a.example'] # mine"),
    ("Check it", "omnicors check cors.toml"),
];

/// Waits until the selected tab shows a text. Returns its name, the names of the other visible panels, and the roles.
const SELECTED: &str = "
    const wanted = arguments[0];
    const read = () => {
        const tab = document.querySelector('[role=tab][aria-selected=true]');
        const panel = document.getElementById(tab.getAttribute('aria-controls'));
        const visible = [...document.querySelectorAll('[role=tabpanel]')].filter(panel => panel.checkVisibility());
        const reached = [...document.querySelectorAll('[role=tab]')].filter(tab => tab.tabIndex === 0);
        return {
            name: tab.textContent,
            text: panel.textContent,
            label: panel.getAttribute('aria-labelledby') === tab.id,
            visible: visible.length,
            reached: reached.length,
            focused: document.activeElement === tab,
        };
    };
    await new Promise((resolve, reject) => {
        const look = () => {
            if (!read().text.includes(wanted)) return;
            observer.disconnect();
            clearTimeout(limit);
            resolve();
        };
        const observer = new MutationObserver(look);
        const limit = setTimeout(() => reject(new Error(`still ${JSON.stringify(read())}`)), 50000);
        observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
        look();
    });
    return read();";

impl Page {
    /// The tabs work as <https://www.w3.org/WAI/ARIA/apg/patterns/tabs/> says, and each shows the policy in force.
    pub(crate) async fn usage(&mut self) {
        let shown = self.settled("true").await;
        self.edit("allow_origins = ['https://a.example'] # mine\nmax_age = 60\n")
            .await;
        self.settled(&newer(shown.revision)).await;
        let focus = "document.querySelector('[role=tab]').focus()";
        self.browser.run(focus, &[]).await;
        for (name, text) in TABS {
            self.selected(name, text).await;
            if !["TOML", "Check it"].contains(&name) {
                self.selected(name, ".allow_origins([\"https://a.example\"])")
                    .await;
                self.selected(name, ".max_age(std::time::Duration::from_secs(60))")
                    .await;
            }
            self.key(&[], Key::Right.into()).await;
        }
        // After the last tab comes the first one.
        for (key, (name, text)) in [
            (None, TABS[0]),
            (Some(Key::Left), TABS[9]),
            (Some(Key::Home), TABS[0]),
            (Some(Key::End), TABS[9]),
        ] {
            if let Some(key) = key {
                self.key(&[], key.into()).await;
            }
            self.selected(name, text).await;
        }

        // A tab that is shown follows the policy. A mistake changes nothing.
        self.press("[role=tab]").await;
        self.edit("allow_origins = ['https://b.example']\n").await;
        self.selected("axum", ".allow_origins([\"https://b.example\"])")
            .await;
        self.edit("allow_origins = ['https://B.example']\n").await;
        self.until("return now.status === 'wrong'").await;
        self.selected("axum", ".allow_origins([\"https://b.example\"])")
            .await;

        self.press("[role=tabpanel]:not([hidden]) .part-top button")
            .await;
        let copied = "
            const status = document.querySelector('#copied');
            while (!status.textContent) await new Promise(requestAnimationFrame);
            return status.textContent.replace(/^(Copied|Selected): /, '');";
        let copied = self.browser.run_async(copied, &[]).await;
        self.expect_equal("copied", &copied, &"Add the packages".into());
    }

    async fn selected(&mut self, name: &str, text: &str) {
        let shown: Value = self.browser.run_async(SELECTED, &[json!(text)]).await;
        self.expect_equal(name, &shown["name"], &name.into());
        for part in ["label", "focused"] {
            // A script that presses a tab does not focus it.
            if part == "focused" && text.contains("b.example") {
                continue;
            }
            self.expect_equal(part, &shown[part], &json!(true));
        }
        for part in ["visible", "reached"] {
            self.expect_equal(part, &shown[part], &json!(1));
        }
    }
}
