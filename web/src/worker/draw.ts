// SPDX-License-Identifier: Apache-2.0
// Pixels from the browser: of formats that the core leaves to it, and of what a page shows.
import { SynsightError, type Pixels } from "../types.js";

export type Drawable = Exclude<CanvasImageSource, SVGImageElement>;

/** Whether there is a browser that decodes pictures; under Node there is none. */
export function canDecode(): boolean {
  return typeof createImageBitmap !== "undefined" && typeof OffscreenCanvas !== "undefined";
}

/** The pixels of a picture's file, upright; null where the browser does not know it. */
export async function decode(encoded: Uint8Array<ArrayBuffer>): Promise<Pixels | null> {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(new Blob([encoded]), { colorSpaceConversion: "none" });
  } catch {
    return null;
  }
  try {
    return draw(bitmap);
  } finally {
    bitmap.close();
  }
}

/** The pixels of what can be drawn on a canvas. Throws SynsightError. */
export function draw(image: Drawable): Pixels {
  const { width, height } = sides(image);
  if (width < 1 || height < 1) {
    throw new SynsightError("invalid_image", "the picture is not there yet: it has no pixels");
  }
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (!context) throw new SynsightError("device", "the browser gives no canvas to draw on");
  try {
    context.drawImage(image, 0, 0);
    return context.getImageData(0, 0, width, height);
  } catch (error) {
    throw new SynsightError(
      "invalid_image",
      `the browser does not give the picture's pixels: ${String(error)}`,
    );
  }
}

function sides(image: Drawable): { width: number; height: number } {
  if ("videoWidth" in image) return { width: image.videoWidth, height: image.videoHeight };
  if ("displayWidth" in image) return { width: image.displayWidth, height: image.displayHeight };
  if ("naturalWidth" in image) return { width: image.naturalWidth, height: image.naturalHeight };
  return { width: image.width, height: image.height };
}
