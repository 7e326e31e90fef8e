//! The page without JavaScript.

use fantoccini::Locator;
use omnicors_browser_tests::Browser;

/// The first text below the heading is a notice that says what to do, and the only controls are links to the docs.
pub(crate) async fn notice_and_nothing_dead(browser: &Browser, origin: &str) {
    let client = browser.client();
    client
        .goto(&format!("{origin}/"))
        .await
        .expect("the page opens");
    let find = async |selector| {
        let found = client.find_all(Locator::Css(selector)).await;
        let mut shown = Vec::new();
        for element in found.expect("a selector") {
            if element.is_displayed().await.expect("an element") {
                shown.push(element.text().await.expect("an element"));
            }
        }
        shown
    };
    let notice = find(".notice").await;
    assert_eq!(notice.len(), 1, "{notice:?}");
    assert!(notice[0].contains("needs JavaScript"), "{notice:?}");
    assert!(notice[0].contains("--no-page"), "{notice:?}");
    let controls = find("button, input, select, textarea, summary, [tabindex], main, #bar").await;
    assert_eq!(controls, Vec::<String>::new());
    assert_eq!(find("nav a").await.len(), 4);
    assert_eq!(find("a").await.len(), 4);
}
