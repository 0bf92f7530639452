//! The sender of an error response: CloudFront's check of the signature, its other checks, S3, or
//! another server.
//!
//! Source: error responses of CloudFront, S3 and other servers; Amazon S3 API Reference, "Error
//! responses"; Amazon CloudFront Developer Guide, "Troubleshooting error responses from your
//! distribution".

use serde::Serialize;

use super::verdict::{Code, Verdict};

/// The component that answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum AnsweredBy {
    Signature,
    CloudFront,
    Waf,
    Function,
    S3,
    ApiGateway,
    LoadBalancer,
    Server,
    Other,
}

/// The names of the senders in a sentence.
const NAMES: [(AnsweredBy, &str); 9] = [
    (AnsweredBy::Signature, "CloudFront's signature check"),
    (AnsweredBy::CloudFront, "CloudFront"),
    (AnsweredBy::Waf, "AWS WAF"),
    (AnsweredBy::Function, "an edge function"),
    (AnsweredBy::S3, "S3"),
    (AnsweredBy::ApiGateway, "API Gateway"),
    (AnsweredBy::LoadBalancer, "an Application Load Balancer"),
    (AnsweredBy::Server, "another server"),
    (AnsweredBy::Other, "unknown sender"),
];

/// The content of an error response, explained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Response {
    pub answered_by: AnsweredBy,
    /// Its name in a sentence.
    #[serde(skip)]
    pub name: &'static str,
    /// The `Code` and `Message` of CloudFront or S3.
    pub code: Option<String>,
    pub message: Option<String>,
    pub meaning: &'static str,
    /// The next step; `None` where a verdict has its own.
    pub fix: Option<&'static str>,
}

/// Senders by their marks, three lines each: name and marks, meaning, next step. The first that
/// matches counts. What proves a sender stands before what only suggests it: a code before a page,
/// a page before a header.
///
/// The marks are texts that all stand in the response, joined by ` + `, each as one of the
/// alternatives between `|`. A text with capitals stands there exactly so, any other in any case.
const SENDERS: &str = "\
S3: query-string authentication requires|only one auth mechanism allowed|invalidaccesskeyid
  the signing parameters reached S3: CloudFront did not check them, because viewer access is not \
      restricted, or the bucket's own host was requested
  set \"Restrict viewer access\" with a trusted key group on the cache behavior, and request the \
      distribution's host, not the bucket's
S3: <Message>Request has expired</Message>|<Code>SignatureDoesNotMatch</Code>
  S3 rejected a signature of its own kind: that of a presigned URL, or of origin access control
  sign the distribution's URL with a CloudFront key in place of presigning, and forward neither \
      Host nor Authorization to the bucket
S3: <Code>NoSuchKey</Code>|<li>code: nosuchkey
  CloudFront allowed the request, and S3 has no such object
  compare the path, with the origin path before it, with the key of the object; keys are \
      case-sensitive
S3: <Code>AccessDenied</Code>|<li>code: accessdenied + <HostId>|<li>hostid:
  CloudFront allowed the request, and S3 denied it
  let the bucket policy allow the distribution (origin access control) to s3:GetObject, and the \
      policy of a KMS key to kms:Decrypt; without s3:ListBucket, a missing object is denied too
S3: <Code>|<li>code: + <HostId>|<li>hostid:
  CloudFront allowed the request, and S3 answered with an error
  look up the code in the S3 error responses
CloudFront's signature check: <Code>MissingKey</Code>
  the request reached CloudFront without a key pair ID
  quote the URL in a shell, or find out why the cookies are not sent: cfsign verify URL \
      --cookies FILE --public-key cf.pub.pem
CloudFront's signature check: <Code>InvalidKey</Code>
  the key pair ID is in no trusted key group of the cache behavior
  add the public key to the key group, and use its ID (K...), not that of the group
CloudFront's signature check: <Code>MalformedSignature</Code>
  the signature is not complete base64 in CloudFront's alphabet
  cfsign verify URL --public-key cf.pub.pem shows the cause
CloudFront's signature check: <Code>MalformedPolicy</Code>
  CloudFront cannot parse the policy
  cfsign inspect URL shows it: seconds, no quotes around numbers, one statement, no wildcard in \
      a canned policy
CloudFront's signature check: <Code>AccessDenied</Code> + <Message>Access denied</Message>
  signature, URL, time or IP address do not match the policy
  cfsign verify URL --public-key cf.pub.pem shows the check and the cause
CloudFront: block access from your country
  the distribution's geographic restriction blocks the client's country
  change the geographic restriction of the distribution
an edge function: x-cache: lambdageneratedresponse|x-cache: functiongeneratedresponse|the lambda \
      function returned|function associated with the cloudfront distribution
  a CloudFront function or a Lambda@Edge function of the cache behavior answered or failed
  check the function's code and logs, not the signature
AWS WAF: x-amzn-waf-action:
  a rule of the distribution's web ACL blocked or challenged the request
  check the sampled requests of the web ACL, not the signature
