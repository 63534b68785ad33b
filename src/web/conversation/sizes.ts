/** How large a picture is shown, known before it is there. */
interface Pixels {
  width?: number | undefined;
  height?: number | undefined;
}

/** CSS pixels: large enough to see, small enough to go on reading. */
const most = 420;
const least = 120;
const unknown = { width: 320, height: 240 };

export function boxOf({ width = 0, height = 0 }: Pixels): { width: number; height: number } {
  if (width <= 0 || height <= 0) return unknown;
  const scale = Math.min(1, most / width, most / height);
  return {
    width: Math.max(least, Math.round(width * scale)),
    height: Math.max(least / 2, Math.round(height * scale)),
  };
}
