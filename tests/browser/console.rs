//! What a console says of a request that is blocked.

use omnicors_browser_tests::Engine;
use omnicors_browser_tests::site::Site;
use serde_json::json;

#[tokio::test]
#[ignore = "needs Chromium, Firefox and WebKitGTK: run cargo xtask test"]
async fn chromium_and_firefox_tell_that_there_is_no_allow_origin_line() {
    let pages = Site::of_empty_pages();
    let api = Site::of_empty_pages();
    for (engine, says) in [
        (
            Engine::Chromium,
            "No 'Access-Control-Allow-Origin' header is present on the requested resource",
        ),
        (
            Engine::Firefox,
            "CORS header ‘Access-Control-Allow-Origin’ missing",
        ),
    ] {
        let browser = engine.start().await;
        browser.open(&pages.origin("localhost"), "/").await;
        browser.console().await;
        let url = json!(api.origin("127.0.0.1"));
        let script = "await fetch(arguments[0]).catch(() => 0)";
        browser.run_async(script, &[url]).await;
        browser.console_until(says).await;
    }
}
