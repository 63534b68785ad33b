import { imageSize } from "image-size";

/** Width and height as the image is to be seen; undefined where its first bytes do not tell. */
export function pixelsOf(first: Uint8Array): { width: number; height: number } | undefined {
  try {
    const { width, height, orientation = 1 } = imageSize(first);
    if (!isSize(width) || !isSize(height)) return undefined;
    // EXIF: from 5 on the image lies on its side.
    return orientation > 4 ? { width: height, height: width } : { width, height };
  } catch {
    // Whatever the library cannot read it throws at, in many ways: the image is shown all the same.
    return undefined;
  }
}

const mostPixels = 1_000_000; // a side; what says more lies

function isSize(pixels: number): boolean {
  return Number.isInteger(pixels) && pixels > 0 && pixels <= mostPixels;
}
