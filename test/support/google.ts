/** Sign-in with Google as a browser goes through it: away, chosen there, back. */
import { inject } from "vitest";
import type { Env } from "../../src/env.ts";
import { type Answered, envWith, get } from "./accounts.ts";
import type { Wrong } from "./google-wrong.ts";

/** The Worker of a fresh isolate with the Google of the tests: it knows none of its documents yet. */
export function googleEnv(changes: Record<string, string> = {}): Env {
  return envWith({ GOOGLE_ISSUER: inject("google").issuer, ...changes });
}

/** Until the next word; {@link right} after each test. */
export async function isWrong(wrong: Wrong): Promise<void> {
  await (await fetch(inject("google").control, { method: "PUT", body: JSON.stringify(wrong) })).body?.cancel();
}

export const right = () => isWrong({});

/** How often Google was asked at a path so far. */
export async function askedAt(path: string): Promise<number> {
  const asked: Record<string, number> = await (await fetch(inject("google").control)).json();
  return asked[path] ?? 0;
}

/** What Google sends back to, for whom it is told to choose. */
export async function chosenAt(location: string, email: string): Promise<URL> {
  const url = new URL(location);
  url.searchParams.set("login_hint", email);
  url.searchParams.set("prompt", "none");
  const answer = await fetch(url, { redirect: "manual" });
  await answer.body?.cancel();
  return new URL(answer.headers.get("Location") ?? "");
}

/** A browser: keeps cookies, follows nothing by itself. */
export class Browser {
  readonly cookies = new Map<string, string>();
  readonly #on: Env;

  constructor(on: Env) {
    this.#on = on;
  }

  async get(path: string): Promise<Answered> {
    const Cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await get(path, { on: this.#on, headers: Cookie ? { Cookie } : {} });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/Max-Age=0\b/.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return answer;
  }

  /** Leaves for Google. @returns its address */
  async leave(): Promise<string> {
    const left = await this.get("/auth/google");
    if (left.status !== 302) throw new Error(`The way to Google is closed: ${JSON.stringify(left.body)}`);
    return left.headers.get("Location") ?? "";
  }

  /** Comes back, to the callback with what Google has added. */
  async comeBack(callback: URL): Promise<Answered> {
    return await this.get(`${callback.pathname.replace("/api/v1", "")}${callback.search}`);
  }

  /** All of it. @returns the page's address, with its code or error */
  async goThrough(email: string): Promise<URL> {
    const back = await this.comeBack(await chosenAt(await this.leave(), email));
    return new URL(back.headers.get("Location") ?? "");
  }
}
