// SPDX-License-Identifier: Apache-2.0
// The package as people get it: what npm packs, in an empty project of Vite's, to TypeScript and under Node.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
} from "node:fs";
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { hasRelaxedSimd, start } from "./browsers.mjs";
import { root, serve } from "./server.mjs";

const run = promisify(execFile);
const kWeb = join(root, "web");
const kModel = "efficientnet-lite0-int8.onnx";
const kFiles = [
  "README.md",
  "custom-elements.json",
  "dist/LICENSE",
  "dist/NOTICE",
  "dist/classifier.d.ts",
  "dist/cli.js",
  "dist/element.js",
  "dist/element/element.d.ts",
  "dist/element/types.d.ts",
  "dist/index.d.ts",
  "dist/index.js",
  "dist/local.js",
  "dist/page/page.js",
  "dist/page/worker.js",
  "dist/plain-threads.js",
  "dist/relaxed-threads.js",
  "dist/types.d.ts",
  "dist/wasm/plain-threads.wasm",
  "dist/wasm/plain.wasm",
  "dist/wasm/relaxed-threads.wasm",
  "dist/wasm/relaxed.wasm",
  "dist/worker.js",
  "dist/worker/worker.d.ts",
  "package.json",
];

const kPage = `<!doctype html>
<html lang="en">
<title>test</title>
<script type="module" src="/main.js"></script>
<synsight-classifier model="/${kModel}" src="/coffee.png"></synsight-classifier>
</html>
`;
const kMain = `import { Classifier } from "synsight";
import "synsight/element";

const element = document.querySelector("synsight-classifier");
window.shown = new Promise((done) => {
  element.addEventListener("result", ({ detail }) => done(detail.predictions[0].label));
});
window.classify = async (options) => {
  const classifier = await Classifier.load("/${kModel}", options);
  const { predictions } = await classifier.classify("/coffee.png");
  classifier.dispose();
  const { build, threads } = classifier.info;
  return { label: predictions[0].label, build, threads };
};
`;

const folder = mkdtempSync(join(tmpdir(), "synsight-"));
const project = join(folder, "project");
const installed = join(project, "node_modules/synsight");
const inProject = (name, text) => writeFileSync(join(project, name), text);
const node = (...args) => run(process.execPath, args, { cwd: project });

mkdirSync(installed, { recursive: true });
await run("npm", ["pack", "--offline", "--ignore-scripts", "--pack-destination", folder], {
  cwd: kWeb,
});
const [tarball] = readdirSync(folder).filter((name) => name.endsWith(".tgz"));
await run("tar", ["-xzf", join(folder, tarball), "-C", installed, "--strip-components=1"]);
const { bin, customElements, version } = JSON.parse(
  readFileSync(join(installed, "package.json"), "utf8"),
);
const manifest = JSON.parse(readFileSync(join(installed, customElements), "utf8"));
const [element] = manifest.modules[0].declarations;

mkdirSync(join(project, "public"));
cpSync(join(root, "build/models", kModel), join(project, "public", kModel));
cpSync(join(root, "build/pictures/coffee.png"), join(project, "public/coffee.png"));
inProject("package.json", '{ "name": "project", "private": true, "type": "module" }');
inProject("index.html", kPage);
inProject("main.js", kMain);

const kBuilt = {
  pages: { "/": "<!doctype html><title>test</title>" },
  folders: { "/": join(project, "dist/") },
};
const { skip, browser, page, server, stop } = await start(kBuilt);
after(async () => {
  await stop();
  rmSync(folder, { recursive: true });
});

// The versions that Vite names.
const [major, minor] = process.versions.node.split(".").map(Number);
const hasVite = major >= 24 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19);
const skipVite = skip || (!hasVite && `Vite needs Node.js 20.19, this is ${process.version}`);

const names = (items) => items.map(({ name }) => name).sort();

/** What the page of the project says, once it is open. */
const classify = (page, options) =>
  page.run(
    async (options) => ({ shown: await window.shown, ...(await window.classify(options)) }),
    options,
  );

