// SPDX-License-Identifier: Apache-2.0
// Browsers as they come, but for what would disturb: each start has a new profile, so nothing is in a cache.
import { existsSync } from "node:fs";
import puppeteer from "puppeteer-core";

const kBrowsers = {
  chromium: {
    paths: ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"],
    options: {
      browser: "chrome",
      args: ["--no-sandbox", "--disable-gpu", "--disable-quic"],
    },
  },
  firefox: {
    paths: ["/usr/bin/firefox-esr", "/usr/bin/firefox"],
    options: {
      browser: "firefox",
      // Its clock ticks in whole milliseconds otherwise.
      extraPrefsFirefox: { "privacy.reduceTimerPrecision": false },
    },
  },
};
const kLongestMs = 10 * 60 * 1000;

/** A new browser, to be closed. */
export async function launch(name) {
  const { paths, options } = kBrowsers[name];
  const executablePath = paths.find(existsSync);
  if (!executablePath) throw new Error(`there is no ${name}: apt-get install chromium firefox-esr`);
  return puppeteer.launch({ ...options, executablePath, protocolTimeout: kLongestMs });
}
