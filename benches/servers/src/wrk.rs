//! HTTP/1.1 by [`wrk`](https://github.com/wg/wrk).

use std::process::Command;
use std::time::Duration;

use crate::ORIGIN;
use crate::load::{OPEN, Round, Server};

/// Loads a server for a number of whole seconds.
pub(crate) fn round(server: &Server, time: Duration) -> Round {
    let output = Command::new("wrk")
        .args(["--threads", "1", "--latency"])
        .args(["--connections", &OPEN.to_string()])
        .args(["--duration", &format!("{}s", time.as_secs())])
        .args(["--header", &format!("Origin: {ORIGIN}")])
        .arg(format!("http://{}/", server.address))
        .output()
        .expect("wrk");
    let text = String::from_utf8_lossy(&output.stdout);
    read(&text).unwrap_or_else(|| panic!("unexpected output of wrk: {text}"))
}

/// Reads the output of `wrk`. Returns `None` if requests failed.
fn read(text: &str) -> Option<Round> {
    if text.contains("Socket errors") || text.contains("Non-2xx") {
        return None;
    }
    let value = |name: &str| {
        let mut lines = text.lines();
        lines.find_map(|line| line.trim().strip_prefix(name).map(str::trim))
    };
    Some(Round {
        requests_per_second: value("Requests/sec:")?.parse().ok()?,
        p99: microseconds(value("99%")?)?,
    })
}

fn microseconds(text: &str) -> Option<f64> {
    let units = [("us", 1.0), ("ms", 1e3), ("s", 1e6)];
    units.iter().find_map(|(unit, factor)| {
        let number: f64 = text.strip_suffix(unit)?.parse().ok()?;
        Some(number * factor)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "Running 1s test @ http://127.0.0.1:40001/
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   501.28us   79.56us   2.17ms   92.49%
    Req/Sec    63.72k     1.79k   65.84k    81.82%
  Latency Distribution
     50%  496.00us
     99%    1.02ms
  69717 requests in 1.10s, 8.64MB read
Requests/sec:  63384.32
Transfer/sec:      7.86MB
";

    #[test]
    fn the_output_of_wrk_is_read() {
        let expected = Round {
            requests_per_second: 63384.32,
            p99: 1020.0,
        };
        assert_eq!(read(OUTPUT), Some(expected));
    }

    #[test]
    fn a_round_with_failed_requests_does_not_count() {
        let failed = format!("{OUTPUT}  Non-2xx or 3xx responses: 1\n");
        assert_eq!(read(&failed), None);
        assert_eq!(read(""), None);
    }
}
