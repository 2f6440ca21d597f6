// SPDX-License-Identifier: Apache-2.0
// One measurement in a new browser; prints it as json.
//
//     run.mjs time BROWSER ENGINE FILES LIMITS    FILES and LIMITS: as measure.js takes them, in json
//     run.mjs memory BROWSER ENGINE FILES
//     run.mjs cold BROWSER ENGINE FILE
import { launch } from "./browser.mjs";
import { serve } from "./server.mjs";

const kHere = "/tests/benchmarks/web";

async function time(browser, server, engine, files, limits) {
  const page = await open(browser, server);
  const measured = await page.evaluate(
    async (here, ...given) => {
      const { measure } = await import(`${here}/measure.js`);
      return measure(...given);
    },
    kHere,
    engine,
    JSON.parse(files),
    JSON.parse(limits),
  );
  return { ...measured, paths: server.paths };
}

/** What WebAssembly holds after the network was loaded and ran twice. */
async function memory(browser, server, engine, files) {
  const page = await open(browser, server);
  return page.evaluate(
    async (here, engine, files) => {
      const { memoryBytes } = await import(`${here}/watch_memory.js`);
      const { load } = await import(`/build/bench-web/engines/${engine}.js`);
      const run = await load(files);
      await run();
      await run();
      return { memoryBytes: await memoryBytes() };
    },
    kHere,
    engine,
    JSON.parse(files),
  );
}

async function open(browser, server) {
  const page = await browser.newPage();
  await page.goto(`${server.origin}${kHere}/empty.html`);
  return page;
}

/** From the navigation to the page's answer, by the page's own clock. */
async function cold(browser, server, engine, file) {
  const page = await browser.newPage();
  const failed = new Promise((_, reject) => page.once("pageerror", reject));
  const query = new URLSearchParams({ network: JSON.parse(file) });
  await page.goto(`${server.origin}${kHere}/cold/${engine}.html?${query}`);
  const answer = await Promise.race([page.waitForFunction("window.answer"), failed]);
  return answer.jsonValue();
}

const [command, browserName, ...rest] = process.argv.slice(2);
try {
  const server = await serve();
  const browser = await launch(browserName);
  const measured = await { time, memory, cold }[command](browser, server, ...rest);
  console.log(JSON.stringify({ browser: await browser.version(), ...measured }));
  await browser.close();
  server.close();
} catch (error) {
  // A browser that is left open would keep this process.
  console.error(error.message.split("\n", 1)[0]);
  process.exit(1);
}
