/** Which answers are whose: the texts a socket sends, whatever they are, and what came of each. */
import { newId } from "../../src/chance.ts";
import { limits } from "../../src/protocol/limits.ts";
import type { Json, Line } from "./room.ts";

/** Sends all, each group followed by a ping whose answer ends those of the group. @returns the answers of each group */
export async function asked(line: Line, groups: string[][], batch: boolean): Promise<Json[][]> {
  const from = line.frames.length;
  const run = newId();
  const texts = groups.flatMap((group, at) => [...group, `{"type":"ping","ref":"${run} ${at}"}`]);
  for (const text of batch ? inArrays(texts) : texts) line.send(text);
  await line.next((frame) => frame.ref === `${run} ${groups.length - 1}`);
  const answers: Json[][] = groups.map(() => []);
  let at = 0;
  for (const frame of line.frames.slice(from)) {
    if (frame.ref === `${run} ${at}`) at += 1;
    // AUTH_FAILED comes late: a token is looked at beside what follows it.
    else if (frame.type !== "pong" && frame.code !== "AUTH_FAILED") answers[at]?.push(frame);
  }
  return answers;
}

/** Those that can stand in an array, as many in one as it may hold; the others alone. */
function* inArrays(texts: string[]): Iterable<string> {
  let array: string[] = [];
  let units = 0;
  for (const text of texts) {
    const isAlone = text.length > longest || !isJson(text);
    const isFull = array.length === limits.batchFrames || units + text.length > longest;
    if (array.length > 0 && (isAlone || isFull)) {
      yield `[${array.join()}]`;
      [array, units] = [[], 0];
    }
    if (isAlone) yield text;
    else array.push(text);
    units += text.length;
  }
  if (array.length > 0) yield `[${array.join()}]`;
}

// An array stays below the limit, whatever its UTF-8 takes, and its commas.
const longest = limits.batchBytes / 4;

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
