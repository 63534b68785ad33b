import { describe, expect, test } from "vitest";
import { type LetterKind, languageOf, letterOf } from "../../src/core/letters.ts";

const to = "ann@example.test";
const withCode: LetterKind[] = ["register", "login", "reset", "email", "delete"];
const bare: LetterKind[] = ["taken", "email_changed", "password_changed", "google_linked", "account_deleted"];

describe.each(["en", "ru"] as const)("a letter (%s)", (language) => {
  test.each(withCode)("%s holds its code once, in plain text and in HTML", (kind) => {
    const letter = letterOf(kind, to, language, "012345");
    expect(letter.to).toBe(to);
    expect(letter.text.match(/\d{6}/g)).toEqual(["012345"]);
    expect(letter.html.match(/\d{6}/g)).toEqual(["012345"]);
  });

  test.each(bare)("%s holds no code", (kind) => {
    const letter = letterOf(kind, to, language, "012345");
    expect(`${letter.subject}${letter.text}${letter.html}`).not.toContain("012345");
  });

  test("is in its language, with one line of subject", () => {
    for (const kind of [...withCode, ...bare]) {
      const { subject, text } = letterOf(kind, to, language, "012345");
      expect(subject).not.toMatch(/[\r\n]/);
      expect(/[а-я]/.test(text)).toBe(language === "ru");
    }
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
