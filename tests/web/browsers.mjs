// SPDX-License-Identifier: Apache-2.0
// Real browsers of three engines behind the same few methods. SYNSIGHT_BROWSER says which one the tests run in: chromium,
// firefox or webkit.
import { spawn } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { root, serve } from "./server.mjs";

const require = createRequire(join(root, "web/package.json"));

const kTimeoutMs = 60_000;

/** JavaScript that calls a function in the page. What it takes and gives passes as JSON. */
const call = (run, values) => `(${run})(...${JSON.stringify(values)})`;

/** The same for an async function, which may wait for something that does not come. */
const callInTime = (run, values) =>
  `Promise.race([${call(run, values)}, new Promise((_, fail) =>
    setTimeout(() => fail(new Error("nothing came in ${kTimeoutMs} ms")), ${kTimeoutMs}))])`;

const kXvfb = "/usr/bin/Xvfb";
const firstOf = (...paths) => paths.find((path) => existsSync(path));

/** What Playwright and Puppeteer have in common. */
const withTabs = (browser, setFile) => ({
  close: () => browser.close(),
  open: async (url) => {
    const page = await browser.newPage();
    await page.goto(url);
    return {
      native: page,
      goto: (url) => page.goto(url),
      run: (run, ...values) => page.evaluate(callInTime(run, values)),
      setFile: async (find, path) => setFile(await page.evaluateHandle(call(find, [])), path),
      screenshot: () => page.screenshot(),
      close: () => page.close(),
    };
  },
});

/**
 * What a browser gives: `open(url)`, a page, and `close`. A page's `run` calls an async function in it and gives what it
 * gives; `setFile` chooses a file in the input that a function finds; `native` is the driver's own object.
 */
const engines = {
  chromium: {
    program: firstOf("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"),
    install: "chromium",
    async launch(executablePath) {
      const { chromium } = require("playwright-core");
      const browser = await chromium.launch({
        executablePath,
        args: [
          "--no-sandbox",
          "--disable-gpu",
          "--disable-quic",
          "--no-first-run",
          "--disable-sync",
          "--use-fake-device-for-media-stream",
          "--use-fake-ui-for-media-stream",
        ],
      });
      return withTabs(browser, (input, path) => input.setInputFiles(path));
    },
  },

  firefox: {
    program: firstOf("/usr/bin/firefox-esr", "/usr/bin/firefox"),
    install: "firefox-esr",
    async launch(executablePath) {
      const puppeteer = require("puppeteer-core");
      const browser = await puppeteer.launch({
        browser: "firefox",
        executablePath,
      });
      return withTabs(browser, (input, path) => input.uploadFile(path));
    },
  },

  webkit: {
    program: existsSync(kXvfb) && firstOf("/usr/bin/WebKitWebDriver"),
    install: "webkit2gtk-driver xvfb",
    async launch(driver, { threads }) {
      const { DriverService } = require("selenium-webdriver/remote");
      const display = await startDisplay();
      const service = new DriverService.Builder(driver)
        .setLoopback(true)
        .setEnvironment({
          ...process.env,
          DISPLAY: display.name,
          WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1", // it needs rights that a container does not give
          ...(threads && { JSC_useSharedArrayBuffer: "1" }),
        })
        .build();
      const stop = async () => {
        await service.kill();
        display.stop();
      };
      try {
        const browser = await startMiniBrowser(await service.start());
        const first = await browser.getWindowHandle();
        return {
          close: async () => {
            await browser.quit();
            await stop();
          },
          open: async (url) => {
            await browser.switchTo().window(first); // the last one may be closed
            return openWindow(browser, url);
          },
        };
      } catch (error) {
        await stop();
        throw error;
      }
    },
  },
};

