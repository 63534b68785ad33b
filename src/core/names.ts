import { limits } from "../protocol/limits.ts";
import { userName } from "../protocol/users.ts";

const unfit = /[\p{Cc}\p{Cs}\u202A-\u202E\u2066-\u2069]/gu;

function cut(text: string): string {
  return [...text.replace(unfit, " ").trim()].slice(0, limits.nameCodePoints).join("");
}

/** A name somebody has elsewhere made one of ours; of one that cannot be, what stands before the @ of the address. */
export function nameFrom(name: string | undefined, email: string): string {
  const fitting = userName.safeParse(cut(name ?? ""));
  return fitting.success ? fitting.data : userName.parse(cut(email.replace(/@.*$/, "")));
}
