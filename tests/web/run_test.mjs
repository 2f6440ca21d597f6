// SPDX-License-Identifier: Apache-2.0
// run_test.mjs FILE: runs a test file; up to three times while WebKitGTK's process for pages ends.
//
// No module can end that process, but WebKitGTK 2.50 does it itself where threads share memory, rarely and on busy
// machines: when optimised code replaces a function's first compilation, for which another thread still waits
// (jitCompileSIMDFunction in WasmIPIntSlowPaths.cpp).
import { spawn } from "node:child_process";
import { argv, execArgv, execPath, exit, stderr, stdout } from "node:process";

const kMostRuns = 3;
const kProcessEnded = /NoSuchSessionError|Could not parse script result/;

/** Passes on what a run prints. Gives it, and the exit status. */
async function run() {
  const child = spawn(execPath, [...execArgv, "--test", argv[2]], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (part) => {
    text += part;
    stdout.write(part);
  });
  const status = await new Promise((done, fail) => child.on("error", fail).on("close", done));
  return { text, status };
}

for (let runs = 1; ; ++runs) {
  const { text, status } = await run();
  if (status === 0 || runs === kMostRuns || !kProcessEnded.test(text)) exit(status ?? 1);
  stderr.write(`the page's process ended in run ${runs}: once more\n`);
}
