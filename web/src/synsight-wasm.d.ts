// SPDX-License-Identifier: Apache-2.0
// What the builds of web/wasm give; build.mjs says where they are.
declare module "synsight-wasm/*" {
  const create: import("./engine/wasm.js").CreateWasm;
  export default create;
}
