import { describe, expect, test } from "vitest";
import { mayBe } from "../../src/services/sniff.ts";

const bytesOf = (start: string) => Uint8Array.from([...start].map((letter) => letter.charCodeAt(0)));
const png = bytesOf("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0");
const office = bytesOf(`\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1${"\0".repeat(600)}`);
const zip = bytesOf("PK\x03\x04\x14\0\0\0\0\0");
const page = bytesOf("<!doctype html><script>alert(1)</script>");

describe("what a file may be by its first bytes", () => {
  test.each([
    ["image/png", png],
    ["application/octet-stream", page],
    ["application/msword", office],
    ["application/vnd.ms-excel", office],
    ["application/vnd.openxmlformats-officedocument.wordprocessingml.document", zip],
    ["text/csv", bytesOf("BMI,weight\n22,70\n")],
    ["text/plain", bytesOf("BEGIN:VCALENDAR\nVERSION:2.0\n")],
    ["application/json", bytesOf("{}")],
  ])("%s", async (type, bytes) => expect(await mayBe(type, bytes)).toBe(true));

  test.each([
    ["image/png", page],
    ["image/jpeg", png],
    ["image/svg+xml", bytesOf("<svg xmlns='http://www.w3.org/2000/svg'/>")],
    ["image/svg+xml", bytesOf("<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>")],
    ["video/mp4", page],
    ["application/pdf", page],
    ["application/msword", png],
    ["image/png", new Uint8Array()],
  ])("is not %s", async (type, bytes) => expect(await mayBe(type, bytes)).toBe(false));
});
