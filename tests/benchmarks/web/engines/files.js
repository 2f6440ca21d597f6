// SPDX-License-Identifier: Apache-2.0

/** The f32 numbers of a file. */
export async function fetchFloats(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: the server answered ${response.status}`);
  return new Float32Array(await response.arrayBuffer());
}

/** The rows and columns of a square picture of three channels. */
export function sizeOf(pixels) {
  return Math.sqrt(pixels.length / 3);
}