test("the tarball holds the package and nothing else", () => {
  const files = readdirSync(installed, { recursive: true }).filter((name) =>
    statSync(join(installed, name)).isFile(),
  );
  assert.deepEqual(files.sort(), kFiles);
  for (const name of files) {
    if (name.endsWith(".wasm")) continue;
    const text = readFileSync(join(installed, name), "utf8");
    assert.ok(!text.includes(root), `${name} names this machine's folders`);
    assert.doesNotMatch(text, /sourceMappingURL/, `${name} names a map that is not there`);
  }
  assert.equal(tarball, `synsight-${version}.tgz`);
});

test(
  "Vite's default build classifies, with threads where the page is isolated",
  { skip: skipVite },
  async () => {
    const { stdout, stderr } = await node(join(kWeb, "node_modules/vite/bin/vite.js"), "build");
    assert.doesNotMatch(stdout + stderr, /warn|externalized/i);
    const builds = (await hasRelaxedSimd(page)) ? ["plain", "relaxed"] : ["plain"];
    const isolated = await serve({ ...kBuilt, isolated: true });
    for (const [{ origin, requests }, threads] of [
      [server, 1],
      [isolated, 2],
    ]) {
      await page.goto(`${origin}/index.html`);
      for (const build of builds) {
        const found = await classify(page, { build, threads: 2 });
        assert.deepEqual(found, { shown: "espresso", label: "espresso", build, threads });
        const name = threads > 1 ? `${build}-threads` : build;
        const worker = threads > 1 ? name : "worker";
        for (const file of [`/assets/${name}-.*\\.wasm`, `/assets/${worker}-.*\\.js`]) {
          assert.ok(
            requests.some((path) => new RegExp(`^${file}$`).test(path)),
            `${file} was not asked for`,
          );
        }
      }
    }
    await isolated.stop();
  },
);

test("Vite's development server serves it as it is", { skip: skipVite }, async (t) => {
  const { createServer } = await import(
    pathToFileURL(join(kWeb, "node_modules/vite/dist/node/index.js"))
  );
  const vite = await createServer({
    root: project,
    configFile: false,
    logLevel: "silent",
    server: { host: "127.0.0.1", port: 0 },
  });
  t.after(() => vite.close());
  await vite.listen();
  const other = await browser.open(vite.resolvedUrls.local[0]);
  const { label, shown } = await classify(other, {});
  assert.deepEqual({ label, shown }, { label: "espresso", shown: "espresso" });
  await other.close();
});

