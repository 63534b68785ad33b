/** What is done after a socket's end. `resume`: it is opened again. `gone`: the conversation is. `stop`: it would end the same way. */
export type AfterClose = "resume" | "sign-in" | "gone" | "stop";

const table: Partial<Record<number, AfterClose>> = {
  1003: "stop",
  1009: "stop",
  4400: "stop",
  4401: "sign-in",
  4403: "gone",
  4404: "gone",
};
const tooMany = 4429;
const tooManyMs = 30_000; // others of this user's sockets have to end first

/** By the close codes of the wire; what it does not know is a broken line. @param reason may say `retry_after_ms` */
export function afterClose(code: number, reason = ""): { what: AfterClose; floorMs: number } {
  const what = table[code] ?? "resume";
  const asked = /retry_after_ms\D*(\d+)/.exec(reason)?.[1];
  return { what, floorMs: Number(asked ?? (code === tooMany ? tooManyMs : 0)) };
}
