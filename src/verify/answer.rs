//! Who answered a request with an error: CloudFront's check of the signature, its other checks, S3, or the origin.
//!
//! Source: CloudFront and S3 error bodies; Amazon S3 API Reference, "Error responses"; Amazon CloudFront Developer Guide,
//! "Troubleshooting error responses from your distribution".

use serde::Serialize;

use super::verdict::{Code, Verdict};

/// The component that answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum AnsweredBy {
    /// CloudFront's check of the signature.
    Signature,
    /// AWS WAF, a geographic restriction, or another check of CloudFront.
    CloudFront,
    /// S3, as the origin or because the bucket's own host was requested.
    S3,
    /// A sender that the body does not identify, such as a custom origin.
    Other,
}

/// The content of an error response, explained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// The component that answered.
    pub answered_by: AnsweredBy,
    /// The `Code` of an XML body.
    pub code: Option<String>,
    /// The `Message` of an XML body.
    pub message: Option<String>,
    /// Its meaning, in words.
    pub meaning: &'static str,
    /// The next step; `None` where a verdict has its own.
    pub fix: Option<&'static str>,
}

struct Known {
    /// A text that the body contains.
    mark: &'static str,
    /// Texts of which the body contains one.
    any: &'static [&'static str],
    answered_by: AnsweredBy,
    meaning: &'static str,
    fix: &'static str,
}

/// The heading of CloudFront's own error pages.
const ERROR_PAGE: &str = "The request could not be satisfied";

/// Bodies by text that all of them contain; the first that matches counts.
const KNOWN: &[Known] = &[
    Known {
        mark: "Query-string authentication requires",
        any: &[""],
        answered_by: AnsweredBy::S3,
        meaning: "the signing parameters reached S3: CloudFront did not check them",
        fix: "set \"Restrict viewer access\" with a trusted key group on the cache behavior, and request the distribution's host, not the bucket's",
    },
    Known {
        mark: "AWSAccessKeyId",
        any: &["<Code>"],
        answered_by: AnsweredBy::S3,
        meaning: "S3 took the parameters for a presigned URL",
        fix: "request the distribution's host, not the bucket's",
    },
    Known {
        mark: "<Code>NoSuchKey</Code>",
        any: &[""],
        answered_by: AnsweredBy::S3,
        meaning: "CloudFront allowed the request, and S3 has no such object",
        fix: "compare the path, with the origin path before it, with the key of the object; keys are case-sensitive",
    },
    Known {
        mark: "<Code>AccessDenied</Code>",
        any: &["<HostId>"],
        answered_by: AnsweredBy::S3,
        meaning: "CloudFront allowed the request, and S3 denied it",
        fix: "let the bucket policy allow the distribution (origin access control) to s3:GetObject; without s3:ListBucket, a missing object is denied too",
    },
    Known {
        mark: "<Code>",
        any: &["<HostId>"],
        answered_by: AnsweredBy::S3,
        meaning: "CloudFront allowed the request, and S3 answered with an error",
        fix: "look up the code in the S3 error responses",
    },
    Known {
        mark: "<Code>MissingKey</Code>",
        any: &[""],
        answered_by: AnsweredBy::Signature,
        meaning: "the request reached CloudFront without a key pair ID",
        fix: "quote the URL in a shell, or find out why the cookies are not sent: cfsign verify URL --cookies FILE --public-key cf.pub.pem",
    },
    Known {
        mark: "<Code>InvalidKey</Code>",
        any: &[""],
        answered_by: AnsweredBy::Signature,
        meaning: "the key pair ID is in no trusted key group of the cache behavior",
        fix: "add the public key to the key group, and use its ID (K...), not that of the group",
    },
    Known {
        mark: "<Code>MalformedSignature</Code>",
        any: &[""],
        answered_by: AnsweredBy::Signature,
        meaning: "the signature is not complete base64 in CloudFront's alphabet",
        fix: "cfsign verify URL --public-key cf.pub.pem shows the cause",
    },
    Known {
        mark: "<Code>MalformedPolicy</Code>",
        any: &[""],
        answered_by: AnsweredBy::Signature,
        meaning: "CloudFront cannot parse the policy",
        fix: "cfsign inspect URL shows it: seconds, no quotes around numbers, one statement, no wildcard in a canned policy",
    },
    Known {
        mark: "<Code>AccessDenied</Code>",
        any: &["<Message>Access denied</Message>"],
        answered_by: AnsweredBy::Signature,
        meaning: "signature, URL, time or IP address do not match the policy",
        fix: "cfsign verify URL --public-key cf.pub.pem shows the check and the cause",
    },
    Known {
        mark: "block access from your country",
        any: &[""],
        answered_by: AnsweredBy::CloudFront,
        meaning: "the distribution's geographic restriction blocks the client's country",
        fix: "change the geographic restriction of the distribution",
    },
    Known {
        mark: ERROR_PAGE,
        any: &["Lambda function"],
        answered_by: AnsweredBy::CloudFront,
        meaning: "a Lambda@Edge function of the distribution failed",
        fix: "check the function's logs, not the signature",
    },
    Known {
        mark: ERROR_PAGE,
        any: &[
            "connect to the origin",
            "connection with the origin",
            "resolve the origin",
            "502 ERROR",
            "504 ERROR",
        ],
        answered_by: AnsweredBy::CloudFront,
        meaning: "CloudFront could not reach the origin",
        fix: "check the origin, not the signature",
    },
    Known {
        mark: ERROR_PAGE,
        any: &["Request blocked", "403 ERROR"],
        answered_by: AnsweredBy::CloudFront,
        meaning: "CloudFront or AWS WAF rejected the request before it checked the signature",
        fix: "check the web ACL, the allowed methods, and that the host is an alternate domain name of the distribution",
    },
    Known {
        mark: ERROR_PAGE,
        any: &[""],
        answered_by: AnsweredBy::CloudFront,
        meaning: "an error page of CloudFront, but not of its signature check",
        fix: "read the text of the page; the CloudFront Developer Guide explains it by status code",
    },
];

