// SPDX-License-Identifier: Apache-2.0

type Files = typeof import("node:fs/promises");

// Put together here: bundlers that make a page look for every module whose name they can read.
const kName = ["node:fs", "promises"].join("/");

/** Node's files, which pages do not have. */
export async function nodeFiles(): Promise<Files> {
  return (await import(kName)) as Files;
}