/** MiniBrowser has no headless mode. */
async function startDisplay() {
  const args = ["-displayfd", "3", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"];
  const server = spawn(kXvfb, args, { stdio: ["ignore", "ignore", "ignore", "pipe"] });
  const number = await new Promise((done, fail) => {
    server.once("error", fail);
    server.once("exit", (code) => fail(new Error(`Xvfb ended with ${code}`)));
    server.stdio[3].once("data", (text) => done(String(text).trim()));
  });
  return { name: `:${number}`, stop: () => server.kill() };
}

async function startMiniBrowser(driverUrl) {
  const { Builder, Capabilities } = require("selenium-webdriver");
  const binary = readdirSync("/usr/lib")
    .map((folder) => `/usr/lib/${folder}/webkit2gtk-4.1/MiniBrowser`)
    .find(existsSync);
  const capabilities = new Capabilities({
    browserName: "MiniBrowser",
    "webkitgtk:browserOptions": { binary, args: ["--automation"] },
  });
  const browser = await new Builder().usingServer(driverUrl).withCapabilities(capabilities).build();
  await browser.manage().setTimeouts({ script: 2 * kTimeoutMs });
  return browser;
}

/** WebDriver has one window at a time, and waits in it for each answer: its pages take turns. */
async function openWindow(browser, url) {
  await browser.switchTo().newWindow("window");
  const handle = await browser.getWindowHandle();
  const inWindow =
    (use) =>
    async (...values) => {
      await browser.switchTo().window(handle);
      return use(...values);
    };
  const page = {
    native: browser,
    goto: inWindow((url) => browser.get(url)),
    run: inWindow(async (run, ...values) => {
      // In a task of the page's own: WebDriver's script lets microtasks run in between.
      const { value, error } = await browser.executeAsyncScript(
        `const tell = arguments[0];
         new Promise((done) => setTimeout(done)).then(() => ${callInTime(run, values)})
           .then((value) => tell({ value }), (error) => tell({ error: String(error) }));`,
      );
      if (error !== undefined) throw new Error(error);
      return value;
    }),
    setFile: inWindow(async (find, path) => {
      const input = await browser.executeScript(`return ${call(find, [])}`);
      await input.sendKeys(path);
    }),
    screenshot: inWindow(async () => Buffer.from(await browser.takeScreenshot(), "base64")),
    close: inWindow(() => browser.close()),
  };
  await page.goto(url);
  return page;
}

/** The engine's name. */
export const name = process.env.SYNSIGHT_BROWSER ?? "chromium";

/** The build under test, which the environment says, too. */
export const build = process.env.SYNSIGHT_BUILD ?? "plain";

// A function that gives i8x16.relaxed_swizzle of two splats.
const kRelaxedModule = [
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0],
  ...[10, 15, 1, 13, 0, 65, 1, 253, 15, 65, 2, 253, 15, 253, 128, 2, 11],
];

/** Whether the browser's WebAssembly has relaxed SIMD. */
export const hasRelaxedSimd = (page) =>
  page.run(async (bytes) => WebAssembly.validate(new Uint8Array(bytes)), kRelaxedModule);

const kBreakable = `
  const { instantiate } = WebAssembly;
  let isBroken = false;
  WebAssembly.instantiate = async (...given) => {
    const { exports } = await instantiate(...given);
    const entries = Object.entries(exports).map(([name, value]) => {
      if (typeof value !== "function") return [name, value];
      const call = (...values) => {
        if (isBroken) throw new WebAssembly.RuntimeError("broken by a test");
        return value(...values);
      };
      return [name, call];
    });
    return { exports: Object.fromEntries(entries) };
  };
  addEventListener("message", (event) => {
    if (event.data !== "break") return;
    event.stopImmediatePropagation();
    isBroken = true;
  });`;

/**
 * The package's workers, whose WebAssembly stops after the message "break"; among the pages of a server. In the page
 * `breakWorkers` sends it to all.
 */
export const breakable = () => {
  const paths = ["worker", "plain-threads", "relaxed-threads"].map(
    (name) => `/web/dist/${name}.js`,
  );
  const entries = paths.map((path) => [path, kBreakable + readFileSync(join(root, path), "utf8")]);
  return Object.fromEntries(entries);
};

/** Runs in a page, before it starts a worker. */
export async function keepWorkers() {
  const workers = [];
  const { Worker } = window;
  window.Worker = function (...given) {
    workers.push(new Worker(...given));
    return workers.at(-1);
  };
  window.breakWorkers = () => workers.forEach((worker) => worker.postMessage("break"));
}

/**
 * Starts the browser, and a server as `serve` does. `skip` says why there are no tests to be run, and is false where there
 * are: then `page` shows the server's "/", and `stop` ends both. With `threads` WebKitGTK shares memory in pages, as Safari
 * does in isolated ones; by itself it has none to share (bugs.webkit.org/show_bug.cgi?id=317847).
 */
export async function start(options) {
  const { program, install, launch } = engines[name];
  if (!program) return { skip: `there is no ${name}: apt-get install ${install}`, stop() {} };
  const server = await serve(options);
  const browser = await launch(program, options).catch(async (error) => {
    await server.stop();
    throw error;
  });
  const stop = async () => {
    await browser.close();
    await server.stop();
  };
  try {
    const page = await browser.open(`${server.origin}/`);
    if (build === "relaxed" && !(await hasRelaxedSimd(page))) {
      await stop();
      return { skip: `this ${name} has no relaxed SIMD: its build is the plain one`, stop() {} };
    }
    server.requests.length = 0;
    return { skip: false, browser, page, server, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
