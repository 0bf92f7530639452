#!/usr/bin/env node
// Runs the program that the package for this platform contains.
"use strict";

const { spawnSync } = require("node:child_process");

const name = `@cfsign/${process.platform}-${process.arch}`;
const program = process.platform === "win32" ? "cfsign.exe" : "cfsign";

let path;
try {
  path = require.resolve(`${name}/${program}`);
} catch {
  console.error(`error: the npm package ${name} is not installed`);
  console.error("hint: install cfsign without --omit=optional; platforms without a package need a build from source");
  process.exit(2);
}

const { error, signal, status } = spawnSync(path, process.argv.slice(2), { stdio: "inherit" });
if (error) {
  console.error(`error: cannot run "${path}": ${error.message}`);
  process.exit(2);
}
if (signal) {
  process.kill(process.pid, signal);
}
process.exitCode = status;