CloudFront: <h2>the request could not be satisfied + connect to the origin|connection with the \
      origin|resolve the origin|502 error|504 error
  CloudFront could not reach the origin
  check the origin, not the signature
CloudFront: <h2>the request could not be satisfied + request blocked|403 error
  CloudFront or AWS WAF rejected the request before it checked the signature
  check the web ACL, the allowed methods, and that the host is an alternate domain name of the \
      distribution
another server: server: cloudflare|cf-ray:|cloudflare ray id|server: \
      akamaighost|errors.edgesuite.net|reference&#32;&#35;
  Cloudflare or Akamai answered, before or instead of CloudFront
  check that the host's DNS record points to the distribution, and the rules of the other \
      network
API Gateway: x-amz-apigw-id:|\"missing authentication \
      token\"|{\"message\":\"forbidden\"}|{\"message\": \"forbidden\"}
  CloudFront allowed the request, and API Gateway denied it
  check the stage and the route in the origin path, and the API's authorization
an Application Load Balancer: server: awselb
  CloudFront allowed the request, and the load balancer denied it
  check the listener rules, such as a secret header that CloudFront adds
another server: server: nginx|<center>nginx|server: openresty|server: \
      apache|<address>apache|server: microsoft-iis
  CloudFront allowed the request, and the origin's web server denied it
  check the access rules and the error log of the server; a response without X-Cache did not \
      pass CloudFront
unknown sender: http/1.1 2|http/2 2|http/3 2 + x-cache: error from cloudfront
  a custom error page of the distribution, in place of the error
  request it without the custom error response, or see x-edge-detailed-result-type in the access \
      log
unknown sender: http/1.1 2|http/2 2|http/3 2
  the request was allowed: the status is no error
  a file that opens without a signature was cached, or its cache behavior does not restrict \
      viewer access
S3: server: amazons3
  CloudFront allowed the request, and S3 denied it; the body says why
  read the body: curl -i URL prints it behind the headers
CloudFront: server: cloudfront|<h2>the request could not be satisfied
  CloudFront answered; the body says why
  read the body: curl -i URL prints it behind the headers
unknown sender: x-cache: error from cloudfront
  CloudFront allowed the request, and the origin answered with an error
  check the origin's logs
unknown sender:
  not a CloudFront signature error or an S3 error
  check the Server and X-Cache headers (curl -i), then the origin's logs";

/// Identifies the sender of an error response by its body, or by headers and body as `curl -i`
/// prints them.
pub fn identify(response: &str) -> Response {
    let lower = response.to_ascii_lowercase();
    let lines: Vec<&str> = SENDERS.lines().map(str::trim_start).collect();
    let mut rows = lines.chunks_exact(3).map(|row| {
        let (name, marks) = row[0].split_once(':').unwrap_or_default();
        (name, marks.trim_start(), row[1], row[2])
    });
    // Every response has the marks of the last row.
    let row = rows.find(|(_, marks, ..)| has_marks(marks, response, &lower));
    let (name, _, meaning, fix) = row.unwrap_or_default();
    let sender = NAMES.iter().find(|(_, own)| *own == name);
    Response {
        answered_by: sender.map_or(AnsweredBy::Other, |(sender, _)| *sender),
        name,
        code: element(response, "Code"),
        message: element(response, "Message"),
        meaning,
        fix: Some(fix),
    }
}

/// Returns whether a response, which is also given in lower case, has all marks.
fn has_marks(marks: &str, response: &str, lower: &str) -> bool {
    marks.split(" + ").all(|alternatives| {
        alternatives.split('|').any(|mark| {
            let is_exact = mark.bytes().any(|byte| byte.is_ascii_uppercase());
            let searched = if is_exact { response } else { lower };
            searched.contains(mark)
        })
    })
}

impl Response {
    /// The answer to a request with this verdict: of the two, only the verdict knows the cause.
    pub fn beside(mut self, verdict: &Verdict) -> Self {
        if self.answered_by != AnsweredBy::Signature {
            return self;
        }
        if verdict.allowed() {
            self.meaning = "valid for the given key: the distribution may trust another key, or \
                the clock or client IP address differs";
        }
        self.fix = None;
        self
    }

    /// Returns whether CloudFront's signature check answered, with another code than the verdict's.
    pub fn contradicts(&self, verdict: &Verdict) -> bool {
        let sent = self.code.as_deref();
        let is_other = |code: Code| sent.is_some_and(|sent| sent != code.to_string());
        self.answered_by == AnsweredBy::Signature && verdict.code.is_some_and(is_other)
    }
}

/// The text of the first XML element with this name, or of the list item in which S3's website
/// endpoint gives it.
fn element(body: &str, name: &str) -> Option<String> {
    let element = body.split_once(&format!("<{name}>"));
    let (_, rest) = element.or_else(|| body.split_once(&format!("<li>{name}: ")))?;
    let (text, _) = rest.split_once("</")?;
    Some(text.trim().to_owned())
}
