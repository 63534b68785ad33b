import { argon2id as noble } from "@noble/hashes/argon2.js";
import { bytesToHex, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { describe, expect, test } from "vitest";
import { argon2id, hashPassword, isPassword } from "../../src/services/passwords.ts";
import vectors from "./vectors/argon2id.json";

describe("argon2id", () => {
  test("gives the tag of RFC 9106", async () => {
    const { rfc9106 } = vectors;
    const tag = await argon2id({
      password: hexToBytes(rfc9106.password),
      salt: hexToBytes(rfc9106.salt),
      secret: hexToBytes(rfc9106.secret),
      ad: hexToBytes(rfc9106.ad),
      passes: rfc9106.passes,
      memorySize: rfc9106.memorySize,
      parallelism: rfc9106.parallelism,
      tagLength: 32,
    });
    expect(bytesToHex(tag)).toBe(rfc9106.tag);
  });

  test.each(vectors.reference)(
    "gives the reference's tag for t=$passes m=$memorySize p=$parallelism $password",
    async (vector) => {
      const { passes, memorySize, parallelism } = vector;
      const [password, salt] = [utf8ToBytes(vector.password), utf8ToBytes(vector.salt)];
      expect(bytesToHex(await argon2id({ password, salt, passes, memorySize, parallelism, tagLength: 32 }))).toBe(
        vector.tag,
      );
    },
  );

  test("agrees with @noble/hashes on what we store", async () => {
    const stored = await hashPassword("correct horse");
    const [, , , cost, salt = "", tag] = stored.split("$");
    expect(cost).toBe("m=19456,t=2,p=1");
    const bytes = Uint8Array.from(atob(salt), (character) => character.charCodeAt(0));
    const other = noble(utf8ToBytes("correct horse"), bytes, { m: 19_456, t: 2, p: 1, dkLen: 32 });
    expect(btoa(String.fromCharCode(...other)).replace(/=+$/, "")).toBe(tag);
  });
});

describe("a stored password", () => {
  test("is matched by itself alone, and salted", async () => {
    const stored = await hashPassword("correct horse");
    expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(await hashPassword("correct horse")).not.toBe(stored);
    expect(await isPassword("correct horse", stored)).toBe(true);
    expect(await isPassword("Correct horse", stored)).toBe(false);
    for (const short of ["", "\u0001", "c", "correct"]) expect(await isPassword(short, stored)).toBe(false);
  });

  test("is the same however the keyboard composes its letters", async () => {
    expect(await isPassword("re\u0301sume\u0301 \u0438\u0306", await hashPassword("r\u00E9sum\u00E9 \u0439"))).toBe(
      true,
    );
  });

  test("is matched with the cost it was stored with", async () => {
    const salt = utf8ToBytes("somesalt");
    const tag = noble(utf8ToBytes("older cost"), salt, { m: 256, t: 1, p: 1, dkLen: 32 });
    const base64 = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes)).replace(/=+$/, "");
    expect(await isPassword("older cost", `$argon2id$v=19$m=256,t=1,p=1$${base64(salt)}$${base64(tag)}`)).toBe(true);
  });

  test("of nobody is matched by nothing", async () => {
    expect(await isPassword("", null)).toBe(false);
    expect(await isPassword("correct horse", null)).toBe(false);
  });
});
