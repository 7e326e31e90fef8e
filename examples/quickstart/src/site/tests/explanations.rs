//! The explanations of recorded requests.

use super::*;
use crate::request_log;

#[tokio::test]
async fn a_recorded_request_is_explained_step_by_step() {
    let served = served().await;
    served.preflight("a-1").await;
    let lines = ["Host: api", "Origin: http://app.localhost:PAGE"];
    served
        .send(served.api, "GET /items?request=b-1", &lines, "")
        .await;
    let explanation = async |path: &str| {
        let host = ["Host: localhost:PAGE"];
        served
            .page(&format!("GET /explanation/{path}"), &host, "")
            .await
            .json()
    };

    let denied = explanation("omit/a-1").await;
    assert_eq!(denied["actual"], Value::Null);
    let denied = &denied["preflight"];
    assert_eq!(
        (&denied["status"], &denied["allowed"]),
        (&204.into(), &false.into())
    );
    assert_eq!(denied["application_ran"], false);
    assert_eq!(denied["suggestion"], "add `PATCH` to allow_methods");
    assert_eq!(denied["is_origin_denied"], false);
    let change = serde_json::json!({"span": {"line": 2, "start": 65, "end": 65}, "replacement": ", \"PATCH\""});
    assert_eq!(denied["change"], change);
    let steps = denied["steps"].as_array().unwrap();
    let outcomes: Vec<_> = steps.iter().map(|step| &step["outcome"]).collect();
    assert_eq!(outcomes, ["noted", "passed", "failed", "noted"]);
    assert_eq!(steps[2]["subject"], "Access-Control-Request-Method");

    let allowed = explanation("omit/b-1").await;
    assert_eq!(allowed["preflight"], Value::Null);
    assert_eq!(allowed["actual"]["allowed"], true);
    assert_eq!(allowed["actual"]["application_ran"], true);
    // The same request with credentials.
    let denied = explanation("include/b-1").await;
    assert_eq!(denied["actual"]["allowed"], false);
    assert_eq!(
        denied["actual"]["suggestion"],
        "set allow_credentials in the policy, or send the request without credentials"
    );

    // The explanation is of the policy that was in force when the request arrived.
    assert_eq!(served.replace(OTHER_POLICY).await.status, 200);
    assert_eq!(explanation("omit/a-1").await["preflight"]["allowed"], false);
    assert_eq!(explanation("omit/never").await["preflight"], Value::Null);
}

#[tokio::test]
async fn the_suggestion_for_credentials_replaces_what_they_rule_out() {
    let served = served().await;
    let public = PRESETS[0].text;
    assert_eq!(served.replace(public).await.status, 200);
    let origin = format!("http://app.localhost:{}", served.page);
    let lines = ["Host: api", "Origin: http://app.localhost:PAGE"];
    served
        .send(served.api, "GET /items?request=1", &lines, "")
        .await;
    let host = ["Host: localhost:PAGE"];
    let explained = served.page("GET /explanation/include/1", &host, "").await;
    let denied = &explained.json()["actual"];
    assert_eq!(denied["change"], Value::Null);
    assert_eq!(
        denied["suggestion"],
        format!(
            "replace `*` by `{origin}` in allow_origins, set allow_credentials and list the names instead of `*` in expose_headers, \
             or send the request without credentials"
        )
    );
    let followed = format!(
        "allow_origins = [\"{origin}\"]\nallow_credentials = true\nexpose_headers = [\"x-request-id\"]\n\
         timing_allow_origin = true\n"
    );
    assert_eq!(served.replace(&followed).await.status, 200);
}

/// No browser sends this. The layer reads the host of the target as well, so the explanation must.
#[tokio::test]
async fn the_host_of_an_absolute_target_is_explained() {
    let served = served().await;
    let policy = "allow_origins = [\"http://app.localhost:*\"]\nallow_hosts = [\"localhost\", \"127.0.0.1\"]\n";
    assert_eq!(served.replace(policy).await.status, 200);
    let lines = ["Host: localhost", "Origin: http://app.localhost:PAGE"];
    for (target, status, runs) in [
        ("http://localhost/items?request=1", 200, true),
        ("http://other.test/items?request=2", 421, false),
    ] {
        let request = format!("GET {target}");
        let response = served.send(served.api, &request, &lines, "").await;
        assert_eq!(response.status, status, "{target}");
        let id = if runs { 1 } else { 2 };
        let path = format!("GET /explanation/omit/{id}");
        let explained = served.page(&path, &["Host: localhost:PAGE"], "").await;
        let actual = &explained.json()["actual"];
        assert_eq!(actual["application_ran"], runs, "{target}");
        assert_eq!(actual["allowed"], runs, "{target}: {actual}");
    }
}

#[tokio::test]
async fn only_the_last_requests_are_recorded() {
    let served = served().await;
    for number in 0..=request_log::ENTRIES {
        served.preflight(&number.to_string()).await;
    }
    for (id, is_recorded) in [(0, false), (1, true), (request_log::ENTRIES, true)] {
        let path = format!("GET /explanation/omit/{id}");
        let response = served.page(&path, &["Host: localhost:PAGE"], "").await;
        assert_eq!(
            response.json()["preflight"].is_object(),
            is_recorded,
            "{id}"
        );
    }
}
