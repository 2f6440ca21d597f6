// SPDX-License-Identifier: Apache-2.0
// Imported before an engine, in the page and through it in each worker: learns of every memory that WebAssembly gets.
// Memory is never given back, so its size at the end is the most that there was.
const kChannel = "watch-memory";
const memories = new Set();

WebAssembly.Memory = new Proxy(WebAssembly.Memory, {
  construct(target, given) {
    const memory = Reflect.construct(target, given);
    memories.add(memory);
    return memory;
  },
});
for (const name of ["instantiate", "instantiateStreaming"]) {
  const original = WebAssembly[name];
  WebAssembly[name] = async (...given) => {
    const made = await original(...given);
    const { exports } = made.instance ?? made;
    for (const value of Object.values(exports)) {
      if (value instanceof WebAssembly.Memory) memories.add(value);
    }
    return made;
  };
}

let numWorkers = 0;
if (globalThis.Worker) {
  globalThis.Worker = new Proxy(Worker, {
    construct(target, [url, options]) {
      ++numWorkers;
      const imports = [import.meta.url, new URL(url, location)].map((name) => `import "${name}";`);
      const script = new Blob(imports, { type: "text/javascript" });
      return Reflect.construct(target, [URL.createObjectURL(script), options]);
    },
  });
}

const channel = new BroadcastChannel(kChannel);
if (typeof document === "undefined") channel.onmessage = () => channel.postMessage(ownBytes());

function ownBytes() {
  return [...memories].reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
}

/** The bytes of the page's and all its workers' memories. */
export async function memoryBytes() {
  let bytes = ownBytes();
  if (numWorkers === 0) return bytes;
  let numAnswers = 0;
  return new Promise((done) => {
    channel.onmessage = ({ data }) => {
      bytes += data;
      if (++numAnswers === numWorkers) done(bytes);
    };
    channel.postMessage("how much?");
  });
}
