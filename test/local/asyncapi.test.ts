import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { asyncApiText } from "../../src/local/asyncapi.ts";
import { places } from "../../src/local/places.ts";
import { clientExamples, serverExamples } from "../../src/protocol/examples.ts";
import { clientFrames, serverFrames } from "../../src/protocol/frames.ts";

const text = readFileSync(places.asyncapi, "utf8");

function references(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, entry]) =>
    key === "$ref" && typeof entry === "string" ? [entry] : references(entry),
  );
}

/** What a reference within the document points at. */
function at(document: unknown, reference: string): unknown {
  const steps = reference.replace(/^#\//, "").split("/");
  return steps.reduce<unknown>((place, step) => (place as Record<string, unknown> | undefined)?.[step], document);
}

describe("asyncapi.yml", () => {
  test("is what the schemas give: if not, `npm run asyncapi`", () => {
    expect(text).toBe(asyncApiText());
  });

  test("is an AsyncAPI document, says the official parser", async () => {
    const findings = async (document: string) => {
      const { diagnostics } = await new Parser().parse(document);
      return diagnostics
        .filter(({ severity }) => severity === 0)
        .map(({ path, message }) => `${path.join(".")}: ${message}`);
    };
    expect(await findings(text)).toEqual([]);
    expect(await findings(text.replace("action: receive", "action: listen"))).toEqual([
      expect.stringContaining("operations.conversation.receive.action"),
    ]);
  });

  test("points nowhere but into itself", () => {
    const document = parse(text);
    const pointers = references(document);
    expect(pointers.length).toBeGreaterThan(100);
    expect(pointers.filter((pointer) => at(document, pointer) === undefined)).toEqual([]);
  });

  test("describes every frame, and every example is one", () => {
    expect(Object.keys(clientExamples).sort()).toEqual(Object.keys(clientFrames).sort());
    expect(Object.keys(serverExamples).sort()).toEqual(Object.keys(serverFrames).sort());
    for (const [type, { frame }] of Object.entries(clientExamples)) {
      expect(clientFrames[type as keyof typeof clientFrames].parse(frame)).toEqual(frame);
    }
    for (const [type, { frame }] of Object.entries(serverExamples)) {
      expect(serverFrames[type as keyof typeof serverFrames].parse(frame)).toEqual(frame);
    }
  });
});
