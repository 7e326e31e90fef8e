//! Ten mistakes that people make in a policy.

use crate::page::{Page, newer};

/// A mistake: the policy, the marked lines, the place, and a part of the explanation.
pub(crate) struct Example {
    pub(crate) name: &'static str,
    pub(crate) policy: &'static str,
    line: &'static str,
    marked: &'static str,
    place: &'static str,
    explanation: &'static str,
}

pub(crate) const MISTAKES: [Example; 10] = [
    Example {
        name: "slash-and-upper-case",
        policy: "# My site\nallow_origins = [\"https://Example.com/\"]\n",
        line: "2",
        marked: "\"https://Example.com/\"",
        place: "allow_origins[0]",
        explanation: "Write https://example.com ",
    },
    Example {
        name: "no-scheme",
        policy: "allow_origins = [\n    \"https://example.com\",\n    \"example.org\",\n]\n",
        line: "3",
        marked: "\"example.org\"",
        place: "allow_origins[1]",
        explanation: "Write https://example.org ",
    },
    Example {
        name: "path",
        policy: "allow_origins = [\"https://example.com/app/index.html\"]\n",
        line: "1",
        marked: "\"https://example.com/app/index.html\"",
        place: "allow_origins[0]",
        explanation: "Write https://example.com ",
    },
    Example {
        name: "any-origin-with-credentials",
        policy: "allow_origins = [\"*\"]\nallow_credentials = true\n",
        line: "1",
        marked: "\"*\"",
        place: "allow_origins[0]",
        explanation: "dangerously_allow_any_origin_with_credentials",
    },
    Example {
        name: "null",
        policy: "allow_origins = [\"https://example.com\", \"null\"]\n",
        line: "1",
        marked: "\"null\"",
        place: "allow_origins[1]",
        explanation: "dangerously_allow_opaque_origins",
    },
    Example {
        name: "http-with-credentials",
        policy: "allow_origins = [\"http://intranet.example\"]\nallow_credentials = true\n",
        line: "1",
        marked: "\"http://intranet.example\"",
        place: "allow_origins[0]",
        explanation: "dangerously_allow_insecure_origins",
    },
    Example {
        name: "lower-case-method",
        policy: "allow_origins = [\"https://example.com\"]\nallow_methods = [\"PUT\", \"patch\"]\n",
        line: "2",
        marked: "\"patch\"",
        place: "allow_methods[1]",
        explanation: "Write PATCH ",
    },
    Example {
        name: "unknown-setting",
        policy: "allow_origins = [\"https://example.com\"]\n\nallowMethods = [\"PUT\"]\n",
        line: "3",
        marked: "allowMethods",
        place: "allowMethods",
        explanation: "Write allow_methods ",
    },
    Example {
        name: "max-age-with-a-unit",
        policy: "allow_origins = [\"https://example.com\"]\nmax_age = \"10m\"\n",
        line: "2",
        marked: "\"10m\"",
        place: "max_age",
        explanation: "Write 600 ",
    },
    Example {
        name: "missing-bracket",
        policy: "allow_origins = [\"https://example.com\"\nallow_methods = [\"PUT\"]\n",
        line: "2",
        marked: "",
        place: "line 2",
        explanation: "",
    },
];

impl Page {
    /// Each mistake is marked in the editor at its line, and explained below.
    pub(crate) async fn mistakes(&mut self) {
        self.settled("true").await;
        for example in MISTAKES {
            self.edit(example.policy).await;
            let place = example.place;
            let shown = self
                .until(&format!("return now.mistakes[0]?.place === '{place}' && now.text.length === {} && now.marked.length === 1", example.policy.len()))
                .await;
            let name = example.name;
            self.expect_equal(name, &shown.status.as_str(), &"wrong");
            self.expect_equal(name, &shown.marked, &vec![example.line.to_owned()]);
            self.expect_equal(name, &shown.mistakes.len(), &1);
            let text = &shown.mistakes[0].text;
            self.expect(text, text.contains(example.explanation));
            if !example.marked.is_empty() {
                // CodeMirror splits a mark where the color changes.
                self.expect_equal(name, &shown.marks.concat().as_str(), &example.marked);
            }
            let invalid =
                "return document.querySelector('.cm-content').getAttribute('aria-invalid')";
            let invalid = self.browser.run(invalid, &[]).await;
            self.expect_equal(name, &invalid, &"true".into());
            // The next mistake may have the same place.
            self.edit("allow_origins = [\"https://example.com\"]\n")
                .await;
            self.until("return now.status === 'in-force'").await;
        }
        self.press("#reset").await;
        self.settled("now.marked.length === 0").await;
    }

    /// Takes a picture of each mistake, in the size of a phone and of a laptop. Returns the number of pictures.
    pub(crate) async fn pictures(&mut self, dark: bool) -> usize {
        let colors = if dark { "dark" } else { "light" };
        let mut taken = 0;
        for (width, height) in [(390, 844), (1280, 800)] {
            self.resize(width, height).await;
            self.press("#reset").await;
            self.settled("now.marked.length === 0").await;
            let size = format!("{width}x{height}-{colors}");
            self.browser.run("scrollTo(0, 0)", &[]).await;
            self.picture(&format!("{size}-00-start")).await;
            for (number, example) in (1..).zip(MISTAKES) {
                self.edit(example.policy).await;
                self.until("return now.status === 'wrong'").await;
                let script = "document.querySelector('#policy').scrollIntoView()";
                self.browser.run(script, &[]).await;
                let name = example.name;
                self.picture(&format!("{size}-{number:02}-{name}")).await;
                self.edit("allow_origins = [\"https://example.com\"]\n")
                    .await;
                self.until("return now.status === 'in-force'").await;
                taken += 1;
            }
            let before = self.settled("true").await.revision;
            self.edit("allow_origins = [\"*\"]\n").await;
            let shown = self.settled(&newer(before)).await;
            self.browser.run("scrollTo(0, 0)", &[]).await;
            self.picture(&format!("{size}-11-flipped")).await;
            assert!(
                shown.changes.starts_with("Now readable"),
                "{}",
                shown.changes
            );
            self.press(".show-steps").await;
            self.press(".show-form").await;
            let script = "document.querySelector('#requests').scrollIntoView()";
            self.browser.run(script, &[]).await;
            self.picture(&format!("{size}-12-requests")).await;
            let script = "document.querySelector('#usage-section').scrollIntoView()";
            self.browser.run(script, &[]).await;
            self.picture(&format!("{size}-13-usage")).await;
            self.press(".show-steps").await;
            self.press(".show-form").await;
            taken += 4;
        }
        taken
    }
}
