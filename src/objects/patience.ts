/** What has not answered by then counts as away. @throws Error */
export async function inTime<T>(ms: number, answer: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error("It did not answer in time")), ms);
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits for work that goes on by itself, but not for long. */
export async function waitAtMost(ms: number, work: Promise<unknown>): Promise<void> {
  const waited = Promise.withResolvers<void>();
  const timer = setTimeout(waited.resolve, ms);
  await Promise.race([work, waited.promise]);
  clearTimeout(timer);
}
