//! The output of `--no-page`: the policy, and curl commands with the response and the verdict of each.

use std::fmt::{self, Display, Formatter};
use std::net::SocketAddr;

use omnicors_core::{
    Decision, Denial, Explanation, Policy, RequestKind, RequestParts, Verdict, evaluate,
};

use crate::example_requests::{ExampleRequest, example_requests};

pub(crate) struct CurlExamples<'a> {
    policy: &'a Policy,
    /// The address, which is also the value of `Host` in requests of curl.
    host: String,
    requests: Vec<ExampleRequest>,
}

impl<'a> CurlExamples<'a> {
    pub(crate) fn new(policy: &'a Policy, address: SocketAddr) -> Self {
        Self {
            policy,
            host: address.to_string(),
            requests: example_requests(policy),
        }
    }
}

impl Display for CurlExamples<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let host = &self.host;
        writeln!(f, "The API at http://{host} has this CORS policy:\n")?;
        let settings = toml::to_string(&self.policy.config()).map_err(|_| fmt::Error)?;
        write_indented(f, &settings)?;
        for warning in self.policy.warnings() {
            writeln!(f, "\n   Warning: {warning}")?;
        }
        writeln!(
            f,
            "\nTo use another policy: cargo run -p quickstart -- my-policy.toml\n\
             (examples/quickstart/policy.toml explains every setting.)\n\n\
             Run these commands in another terminal. They send the requests that a browser would send:"
        )?;
        for (number, request) in (1..).zip(&self.requests) {
            writeln!(f, "\n{number}. {}", request.description)?;
            self.explain(f, request)?;
        }
        self.write_steps(f)?;
        write!(
            f,
            "\nDenials are logged here with their reason. Press Ctrl-C to stop the server."
        )
    }
}

impl CurlExamples<'_> {
    fn explain(&self, f: &mut Formatter<'_>, example: &ExampleRequest) -> fmt::Result {
        let fields = example.fields(&self.host);
        let request = RequestParts::read(self.policy, example.method(), &fields);
        let decision = evaluate(self.policy, &request);
        writeln!(f, "     {}", example.curl(&self.host))?;
        match decision {
            Decision::Respond { status, .. } => {
                writeln!(
                    f,
                    "   Status {status}; the application does not run. Headers:"
                )?;
            }
            Decision::Forward { .. } => {
                writeln!(f, "   Status 200 from the application. Headers:")?;
            }
        }
        let mut has_fields = false;
        for field in decision.headers() {
            writeln!(f, "     {field}")?;
            has_fields = true;
        }
        if !has_fields {
            writeln!(f, "     (none for CORS)")?;
        }
        let explanation = self.policy.explain(&request);
        writeln!(f, "   {}", conclusion(request.kind(), &explanation))
    }

    /// Writes the steps of the first denied preflight, because its explanation is the longest.
    fn write_steps(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (number, example) in (1..).zip(&self.requests) {
            let fields = example.fields(&self.host);
            let request = RequestParts::read(self.policy, example.method(), &fields);
            let explanation = self.policy.explain(&request);
            if request.kind() == RequestKind::Preflight && !explanation.verdict().is_allowed() {
                writeln!(
                    f,
                    "\nThe steps of number {number}, from `policy.explain`:\n"
                )?;
                return write_indented(f, &explanation.to_string());
            }
        }
        Ok(())
    }
}

fn conclusion(kind: RequestKind, explanation: &Explanation<'_>) -> String {
    match (explanation.verdict(), kind) {
        (_, RequestKind::NonCors) => "A browser does not check the response.".to_owned(),
        (Verdict::Allowed, kind) => {
            let action = match kind {
                RequestKind::Preflight => "sends the request",
                RequestKind::Actual | RequestKind::NonCors => "lets the page read the response",
            };
            let mut steps = explanation.steps().iter();
            let origin = steps.find(|step| step.subject() == "Origin");
            let reason = origin.map_or("", |step| step.found());
            format!("The browser {action}: {reason}.")
        }
        (Verdict::Denied(denial), kind) => {
            let action = match kind {
                // The status is 204 in this case too: the response lists the allowed methods and headers, and the browser checks them.
                RequestKind::Preflight
                    if matches!(
                        denial,
                        Denial::MethodNotAllowed(_) | Denial::HeaderNotAllowed(_)
                    ) =>
                {
                    "does not send the request, because the response does not allow it"
                }
                RequestKind::Preflight => "does not send the request",
                RequestKind::Actual | RequestKind::NonCors => {
                    "does not let the page read the response"
                }
            };
            let suggestion = explanation.suggestion().unwrap_or("no setting allows it");
            let allow = match denial {
                Denial::OriginNotAllowed => "To allow it, if you trust that site",
                _ => "To allow it",
            };
            format!("The browser {action}: {denial}.\n   {allow}: {suggestion}.")
        }
    }
}

fn write_indented(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    text.lines().try_for_each(|line| writeln!(f, "     {line}"))
}
