//! A web server that gives its users access to private files on a CDN.
//!
//!     CFSIGN_KEY_PAIR_ID=K2JCJMDEHXQW5F CFSIGN_PRIVATE_KEY=cf.pem cargo run --example axum
//!
//! `/download/FILE` redirects to a signed URL. `/watch` sets signed cookies, which open every file below `/videos/`. The site
//! and the CDN share a domain: www.example.com and cdn.example.com.

#![allow(clippy::print_stdout)]

use std::env;
use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use axum::routing::get;
use cfsign::{Conditions, Policy, PrivateKey, Signer, Timestamp};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let key = PrivateKey::from_pem(&std::fs::read(env::var("CFSIGN_PRIVATE_KEY")?)?)?;
    let signer = Arc::new(Signer::new(env::var("CFSIGN_KEY_PAIR_ID")?.parse()?, key));
    let app = Router::new()
        .route("/download/{*file}", get(download))
        .route("/watch", get(watch))
        .with_state(signer);
    let address = env::var("ADDRESS").unwrap_or("127.0.0.1:3000".into());
    let listener = TcpListener::bind(address).await?;
    println!("http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}

/// Redirects to a signed URL that is valid for ten minutes. Check here whether the user may have the file.
async fn download(
    State(signer): State<Arc<Signer>>,
    Path(file): Path<String>,
) -> Result<Redirect, Failure> {
    let url = format!("https://cdn.example.com/{file}");
    let signed = signer.sign_url(&url, after(Duration::from_secs(600))?)?;
    Ok(Redirect::temporary(signed.as_str()))
}

/// Sets the cookies and redirects to the player. Check here whether the user may watch.
async fn watch(State(signer): State<Arc<Signer>>) -> Result<impl IntoResponse, Failure> {
    let videos = "https://cdn.example.com/videos/*".parse()?;
    let conditions = Conditions::until(after(Duration::from_secs(6 * 3600))?);
    let cookies = signer.sign_cookies(Policy::custom(&videos, conditions)?)?;
    let attributes = "Domain=example.com; Path=/videos/; Secure; HttpOnly";
    let headers: Vec<_> = cookies
        .iter()
        .map(|(name, value)| (SET_COOKIE, format!("{name}={value}; {attributes}")))
        .collect();
    Ok((AppendHeaders(headers), Redirect::to("/player")))
}

fn after(duration: Duration) -> cfsign::Result<Timestamp> {
    Timestamp::try_from(SystemTime::now() + duration)
}

/// A URL that cannot be signed, such as one with a space, is the client's mistake.
struct Failure(cfsign::Error);

impl From<cfsign::Error> for Failure {
    fn from(error: cfsign::Error) -> Self {
        Failure(error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        (StatusCode::BAD_REQUEST, format!("{}\n", self.0)).into_response()
    }
}
