//! The rules of axe-core for accessible pages: <https://github.com/dequelabs/axe-core/blob/develop/doc/rule-descriptions.md>

use std::fs;

use omnicors_browser_tests::programs::{AXE, workspace};
use serde_json::{Value, json};

use crate::page::Page;

/// Runs all rules except the experimental ones. The frames only send requests, and nobody sees them.
const RUN: &str = "
    const { violations } = await axe.run(document, { iframes: false, resultTypes: ['violations'] });
    return violations.map(({ id, help, nodes }) => ({ id, help, nodes: nodes.map(node => [node.html, node.failureSummary]) }));";

impl Page {
    /// No rule is violated, with each tab, with mistakes, and with all parts of the requests open.
    pub(crate) async fn accessibility(&mut self, dark: bool) {
        self.settled("true").await;
        let is_dark = "return matchMedia('(prefers-color-scheme: dark)').matches";
        let is_dark = self.browser.run(is_dark, &[]).await;
        self.expect_equal("the colors", &is_dark, &json!(dark));
        let axe = fs::read_to_string(workspace().join(AXE));
        let axe = axe.expect("axe-core is installed: run cargo xtask test");
        self.browser.run(&axe, &[]).await;
        self.no_violation("at first").await;

        let tabs = "return document.querySelectorAll('[role=tab]').length";
        let tabs = self.browser.run(tabs, &[]).await.as_u64();
        for tab in 1..=tabs.expect("a number") {
            self.press(&format!("[role=tab]:nth-child({tab})")).await;
            let shown = "
                const panel = document.querySelector('[role=tabpanel]:not([hidden])');
                while (!panel.firstChild) await new Promise(requestAnimationFrame);";
            self.browser.run_async(shown, &[]).await;
            self.no_violation(&format!("tab {tab}")).await;
        }

        self.edit(
            "allow_origins = [\"https://Example.com/\", \"null\"]\nallow_methods = [\"patch\"]\n",
        )
        .await;
        self.until("return now.mistakes.length === 3").await;
        self.no_violation("with mistakes").await;

        self.edit("allow_origins = [\"*\"]\n").await;
        self.settled("now.rows.some(row => row.flip)").await;
        let open =
            "document.querySelectorAll('[aria-expanded=false]').forEach(button => button.click());
            document.querySelector('details').open = true;";
        self.browser.run(open, &[]).await;
        self.no_violation("with flips and everything open").await;
    }

    async fn no_violation(&mut self, when: &str) {
        let violations: Value = self.browser.run_async(RUN, &[]).await;
        self.expect_equal(when, &violations, &json!([]));
    }
}