test("the element is as its manifest says", { skip: skipVite }, async () => {
  await page.goto(`${server.origin}/index.html`);
  const fields = element.members.filter(({ kind }) => kind === "field");
  const found = await page.run(async (fields) => {
    const element = document.createElement("synsight-classifier");
    return {
      attributes: element.constructor.observedAttributes,
      fields: fields.map(({ name }) => [name, JSON.stringify(element[name])]),
    };
  }, fields);
  assert.deepEqual(found.attributes.sort(), names(element.attributes));
  assert.deepEqual(
    found.fields,
    fields.map((field) => [field.name, field.default]),
  );
  for (const { name, fieldName, default: value } of element.attributes) {
    const field = fields.find(({ name }) => name === fieldName);
    assert.ok(field, `${name} belongs to no field`);
    if (value !== undefined) assert.equal(value, field.default);
  }

  const script = readFileSync(join(installed, manifest.modules[0].path), "utf8");
  const inScript = (pattern) =>
    [...new Set([...script.matchAll(pattern)].map(([, name]) => name))].sort();
  assert.deepEqual(inScript(/\bpart="([a-z]+)"/g), names(element.cssParts));
  assert.deepEqual(inScript(/var\((--synsight-[a-z]+)/g), names(element.cssProperties));
});

test("a strict TypeScript project compiles with it, and with nothing else", async () => {
  const typeOf = ({ type, parameters, return: result }) =>
    type?.text ??
    `(${parameters.map(({ name, type }) => `${name}: ${type.text}`)}) => ${result.type.text}`;
  const inBraces = (items) =>
    `{ ${items.map((item) => `${item.name}: ${typeOf(item)}`).join("; ")} }`;
  inProject(
    "main.ts",
    `import { Classifier, SynsightError } from "synsight";
import type { ImageSource, LoadOptions, ModelInfo, Prediction, Result, Tensor } from "synsight";
import { SynsightClassifier, type SynsightEvents } from "synsight/element";
import * as worker from "synsight/worker";

export { worker };

export async function classify(image: ImageSource, options: LoadOptions): Promise<Prediction[]> {
  try {
    const classifier = await Classifier.load("model.onnx", { ...options, threads: 2 });
    const tensor: Tensor = await classifier.prepare(image);
    const outputs: Tensor[] = await classifier.run(tensor);
    return outputs.length > 0 ? [...(await classifier.classify(image)).predictions] : [];
  } catch (error) {
    if (error instanceof SynsightError && error.code === "io") return [];
    throw error;
  }
}

const element = document.createElement("synsight-classifier");
const made: SynsightClassifier = new SynsightClassifier();
document.body.append(element, made);
element.addEventListener("click", ({ clientX }) => clientX.toFixed());
element.addEventListener("result", ({ detail }) => detail.decodedBy.length);
// @ts-expect-error: the element has no such field
element.classifier = null;

// What the manifest says:
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Members = Omit<SynsightClassifier, keyof HTMLElement>;
export const members: Same<Members, ${inBraces(element.members)}> = true;
export const events: Same<SynsightEvents, ${inBraces(element.events)}> = true;
`,
  );
  for (const [module, moduleResolution] of [
    ["esnext", "bundler"],
    ["nodenext", "nodenext"],
  ]) {
    const compilerOptions = {
      target: "es2022",
      module,
      moduleResolution,
      lib: ["es2022", "dom", "dom.iterable"],
      types: [],
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
    };
    inProject("tsconfig.json", JSON.stringify({ compilerOptions, files: ["main.ts"] }));
    await node(join(kWeb, "node_modules/typescript/bin/tsc")).catch(({ stdout, stderr }) =>
      assert.fail(`${moduleResolution}: ${stdout}${stderr}`),
    );
  }
});

test("importing it under Node does nothing but that", async () => {
  inProject(
    "import.mjs",
    `let numWorkers = 0;
globalThis.Worker = class {
  constructor() { ++numWorkers; }
};
const look = () => Reflect.ownKeys(globalThis).map((key) => {
  const { value, get } = Reflect.getOwnPropertyDescriptor(globalThis, key);
  return [key, get ?? value];
});
const before = look();
const exported = Object.keys(await import("synsight")).sort();
const after = look();
const isSame = after.length === before.length &&
  after.every((pair, i) => pair.every((it, j) => Object.is(it, before[i][j])));
console.log(JSON.stringify({ exported, numWorkers, isSame }));
`,
  );
  const { stdout, stderr } = await node("import.mjs");
  assert.equal(stderr, "");
  assert.deepEqual(JSON.parse(stdout), {
    exported: ["Classifier", "SynsightError"],
    numWorkers: 0,
    isSame: true,
  });
});

test("its command makes a page that classifies", { skip }, async () => {
  const file = join(folder, "page.html");
  const picture = join(project, "public/coffee.png");
  const args = ["bundle", join(project, "public", kModel), "-o", file, "--image", picture];
  await run(join(installed, bin.synsight), args);
  const other = await browser.open(pathToFileURL(file).href);
  const label = await other.run(async () => {
    const { shadowRoot } = document.querySelector("synsight-classifier");
    for (;;) {
      const found = shadowRoot.querySelector("[part=label], [part=error]");
      if (found) return found.textContent;
      await new Promise((done) => requestAnimationFrame(done));
    }
  });
  assert.equal(label, "espresso");
  await other.close();
});
