// Signs the URLs on standard input with Amazon's signer for Node: node amazon_signer.js KEY KEY_PAIR_ID EXPIRES
"use strict";

const { readFileSync } = require("node:fs");
const { createInterface } = require("node:readline");
const { getSignedUrl } = require("@aws-sdk/cloudfront-signer");

const [path, keyPairId, expires] = process.argv.slice(2);
const privateKey = readFileSync(path, "utf8");
const dateLessThan = new Date(expires * 1000);

createInterface({ input: process.stdin }).on("line", (url) => {
  process.stdout.write(`${getSignedUrl({ url, keyPairId, privateKey, dateLessThan })}\n`);
});
