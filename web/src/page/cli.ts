#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// The package's command: synsight bundle.
import { readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { Classifier } from "../index.js";
import { makePage, type Part } from "./html.js";

const kUsage = `usage: synsight bundle MODEL.onnx -o PAGE.html [--image PICTURE] [--title TEXT]

Writes one HTML file with the runtime and the model inside, which classifies pictures when it is opened by double click:
without a server, without a network.

  -o, --output PAGE.html   the file to write
  --image PICTURE          a picture that the page classifies when it opens
  --title TEXT             the page's title; by default the model's name`;

/** A mistake in the arguments. */
class UsageError extends Error {}

interface BundleOptions {
  readonly model: string;
  readonly output: string;
  readonly image: string | undefined;
  readonly title: string;
}

function readArguments(argv: string[]): BundleOptions | null {
  const { values, positionals } = parse(argv);
  if (values.help || positionals.length === 0) return null;
  const [command, model, ...others] = positionals;
  if (command !== "bundle") throw new UsageError(`there is no command "${command}", only bundle`);
  if (model === undefined) throw new UsageError("no model is given");
  if (others.length > 0) throw new UsageError(`"${others[0]}" is one argument too many`);
  if (values.output === undefined) throw new UsageError("-o PAGE.html is missing");
  for (const input of [model, values.image]) {
    if (input !== undefined && resolve(input) === resolve(values.output)) {
      throw new UsageError(`the page would overwrite ${input}`);
    }
  }
  const title = values.title ?? basename(model).replace(/\.onnx$/i, "");
  return { model, output: values.output, image: values.image, title };
}

function parse(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        output: { type: "string", short: "o" },
        image: { type: "string" },
        title: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** What the page shall do is done once here, so that a wrong model or picture is told now. */
async function bundle({ model, output, image, title }: BundleOptions): Promise<string> {
  const ours = (name: string) => readFile(new URL(name, import.meta.url));
  const picture = image === undefined ? null : await readFile(image);
  const classifier = await Classifier.load(pathToFileURL(model));
  if (picture) await classifier.classify(picture, { top: 1 });
  classifier.dispose();
  const parts: Part[] = [
    { kind: "worker", bytes: await ours("./page/worker.js") },
    { kind: "plain", bytes: await ours("./wasm/plain.wasm") },
    { kind: "relaxed", bytes: await ours("./wasm/relaxed.wasm") },
    { kind: "model", name: "model.onnx", bytes: await readFile(model) },
  ];
  for (const name of classifier.info.externalFiles) {
    parts.push({ kind: "weights", name, bytes: await readFile(join(dirname(model), name)) });
  }
  if (picture) parts.push({ kind: "picture", bytes: picture });
  const script = (await ours("./page/page.js")).toString();
  const notice = (await ours("./NOTICE")).toString();
  const page = makePage({ title, script, parts, notice });
  await writeFile(output, page);
  const megabytes = (Buffer.byteLength(page) / 1e6).toFixed(1);
  return `${output}: ${megabytes} MB; open it: ${pathToFileURL(output).href}`;
}

try {
  const options = readArguments(process.argv.slice(2));
  console.log(options ? await bundle(options) : kUsage);
} catch (error) {
  console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
