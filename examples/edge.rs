//! A local stand-in for a CloudFront distribution: serves a folder to requests that [`verify`](cfsign::verify()) allows.
//!
//!     cargo run --example edge -- FOLDER PUBLIC_KEY [ADDRESS]
//!
//! It prints its URL, `http://127.0.0.1:8080` unless there is an ADDRESS, and then the status and path of each request. Sign
//! URLs and cookies for that URL. A denied request gets the status, code and message of CloudFront, and the cause in the
//! header `X-Cause`. Byte ranges work; TLS and caching are left out.

#![allow(clippy::print_stdout)]

use std::error::Error;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{CONTENT_TYPE, COOKIE, HOST};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use cfsign::verify::cookie::CookieSet;
use cfsign::verify::{Check, Code, Outcome, SignedRequest, TrustedKey, Verdict};
use cfsign::{KeyContent, KeyFile, SignedUrl, Timestamp};
use tokio::net::TcpListener;
use tower_http::services::ServeDir;

const CAUSE: HeaderName = HeaderName::from_static("x-cause");

type Keys = Arc<[TrustedKey]>;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(folder), Some(public_key)) = (arguments.next(), arguments.next()) else {
        return Err("usage: edge FOLDER PUBLIC_KEY [ADDRESS]".into());
    };
    let address = arguments.next().unwrap_or("127.0.0.1:8080".into());
    let file = KeyFile::read(&public_key, &std::fs::read(&public_key)?)?;
    let KeyContent::Public(key) = file.content() else {
        return Err(format!("{public_key} is not a public key").into());
    };
    let key = key.clone();
    let keys: Keys = Arc::new([TrustedKey { id: None, key }]);

    let app = Router::new()
        .fallback_service(ServeDir::new(folder))
        .layer(from_fn_with_state(keys, check));
    let listener = TcpListener::bind(address).await?;
    println!("http://{}", listener.local_addr()?);
    let service = app.into_make_service_with_connect_info::<SocketAddr>();
    Ok(axum::serve(listener, service).await?)
}

/// Passes a request on if it is allowed.
async fn check(
    State(keys): State<Keys>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path().to_owned();
    let denial = match judge(&request, &keys, client.ip()) {
        Ok(verdict) if verdict.allowed() => None,
        Ok(verdict) => Some(denied(&verdict)),
        Err(e) => Some((StatusCode::BAD_REQUEST, format!("{e}\n")).into_response()),
    };
    let response = match denial {
        Some(response) => response,
        None => next.run(request).await,
    };
    println!("{} {path}", response.status().as_u16());
    response
}

fn judge(
    request: &Request,
    keys: &[TrustedKey],
    client: IpAddr,
) -> Result<Verdict, Box<dyn Error>> {
    let headers = request.headers();
    let host = headers.get(HOST).ok_or("no Host header")?.to_str()?;
    let url = SignedUrl::parse(&format!("http://{host}{}", request.uri()))?;
    let cookies = match headers.get(COOKIE) {
        Some(cookies) => CookieSet::parse(&format!("Cookie: {}", cookies.to_str()?)).ok(),
        None => None,
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    Ok(cfsign::verify(&SignedRequest {
        url: &url,
        cookies: cookies.as_ref(),
        keys,
        now: Timestamp::from_unix(now.try_into()?)?,
        ip: Some(client),
        valid_for: Duration::ZERO,
    }))
}

/// CloudFront's answer to a request that it denies.
fn denied(verdict: &Verdict) -> Response {
    let code = verdict.code.unwrap_or(Code::AccessDenied);
    let message = code.message();
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
    );
    let mut response = (StatusCode::FORBIDDEN, [(CONTENT_TYPE, "text/xml")], body).into_response();
    let failed = |check: &&Check| check.outcome == Outcome::Fail;
    let finding = verdict.checks.iter().find(failed);
    let finding = finding.map(|check| check.detail.as_str());
    let cause = verdict.cause.as_deref().or(finding).unwrap_or_default();
    if let Ok(cause) = HeaderValue::try_from(cause) {
        response.headers_mut().insert(CAUSE, cause);
    }
    response
}
