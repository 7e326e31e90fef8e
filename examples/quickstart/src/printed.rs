//! What `--no-page` prints: the policy, and the requests to try, with what the library says about each.

use std::fmt::{self, Display, Formatter};
use std::net::SocketAddr;

use omnicors_core::{
    Decision, Denial, Explanation, Policy, RequestKind, RequestParts, Verdict, evaluate,
};

use crate::attempt::{Attempt, attempts};

pub(crate) struct Printed<'a> {
    policy: &'a Policy,
    /// The address, which is also what curl writes into the `Host` line.
    host: String,
    attempts: Vec<Attempt>,
}

impl<'a> Printed<'a> {
    pub(crate) fn new(policy: &'a Policy, address: SocketAddr) -> Self {
        Self {
            policy,
            host: address.to_string(),
            attempts: attempts(policy),
        }
    }
}

impl Display for Printed<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let host = &self.host;
        writeln!(f, "http://{host}\n\nIts policy:\n")?;
        let settings = toml::to_string(&self.policy.config()).map_err(|_| fmt::Error)?;
        write_indented(f, &settings)?;
        for warning in self.policy.warnings() {
            writeln!(f, "\n   Warning: {warning}")?;
        }
        writeln!(
            f,
            "\nAnother one: cargo run -p quickstart -- my-policy.toml\n\
             (examples/quickstart/policy.toml has every setting, with what it means.)\n\n\
             Ask, in another terminal, what a browser would ask:"
        )?;
        for (number, attempt) in (1..).zip(&self.attempts) {
            writeln!(f, "\n{number}. {}", attempt.what)?;
            self.explain(f, attempt)?;
        }
        self.tell_step_by_step(f)?;
        write!(
            f,
            "\nWhat is denied is logged here, with the reason. http://{host} serves until Ctrl-C."
        )
    }
}

impl Printed<'_> {
    fn explain(&self, f: &mut Formatter<'_>, attempt: &Attempt) -> fmt::Result {
        let fields = attempt.fields(&self.host);
        let request = RequestParts::read(self.policy, attempt.method(), &fields);
        let decision = evaluate(self.policy, &request);
        writeln!(f, "     {}", attempt.curl(&self.host))?;
        match decision {
            Decision::Respond { status, .. } => {
                writeln!(f, "   {status}, and the application does not run; with")?;
            }
            Decision::Forward { .. } => writeln!(f, "   200 from the application, with")?,
        }
        let mut has_lines = false;
        for line in decision.headers() {
            writeln!(f, "     {line}")?;
            has_lines = true;
        }
        if !has_lines {
            writeln!(f, "     no CORS field")?;
        }
        let explanation = self.policy.explain(&request);
        writeln!(f, "   {}", conclusion(request.kind(), &explanation))
    }

    /// The first preflight that is denied: it has the most to explain.
    fn tell_step_by_step(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (number, attempt) in (1..).zip(&self.attempts) {
            let fields = attempt.fields(&self.host);
            let request = RequestParts::read(self.policy, attempt.method(), &fields);
            let explanation = self.policy.explain(&request);
            if request.kind() == RequestKind::Preflight && !explanation.verdict().is_allowed() {
                writeln!(
                    f,
                    "\nNumber {number}, step by step, as `policy.explain` tells it:\n"
                )?;
                return write_indented(f, &explanation.to_string());
            }
        }
        Ok(())
    }
}

fn conclusion(kind: RequestKind, explanation: &Explanation<'_>) -> String {
    match (explanation.verdict(), kind) {
        (_, RequestKind::NonCors) => "The browser has nothing to check.".to_owned(),
        (Verdict::Allowed, kind) => {
            let does = match kind {
                RequestKind::Preflight => "goes on to send the request",
                RequestKind::Actual | RequestKind::NonCors => "lets the page read the response",
            };
            let mut steps = explanation.steps().iter();
            let origin = steps.find(|step| step.subject() == "Origin");
            let because = origin.map_or("", |step| step.found());
            format!("The browser {does}: {because}.")
        }
        (Verdict::Denied(denial), kind) => {
            let does = match kind {
                // A 204 does not mean yes: it states what is allowed, and the browser looks for what it wants.
                RequestKind::Preflight
                    if matches!(
                        denial,
                        Denial::MethodNotAllowed(_) | Denial::HeaderNotAllowed(_)
                    ) =>
                {
                    "does not find it in this answer, and does not send the request"
                }
                RequestKind::Preflight => "does not send the request",
                RequestKind::Actual | RequestKind::NonCors => "keeps the response from the page",
            };
            let suggestion = explanation
                .suggestion()
                .unwrap_or("there is nothing to change");
            let allow = match denial {
                Denial::OriginNotAllowed => "To allow it, if you trust that site",
                _ => "To allow it",
            };
            format!("The browser {does}: {denial}.\n   {allow}: {suggestion}.")
        }
    }
}

fn write_indented(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    text.lines().try_for_each(|line| writeln!(f, "     {line}"))
}
