// SPDX-License-Identifier: Apache-2.0
// Runs in the page.

/**
 * Loads a network in an engine, compares its logits with those in `files.logits`, and then times it. `limits`: the largest
 * `difference` in parts of the logits' range; at least `warmUpRuns` and `warmUpMs` to warm up; the `runs` that count.
 */
export async function measure(engine, files, limits) {
  const { load } = await import(`/build/bench-web/engines/${engine}.js`);
  const start = performance.now();
  const run = await load(files);
  const logits = await run();
  const firstMs = performance.now() - start;
  const wanted = new Float32Array(await (await fetch(files.logits)).arrayBuffer());
  const difference = compare(logits, wanted);
  if (!(difference <= limits.difference)) {
    throw new Error(`${engine}: the logits differ by ${difference} of their range`);
  }
  // Browsers compile WebAssembly twice, the second time while it runs.
  await timeRuns(run, limits.warmUpRuns, limits.warmUpMs);
  return { difference, firstMs, runsMs: await timeRuns(run, limits.runs, 0) };
}

/** So many runs or so many milliseconds, whichever is more. */
async function timeRuns(run, leastRuns, leastMs) {
  const runsMs = [];
  const end = performance.now() + leastMs;
  while (runsMs.length < leastRuns || performance.now() < end) {
    const start = performance.now();
    await run();
    runsMs.push(performance.now() - start);
  }
  return runsMs;
}

/** The largest difference in parts of the range. */
function compare(found, wanted) {
  if (found.length !== wanted.length) return Infinity;
  let worst = 0;
  for (let i = 0; i < wanted.length; ++i) {
    worst = Math.max(worst, Math.abs(found[i] - wanted[i]));
  }
  return worst / (Math.max(...wanted) - Math.min(...wanted));
}
