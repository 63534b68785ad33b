import fc from "fast-check";
import { expect, test } from "vitest";
import { bodyHash, dialogId } from "../../src/core/hash.ts";
import { chosenId, id } from "../../src/protocol/ids.ts";

const ann = "01890000-0000-7000-8000-00000000000a";
const bob = "01890000-0000-7000-8000-00000000000b";

test("a dialog has one id, whoever begins it, and no other pair has it", () => {
  fc.assert(
    fc.property(fc.uuid(), fc.uuid(), fc.uuid(), (one, other, third) => {
      fc.pre(new Set([one, other, third]).size === 3);
      expect(dialogId(one, other)).toBe(dialogId(other, one));
      expect(dialogId(one, other)).not.toBe(dialogId(one, third));
    }),
  );
});

test("a dialog's id is a UUID of version 8, which no client may choose", () => {
  expect(id.parse(dialogId(ann, bob))).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(chosenId.safeParse(dialogId(ann, bob)).success).toBe(false);
});

test("a dialog's id and a body's hash never change: they are stored", async () => {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`${ann}:${bob}`));
  const hex = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
  expect(dialogId(ann, bob).slice(0, 13)).toBe(`${hex.slice(0, 8)}-${hex.slice(8, 12)}`);
  expect(bodyHash(["hello", null, []])).toMatch(/^[0-9a-f]{32}$/);
  expect(bodyHash(["hello", null, []])).not.toBe(bodyHash(["hello", null, [ann]]));
});
