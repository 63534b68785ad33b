import { describe, expect, test } from "vitest";
import { languageOf, letterOf } from "../../src/core/letters.ts";
import type { Flow } from "../../src/protocol/auth.ts";

const email = "ann@example.test";
const register: Flow = { kind: "register", email, name: "Ann\r\nBcc: x@y.z <script>", password_hash: "hash" };
const login: Flow = { kind: "login", email, user_id: "01890000-0000-7000-8000-000000000001" };
const taken: Flow = { kind: "taken", email };

describe("a letter", () => {
  test.each(["en", "ru"] as const)("holds its code once, in plain text and in HTML (%s)", (language) => {
    for (const flow of [register, login]) {
      const letter = letterOf(flow, "012345", language);
      expect(letter.to).toBe(email);
      expect(letter.text.match(/\d{6}/g)).toEqual(["012345"]);
      expect(letter.html.match(/\d{6}/g)).toEqual(["012345"]);
    }
  });

  test.each(["en", "ru"] as const)("to a taken address holds no code (%s)", (language) => {
    const letter = letterOf(taken, "012345", language);
    expect(`${letter.subject}${letter.text}${letter.html}`).not.toContain("012345");
  });

  test("holds nothing a stranger chose, and one line of subject", () => {
    const letter = letterOf(register, "012345", "en");
    expect(JSON.stringify(letter)).not.toMatch(/Ann|Bcc|script/);
    expect(letter.subject).not.toMatch(/[\r\n]/);
  });
});

describe("the language of a letter", () => {
  test.each([
    [undefined, "en"],
    ["", "en"],
    ["ru", "ru"],
    ["ru-RU,ru;q=0.9,en;q=0.8", "ru"],
    ["en-US,en;q=0.9,ru;q=0.8", "en"],
    ["en;q=0.1, ru;q=0.2", "ru"],
    ["de, fr;q=0.5", "en"],
    ["ru;q=0", "en"],
    ["ru;q=x;;;,,,", "ru"],
    [`${"x,".repeat(5_000)}ru`, "en"],
  ])("for %j is %s", (header, language) => {
    expect(languageOf(header)).toBe(language);
  });
});
