use std::convert::Infallible;

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use omnicors::adapters::http::{HttpDecision, PreparedPolicy, decide};
use omnicors::{Policy, PolicyConfig, PolicyError};

POLICY

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let cors = PreparedPolicy::shared(policy()?);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    loop {
        let (stream, _) = listener.accept().await?;
        let cors = cors.clone();
        tokio::spawn(async move {
            let service = service_fn(|request| {
                let response = respond(&cors, &request);
                async { Ok::<_, Infallible>(response) }
            });
            // An error only affects this connection.
            let _error = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

fn respond(cors: &PreparedPolicy, request: &Request<Incoming>) -> Response<String> {
    match decide(cors, request) {
        HttpDecision::Respond(response) => response.map(|()| String::new()),
        HttpDecision::Forward(mut headers) => {
            let mut response = Response::new("hello".to_owned());
            headers.apply(response.headers_mut());
            response
        }
    }
}
