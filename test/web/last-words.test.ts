import { describe, expect, test } from "vitest";
import { isMuted, speaker, tickOf, wordsOf, wordsOfPending } from "../../src/web/list/last-words.ts";
import { conversation, item, message } from "./sample.ts";

const file = (content_type: string, name?: string) => ({
  ...{ id: "m", content_type, size: 1, url: "/api/v1/media/m" },
  ...(name !== undefined && { name }),
});

describe("the last words of a row", () => {
  test("are the text, also where there are files", () => {
    expect(wordsOf(message({ content: "Look", media: [file("image/png")] }))).toEqual({ kind: "text", text: "Look" });
  });

  test("name what was sent without text", () => {
    const of = (...media: ReturnType<typeof file>[]) => wordsOf(message({ content: "", media }));
    expect(of(file("image/png"), file("image/jpeg"))).toEqual({ kind: "photos", count: 2 });
    expect(of(file("image/png"), file("text/plain"))).toEqual({ kind: "files", count: 2 });
    expect(of(file("video/mp4"))).toEqual({ kind: "video" });
    expect(of(file("application/pdf", "plan.pdf"))).toEqual({ kind: "file", name: "plan.pdf" });
  });

  test("say that a message was deleted, and that there is none", () => {
    expect(wordsOf(message({ content: "", is_deleted: true }))).toEqual({ kind: "deleted" });
    expect(wordsOf(undefined)).toEqual({ kind: "none" });
  });

  test("are what waits to be sent", () => {
    const blob = new Blob(["x"], { type: "image/png" });
    const entry = { id: "1", user_id: "u", conversation_id: "c", content: "", created_at: 0 };
    const files = [{ blob, name: "a.png" }];
    expect(wordsOfPending({ entry: { ...entry, files }, state: "waiting", progress: 0 })).toEqual({
      kind: "photos",
      count: 1,
    });
  });
});

describe("who said them", () => {
  test("is told in groups", () => {
    const last_message = message({ sender_id: "ann", sender_name: "Ann" });
    expect(speaker(conversation({ last_message }), "me")).toEqual({ name: "Ann" });
    expect(speaker(conversation({ last_message }), "ann")).toBe("you");
  });

  test("is plain in a dialog, and of no matter once it is deleted", () => {
    expect(speaker(conversation({ kind: "dialog", last_message: message() }), "me")).toBeUndefined();
    expect(speaker(conversation({ last_message: message({ is_deleted: true }) }), "me")).toBeUndefined();
  });
});

describe("ticks before one's own last words", () => {
  const mine = conversation({ last_message: message({ sender_id: "me", sequence: 9 }) });

  test("follow what all of the others have", () => {
    expect(tickOf(item(mine, { othersDelivered: 8, othersRead: 8 }), "me")).toBe("stored");
    expect(tickOf(item(mine, { othersDelivered: 9, othersRead: 8 }), "me")).toBe("delivered");
    expect(tickOf(item(mine, { othersDelivered: 9, othersRead: 9 }), "me")).toBe("read");
  });

  test("stand before nobody else's, and before nothing deleted", () => {
    expect(tickOf(item(mine), "another")).toBeUndefined();
    const deleted = conversation({ last_message: message({ sender_id: "me", is_deleted: true }) });
    expect(tickOf(item(deleted), "me")).toBeUndefined();
  });
});

test("a conversation is muted until its time", () => {
  const muted = conversation({ me: { muted_until: "2026-11-27T12:00:00.000Z" } });
  expect(isMuted(muted, Date.parse("2026-11-27T11:59:59.000Z"))).toBe(true);
  expect(isMuted(muted, Date.parse("2026-11-27T12:00:00.000Z"))).toBe(false);
  expect(isMuted(conversation(), 0)).toBe(false);
});
