//! An AWS Lambda function that answers `{"path": "reports/ann.pdf"}` with `{"url": "https://..."}`, valid for an hour.
//!
//!     cargo lambda build --release --arm64 --manifest-path examples/lambda/Cargo.toml
//!
//! The function's environment has `CLOUDFRONT_URL` (https://d111111abcdef8.cloudfront.net), `CLOUDFRONT_KEY_PAIR_ID` and
//! `CLOUDFRONT_PRIVATE_KEY`, the key in PEM. Whoever may invoke the function gets a URL for any path: check the path here.

use std::env;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use cfsign::{PrivateKey, Signer, Timestamp};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Request {
    path: String,
}

#[derive(Serialize)]
struct Response {
    url: String,
}

struct Files {
    base: String,
    signer: Signer,
}

impl Files {
    /// Reads the key once, when the function starts.
    fn from_environment() -> Result<Self, Error> {
        let key = PrivateKey::from_pem(env::var("CLOUDFRONT_PRIVATE_KEY")?.as_bytes())?;
        let key_pair_id = env::var("CLOUDFRONT_KEY_PAIR_ID")?.parse()?;
        Ok(Files {
            base: env::var("CLOUDFRONT_URL")?,
            signer: Signer::new(key_pair_id, key),
        })
    }

    fn sign(&self, request: &Request) -> Result<Response, Error> {
        let expires = Timestamp::try_from(SystemTime::now() + Duration::from_secs(3600))?;
        let url = format!("{}/{}", self.base, request.path);
        let signed = self.signer.sign_url(&url, expires)?;
        Ok(Response {
            url: signed.to_string(),
        })
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let files = Arc::new(Files::from_environment()?);
    run(service_fn(move |event: LambdaEvent<Request>| {
        let files = Arc::clone(&files);
        async move { files.sign(&event.payload) }
    }))
    .await
}
