//! The page on a phone.

use serde_json::{Value, json};

use crate::page::Page;

/// The width of a small phone, in CSS pixels.
const PHONE: u32 = 360;

/// Returns the visible targets that are smaller than 44 pixels. A label is a part of the target of its field.
/// <https://www.w3.org/WAI/WCAG22/Understanding/target-size-enhanced.html>
const SMALL: &str = "
    const controls = [...document.querySelectorAll('a, button, summary, input, select, textarea')];
    const targets = controls.filter(control => control.checkVisibility()).map(control => control.closest('label') ?? control);
    return targets.filter(target => {
        const { width, height } = target.getBoundingClientRect();
        return width < 43.9 || height < 43.9;
    }).map(target => target.outerHTML);";

impl Page {
    /// Nothing is wider than the window, even with all parts of a request open, and each control is large enough for a finger.
    pub(crate) async fn phone(&mut self) {
        self.settled("true").await;
        self.resize(PHONE, 800).await;
        let open =
            "document.querySelectorAll('[aria-expanded=false]').forEach(button => button.click());
            document.querySelector('details').open = true;
            return innerWidth;";
        let width = self.browser.run(open, &[]).await;
        self.expect_equal("the window", &width, &json!(PHONE));
        for policy in [
            "allow_origins = [\"https://Example.com/\", \"null\"]\n",
            "allow_origins = [\"*\"]\n",
        ] {
            self.edit(policy).await;
            let status = if policy.contains('*') {
                "in-force"
            } else {
                "wrong"
            };
            self.until(&format!(
                "return now.status === '{status}' && now.text.length === {}",
                policy.len()
            ))
            .await;
            let all = "return document.documentElement.scrollWidth";
            let all = self.browser.run(all, &[]).await.as_u64();
            let fits = all.is_some_and(|all| all <= u64::from(PHONE));
            self.expect(&format!("{all:?} pixels fit {PHONE}"), fits);
            // The policy and the requests are below each other: each has the whole width but for the margins.
            let widths = "return ['#policy', '#requests'].map(part => document.querySelector(part).offsetWidth)";
            let widths = self.browser.run(widths, &[]).await;
            let is_wide = |width: &Value| width.as_u64() >= Some(u64::from(PHONE) - 48);
            let are_wide = widths.as_array().is_some_and(|all| all.iter().all(is_wide));
            self.expect(&format!("{widths} of {PHONE} pixels are used"), are_wide);
            let small = self.browser.run(SMALL, &[]).await;
            self.expect_equal(policy, &small, &json!([]));
        }
        // While one types at the end of a long policy, the summary is still at the top of the window.
        let long = "# A long policy.\n".repeat(100);
        self.edit(&format!("{long}allow_origins = [\"*\"]\n")).await;
        self.settled(&format!("now.text.length > {}", long.len()))
            .await;
        let script = "
            const view = CodeMirror.EditorView.findFromDOM(document.querySelector('#policy .cm-editor'));
            view.focus();
            view.dispatch({ selection: { anchor: view.state.doc.length }, scrollIntoView: true });
            await new Promise(requestAnimationFrame);
            await new Promise(requestAnimationFrame);
            const { top, bottom } = document.querySelector('#summary').getBoundingClientRect();
            return [scrollY > 800, top >= 0 && bottom < 150];";
        let seen: Value = self.browser.run_async(script, &[]).await;
        self.expect_equal("the summary is visible", &seen, &json!([true, true]));
    }
}
