// Signs the URLs on standard input with Node's crypto, one a line: node sign.js KEY KEY_PAIR_ID EXPIRES
"use strict";

const { createPrivateKey, sign } = require("node:crypto");
const { readFileSync } = require("node:fs");
const { createInterface } = require("node:readline");

const [path, keyPairId, expires] = process.argv.slice(2);
const key = createPrivateKey(readFileSync(path));
const cloudfront = { "+": "-", "=": "_", "/": "~" };

createInterface({ input: process.stdin }).on("line", (url) => {
  const policy = `{"Statement":[{"Resource":"${url}","Condition":{"DateLessThan":{"AWS:EpochTime":${expires}}}}]}`;
  const signature = sign("sha1", policy, key).toString("base64").replace(/[+=/]/g, (c) => cloudfront[c]);
  const joint = url.includes("?") ? "&" : "?";
  process.stdout.write(`${url}${joint}Expires=${expires}&Signature=${signature}&Key-Pair-Id=${keyPairId}\n`);
});
