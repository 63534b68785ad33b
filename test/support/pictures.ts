/** Pictures made here, so that none has to be kept: a PNG of any size, and one that is good to look at. */
import { crc32, deflateSync } from "node:zlib";

type Colour = readonly [red: number, green: number, blue: number];

/** @param colour of a point, both from 0 to 1, from the top left */
export function png(width: number, height: number, colour: (x: number, y: number) => Colour): Buffer {
  const rows = Buffer.alloc(height * (1 + width * 3));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      rows.set(colour(x / width, y / height).map(Math.round), y * (1 + width * 3) + 1 + x * 3);
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8); // 8 bits each of red, green and blue
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const empty = Buffer.alloc(0);
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", deflateSync(rows)), chunk("IEND", empty)]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

const mix = (from: Colour, to: Colour, share: number): Colour => [
  from[0] + (to[0] - from[0]) * share,
  from[1] + (to[1] - from[1]) * share,
  from[2] + (to[2] - from[2]) * share,
];

const sky: readonly [Colour, Colour] = [
  [52, 84, 122],
  [250, 196, 146],
];
const sun: Colour = [255, 236, 196];
const hills: readonly { top: number; waves: number; height: number; colour: Colour }[] = [
  { top: 0.52, waves: 5, height: 0.07, colour: [128, 128, 150] },
  { top: 0.62, waves: 3.4, height: 0.09, colour: [84, 100, 118] },
  { top: 0.76, waves: 2.3, height: 0.08, colour: [44, 70, 76] },
];

/** A low sun over hills. */
export function landscape(width: number, height: number): Buffer {
  return png(width, height, (x, y) => {
    const hill = hills.findLast(({ top, waves, height }) => y > top - height * ridge(x * waves));
    if (hill) return mix(hill.colour, sky[1], Math.max(0, 0.35 - (y - hill.top)) * 0.6);
    const fromSun = Math.hypot((x - 0.68) * (width / height), y - 0.36);
    const light = mix(sky[0], sky[1], Math.min(1, y * 1.7));
    return fromSun < 0.07 ? sun : mix(light, sun, Math.max(0, 0.45 - fromSun));
  });
}

const ridge = (at: number): number => 0.6 * Math.sin(at * 3.1) + 0.4 * Math.sin(at * 7.3 + 1);
