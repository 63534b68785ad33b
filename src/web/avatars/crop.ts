/** A square cut out of a picture, in pixels of the picture. */
export interface Square {
  x: number;
  y: number;
  side: number;
}

/** Where one looks: the middle of the square in the picture, and how much closer than the whole short side. */
export interface Look {
  x: number;
  y: number;
  zoom: number;
}

interface Size {
  width: number;
  height: number;
}

export const closest = 4;

export const middleOf = ({ width, height }: Size): Look => ({ x: width / 2, y: height / 2, zoom: 1 });

/** The square one looks at: never over an edge of the picture. */
export function squareOf({ width, height }: Size, { x, y, zoom }: Look): Square {
  const side = Math.min(width, height) / Math.max(1, Math.min(zoom, closest));
  const within = (middle: number, length: number) => Math.max(0, Math.min(middle - side / 2, length - side));
  return { x: within(x, width), y: within(y, height), side };
}

/** Moves the look, by parts of the square's side; it stops at the edges, so that the way back is no longer. */
export function moved(size: Size, look: Look, { x, y }: { x: number; y: number }): Look {
  const { side } = squareOf(size, look);
  return settled(size, { ...look, x: look.x + x * side, y: look.y + y * side });
}

export function zoomed(size: Size, look: Look, zoom: number): Look {
  return settled(size, { ...look, zoom });
}

function settled(size: Size, look: Look): Look {
  const { x, y, side } = squareOf(size, look);
  return { x: x + side / 2, y: y + side / 2, zoom: look.zoom };
}

const mostPx = 512;

/** How many pixels the cut has on a side: none that the picture has not. */
export const sideOf = ({ side }: Square): number => Math.max(1, Math.min(mostPx, Math.round(side)));
