//! Edits of the policy, and their effect.

use crate::page::{Page, Shown, newer, outcomes};

/// The outcomes of the eight requests of the page under its initial policy.
pub(crate) const AT_FIRST: [&str; 8] = [
    "readable", "blocked", "readable", "blocked", "blocked", "readable", "blocked", "blocked",
];
const WITH_PATCH: [&str; 8] = [
    "readable", "blocked", "readable", "readable", "blocked", "readable", "blocked", "blocked",
];
const NONE_ALLOWED: [&str; 8] = ["blocked"; 8];

/// What the initial policy means for each request: an origin that is not listed is kept out, and a page of a listed origin may ask for
/// too much.
const ACCESS_AT_FIRST: [&str; 8] = [
    "open",
    "kept-out",
    "open",
    "incomplete",
    "incomplete",
    "open",
    "kept-out",
    "kept-out",
];

impl Page {
    pub(crate) async fn edit_and_mistake(&mut self) {
        let shown = self.settled("true").await;
        self.expect_equal("at first", &outcomes(&shown), &AT_FIRST);
        self.agrees("at first", &shown);
        let access: Vec<&str> = shown.rows.iter().map(|row| row.access.as_str()).collect();
        self.expect_equal("at first", &access, &ACCESS_AT_FIRST.to_vec());
        let library = &shown.rows[3].library;
        let names_patch = library.contains("preflight") && library.contains("PATCH");
        self.expect(library, names_patch);
        let open = "return document.querySelectorAll('.request [aria-expanded=true]').length";
        let open = self.browser.run(open, &[]).await;
        self.expect_equal("the steps are closed", &open, &0.into());

        let text = shown.text.replace(r#""DELETE"]"#, r#""DELETE", "PATCH"]"#);
        assert_ne!(text, shown.text, "there is a method to add one to");
        self.edit(&text).await;
        let before = shown.revision;
        let shown = self.settled(&newer(before)).await;
        self.expect_equal("with PATCH", &outcomes(&shown), &WITH_PATCH);
        self.agrees("with PATCH", &shown);
        self.expect_equal("with PATCH", &shown.status.as_str(), &"in-force");

        self.edit("allow_origins = [\"https://Example.com/\"]\n")
            .await;
        let before = shown.revision;
        let shown = self.until("return now.status === 'wrong'").await;
        self.expect_equal("its place", &shown.mistakes.len(), &1);
        let mistake = &shown.mistakes[0];
        let place = (mistake.place.as_str(), mistake.kind.as_str());
        self.expect_equal("its place", &place, &("allow_origins[0]", "invalid"));
        let fix = mistake.text.contains("Write https://example.com ");
        self.expect(&mistake.text, fix);
        self.expect_equal("in force with a mistake", &shown.revision, &before);
        self.press("#send-all").await;
        let shown = self.settled("now.rows.every(row => row.sent === 3)").await;
        self.expect_equal("sent again", &outcomes(&shown), &WITH_PATCH);
        self.agrees("sent again", &shown);

        self.press("#mistakes button[data-action=apply]").await;
        let shown = self.settled(&newer(before)).await;
        let text = "allow_origins = [\"https://example.com\"]\n";
        self.expect_equal("mended", &shown.text.as_str(), &text);
        self.expect_equal("mended", &outcomes(&shown), &NONE_ALLOWED);
        self.agrees("mended", &shown);
        self.expect_equal("mended", &shown.mistakes, &Vec::new());

        let text = format!("{text}allow_methods = [\"PUT\"\n");
        self.edit(&text).await;
        let before = shown.revision;
        let shown = self.until("return now.status === 'wrong'").await;
        let places = shown.mistakes.iter();
        let places: Vec<_> = places
            .map(|mistake| (mistake.place.as_str(), mistake.kind.as_str()))
            .collect();
        self.expect_equal("not TOML", &places, &vec![("line 2", "syntax")]);
        self.expect_equal("not TOML", &shown.revision, &before);

        self.press("#reset").await;
        let shown = self.settled(&newer(before)).await;
        self.expect_equal("started over", &outcomes(&shown), &AT_FIRST);
        self.agrees("started over", &shown);
    }

    /// Each denial whose suggestion applies as it is can be allowed with one press, and the page shows what this has flipped.
    pub(crate) async fn add_and_flip(&mut self) {
        self.settled("true").await;
        for (request, line, changes) in [
            (
                4,
                r#"allow_methods = ["PUT", "DELETE", "PATCH"]"#,
                "Now readable: PATCH from app.localhost.",
            ),
            (
                5,
                r#"allow_headers = ["content-type", "x-other"]"#,
                "Now readable: POST from admin.app.localhost.",
            ),
            (
                2,
                "    \"http://evil.localhost:",
                "Now readable: GET from evil.localhost.",
            ),
        ] {
            let before = self.settled("true").await;
            self.add(request).await;
            let shown = self.settled(&newer(before.revision)).await;
            self.expect(&shown.text, shown.text.contains(line));
            self.expect_equal(line, &shown.changes.as_str(), &changes);
            let flipped = flipped(&shown);
            let expected = vec![(request, "Was blocked before your change")];
            self.expect_equal(line, &flipped, &expected);
            self.agrees(line, &shown);
        }
        // With credentials, an origin such as null needs an opt-out, so there is nothing to add.
        let adds =
            "return document.querySelectorAll('[data-request=\"8\"] [data-action=add]').length";
        let adds = self.browser.run(adds, &[]).await;
        self.expect_equal("null", &adds, &0.into());

        // A change without an effect on a request, and one that takes something away.
        let now = self.settled("true").await;
        self.edit(&format!("{}# A comment.\n", now.text)).await;
        let shown = self.settled(&newer(now.revision)).await;
        let none = "Your change flipped no request.";
        self.expect_equal("a comment", &shown.changes.as_str(), &none);
        self.expect_equal("a comment", &flipped(&shown), &Vec::new());
        self.edit(&now.text.replace("\"PUT\", ", "")).await;
        let shown = self.settled(&newer(shown.revision)).await;
        let blocked = "Now blocked: PUT from app.localhost.";
        self.expect_equal("without PUT", &shown.changes.as_str(), &blocked);
        let expected = vec![(3, "Was readable before your change")];
        self.expect_equal("without PUT", &flipped(&shown), &expected);
    }

    /// Presses the button beside a denial.
    async fn add(&mut self, request: usize) {
        let button = format!("[data-request='{request}'] [data-action=add]");
        self.press(&button).await;
        // The focus stays at the request, although its button disappears.
        let focused = "return document.activeElement.closest('.request')?.dataset.request";
        let focused = self.browser.run(focused, &[]).await;
        self.expect_equal("the focus", &focused, &request.to_string().into());
    }

    /// Each preset is valid, and marked as the one in the editor. Without credentials, any page can read simple requests under the first
    /// one; the second one allows only the application, and the third one its subdomains too, but no credentials; the fifth one has a
    /// guard, which lets run only what it allows; the last one allows everything but `null`.
    pub(crate) async fn presets(&mut self) {
        let mut before = self.settled("true").await.revision;
        for (number, readable) in [(1, 4), (2, 3), (3, 2), (4, 2), (5, 1), (6, 7)] {
            let preset = format!("#presets button:nth-child({number})");
            self.press(&preset).await;
            let shown = self.settled(&newer(before)).await;
            before = shown.revision;
            self.expect_equal(&preset, &shown.status.as_str(), &"in-force");
            self.agrees(&preset, &shown);
            let start = format!("{readable} readable, ");
            self.expect(&shown.summary, shown.summary.starts_with(&start));
            let pressed = "return [...document.querySelectorAll('#presets button')]
                .map(button => button.getAttribute('aria-pressed')).indexOf('true') + 1";
            let pressed = self.browser.run(pressed, &[]).await;
            self.expect_equal(&preset, &pressed, &number.into());
        }
    }
}

/// Returns the number and the words of each flipped request.
fn flipped(shown: &Shown) -> Vec<(usize, &str)> {
    let rows = (1..).zip(&shown.rows);
    rows.filter_map(|(number, row)| Some((number, row.flip.as_deref()?)))
        .collect()
}
