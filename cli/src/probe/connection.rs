//! How a server is reached.

use std::path::PathBuf;
use std::time::Duration;

use http::HeaderValue;
use url::Url;

use crate::failure::Failure;

use super::address_space::AddressSpace;
use super::addresses::{Addresses, Place};
use super::deadline::{Deadline, Limit};
use super::live_server::LiveServer;
use super::tls;
use super::transport::{Limits, Transport};

/// How a server is reached, and how long that may take.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Connection")]
pub(super) struct Connection {
    /// Certificates in PEM form that are trusted as well. Can be repeated
    #[arg(long, value_name = "FILE")]
    ca: Vec<PathBuf>,
    /// Does not check the certificate of the server
    #[arg(long, conflicts_with = "ca")]
    insecure: bool,
    /// Where a host and port are: HOST:PORT:ADDRESS, and `:PORT` if it is another. The host `*` is every host. Can be repeated
    #[arg(long, value_name = "HOST:PORT:ADDRESS")]
    resolve: Vec<String>,
    /// The largest time for each exchange, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    timeout: Duration,
    /// The largest time for connecting to an address, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds)]
    connect_timeout: Duration,
    /// The largest time for everything, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds)]
    max_time: Duration,
    /// The value of `User-Agent`
    #[arg(long, value_name = "TEXT", default_value = concat!("omnicors/", env!("CARGO_PKG_VERSION")))]
    user_agent: String,
}

/// Reads a number of seconds, such as `2.5`. An hour is the largest.
fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text
        .parse()
        .ok()
        .filter(|seconds| *seconds > 0.0 && *seconds <= 3600.0);
    seconds
        .map(Duration::from_secs_f64)
        .ok_or_else(|| "write a number of seconds above 0, up to 3600".to_owned())
}

impl Connection {
    /// Looks the host up, and returns the server and from where it can be reached. Sends nothing. `alias` is another name for the same
    /// addresses.
    pub(super) async fn server(
        &self,
        url: &Url,
        budget: usize,
        alias: Option<&str>,
    ) -> Result<(LiveServer, AddressSpace), Failure> {
        let user_agent = HeaderValue::from_str(&self.user_agent).map_err(|_| {
            Failure::because("`--user-agent` has a control character, which cannot be sent")
        })?;
        let mut addresses = Addresses::new(&self.resolve)?;
        let place = Place::of_url(url);
        let deadline = || Deadline::of(Limit::Connect(self.connect_timeout));
        let space = addresses.space(&place, deadline()).await;
        let space = space.map_err(Failure::because)?;
        if let Some(alias) = alias {
            let added = addresses.add_alias(alias, &place, deadline()).await;
            added.map_err(Failure::because)?;
        }
        let tls = tls::config(&self.ca, self.insecure, url.scheme() == "https")?;
        let limits = Limits {
            connect: self.connect_timeout,
            exchange: self.timeout,
        };
        let transport = Transport::new(&tls, addresses, limits, user_agent);
        let mut server = LiveServer::new(transport, budget, self.max_time);
        server.warns_of_insecure = self.insecure;
        Ok((server, space))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_number_of_seconds() {
        assert_eq!(seconds("2.5"), Ok(Duration::from_millis(2_500)));
        for text in ["", "0", "-1", "1s", "NaN", "inf", "3601"] {
            seconds(text).unwrap_err();
        }
    }
}