/// Identifies the sender of an error response by its body. Headers before the body, as `curl -i` prints them, are fine.
///
/// ```
/// use cfsign::verify::answer::{AnsweredBy, identify};
///
/// let body = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message>\
///             <RequestId>4442587FB7D0A2F9</RequestId><HostId>example</HostId></Error>";
/// let answer = identify(body);
/// assert_eq!(answer.answered_by, AnsweredBy::S3);
/// assert_eq!(answer.meaning, "CloudFront allowed the request, and S3 denied it");
/// ```
pub fn identify(body: &str) -> Answer {
    let is_in_body = |mark: &&str| contains(body, mark);
    let matches = |known: &&Known| is_in_body(&known.mark) && known.any.iter().any(is_in_body);
    let known = KNOWN.iter().find(matches);
    let (answered_by, meaning, fix) = match known {
        Some(known) => (known.answered_by, known.meaning, known.fix),
        None => (
            AnsweredBy::Other,
            "not a CloudFront signature error or an S3 error",
            "check the Server and X-Cache headers (curl -i), then the origin's logs",
        ),
    };
    Answer {
        answered_by,
        code: element(body, "Code"),
        message: element(body, "Message"),
        meaning,
        fix: Some(fix),
    }
}

impl Answer {
    /// The answer to a request with this verdict: of the two, only the verdict knows the cause.
    pub fn beside(mut self, verdict: &Verdict) -> Self {
        if self.answered_by != AnsweredBy::Signature {
            return self;
        }
        if verdict.allowed() {
            self.meaning = "valid for the given key: the distribution may trust another key, or the clock or client IP address differs";
        }
        self.fix = None;
        self
    }

    /// The code of CloudFront's signature check; `None` for any other answer.
    pub fn signature_code(&self) -> Option<Code> {
        let codes = [
            Code::MissingKey,
            Code::InvalidKey,
            Code::MalformedSignature,
            Code::MalformedPolicy,
            Code::AccessDenied,
        ];
        let is_named = |code: &Code| Some(code.name()) == self.code.as_deref();
        codes
            .into_iter()
            .find(is_named)
            .filter(|_| self.answered_by == AnsweredBy::Signature)
    }
}

/// Returns whether `body` contains `mark` in any case: HTML pages of CloudFront and its XML differ in capitals over time.
fn contains(body: &str, mark: &str) -> bool {
    // S3 writes "Access Denied" where CloudFront writes "Access denied".
    if mark.starts_with('<') {
        return body.contains(mark);
    }
    body.to_ascii_lowercase()
        .contains(&mark.to_ascii_lowercase())
}

/// The text of the first XML element with this name.
fn element(body: &str, name: &str) -> Option<String> {
    let (_, rest) = body.split_once(&format!("<{name}>"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    Some(text.trim().to_owned())
}
