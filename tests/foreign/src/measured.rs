//! What a server was seen to do.

use omnicors_browser::{Exchange, ExchangeKind, Outcome};

use crate::catalog::{Configuration, ForeignServer};
use crate::requests;

/// A server in a configuration, with the outcome of each request.
#[derive(Clone, Debug)]
pub struct Measured {
    /// The server.
    pub server: ForeignServer,
    /// The configuration.
    pub configuration: Configuration,
    /// The outcomes, in the order of [`requests::ALL`].
    pub outcomes: Vec<Outcome>,
}

impl Measured {
    /// Returns the outcome of the request with this name.
    pub fn outcome(&self, name: &str) -> &Outcome {
        let mut requests = requests::ALL.iter();
        let number = requests.position(|request| request.name == name);
        &self.outcomes[number.unwrap_or_else(|| panic!("no request is named `{name}`"))]
    }

    /// Returns true if the page reads the response to the request with this name.
    #[must_use]
    pub fn reads(&self, name: &str) -> bool {
        self.outcome(name).result().is_ok()
    }

    /// Returns the first exchange of a kind for the request with this name.
    #[must_use]
    pub fn exchange(&self, name: &str, kind: ExchangeKind) -> Option<&Exchange> {
        let mut exchanges = self.outcome(name).exchanges().iter();
        exchanges.find(|exchange| exchange.kind() == kind)
    }
}

/// Returns the values of a field of a response, joined.
#[must_use]
pub fn field(exchange: &Exchange, name: &str) -> Option<String> {
    let headers = exchange.response()?.headers();
    let values = headers.get_all(name).iter();
    let values = values.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let values: Vec<_> = values.collect();
    (!values.is_empty()).then(|| values.join(", "))
}

/// Returns the status of a response; 0 if there was none.
#[must_use]
pub fn status(exchange: &Exchange) -> u16 {
    let response = exchange.response();
    response.map_or(0, |response| response.status().as_u16())
}
