//! The page without a pointer.

use fantoccini::key::Key;
use serde_json::json;

use crate::page::{Page, newer};

impl Page {
    /// The policy and each request can be reached, edited and left by keyboard.
    pub(crate) async fn keyboard(&mut self) {
        let shown = self.settled("true").await;
        self.tab_to("#policy .cm-content").await;
        // The end of the text, by the key of the platform.
        self.key(&[Key::Control.into()], Key::End.into()).await;
        for letter in "# typed".chars() {
            self.key(&[], letter).await;
        }
        let typed = format!("{}# typed", shown.text);
        let shown = self.settled(&newer(shown.revision)).await;
        self.expect_equal("typed", &shown.text, &typed);
        self.key(&[], Key::Enter.into()).await;
        self.key(&[Key::Control.into()], 'z').await;
        self.key(&[Key::Control.into()], 'z').await;
        let shown = self.until("return !now.text.includes('typed')").await;
        self.expect("undone", !shown.text.contains("typed"));
        // Tab leaves the editor, and changes nothing in it.
        self.key(&[], Key::Tab.into()).await;
        let inside = "return document.activeElement.closest('#policy') !== null";
        let inside = self.browser.run(inside, &[]).await;
        self.expect_equal("Tab leaves the editor", &inside, &json!(false));
        let text = self.settled("true").await.text;
        self.expect_equal("Tab leaves the text", &text, &shown.text);

        let first = "[data-request='1']";
        let steps = format!("{first} .show-steps");
        self.tab_to(&steps).await;
        let hidden = format!("return document.querySelector(\"{first} .steps\").hidden");
        for (when, expected) in [("before Enter", true), ("after Enter", false)] {
            let hidden = self.browser.run(&hidden, &[]).await;
            self.expect_equal(when, &hidden, &json!(expected));
            self.key(&[], Key::Enter.into()).await;
        }
        self.tab_to(&format!("{first} .show-form")).await;
    }

    async fn tab_to(&mut self, selector: &str) {
        // More than the number of elements before the first request.
        const MOST: usize = 20;
        let there = "return document.activeElement.matches(arguments[0])";
        for _ in 0..MOST {
            self.key(&[], Key::Tab.into()).await;
            if self.browser.run(there, &[json!(selector)]).await == true {
                self.expect(selector, true);
                return;
            }
        }
        panic!("{selector} is not focused after {MOST} tabs");
    }
}
