/** The bytes of a client passed on to S3 as they come, never held whole. */
import { Fault } from "../protocol/errors.ts";
import { limits } from "../protocol/limits.ts";
import { checked, type Question, reached, type S3 } from "./s3.ts";

/** @throws Fault UNAVAILABLE; INVALID_MESSAGE where the stream is not of `size` bytes */
export async function upload(
  s3: S3,
  question: Question,
  { stream, size }: { stream: ReadableStream<Uint8Array>; size: number },
): Promise<void> {
  const watch = makeWatch();
  const counted = makeCount(size, watch.moved);
  const isRight = () => {
    if (counted.isWrong()) throw new Fault("INVALID_MESSAGE", `The body is not of ${size} bytes`);
  };
  try {
    // S3 wants the length beforehand, and takes no chunks of unknown number.
    const body = stream.pipeThrough(counted.through).pipeThrough(new FixedLengthStream(size));
    const { url, init } = await s3.sign({ ...question, body });
    const asked = fetch(url, { ...init, signal: watch.signal }).finally(isRight);
    const answer = await checked(question.method, await reached(question.method, asked));
    await answer.body?.cancel();
  } finally {
    watch.end();
  }
}

/** Aborts when nothing has moved for a while (a large upload may take long, a hung one not), and at the end. */
function makeWatch() {
  const late = new AbortController();
  const wait = () => setTimeout(() => late.abort(), limits.blobTimeoutMs);
  let timer = wait();
  const moved = () => {
    clearTimeout(timer);
    timer = wait();
  };
  const end = () => {
    clearTimeout(timer);
    late.abort();
  };
  return { signal: late.signal, moved, end };
}

/** Tells a body of another size from one that S3 did not take. */
function makeCount(size: number, moved: () => void) {
  let passed = 0;
  let hasEnded = false;
  const through = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      passed += chunk.byteLength;
      moved();
      controller.enqueue(chunk);
    },
    flush() {
      hasEnded = true;
    },
  });
  return { through, isWrong: () => passed > size || (hasEnded && passed < size) };
}
