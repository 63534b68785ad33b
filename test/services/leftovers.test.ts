import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { newId } from "../../src/chance.ts";
import { connect } from "../../src/connect.ts";
import type { Env } from "../../src/env.ts";
import { keys } from "../../src/services/keys.ts";

const { blobs, leftovers } = connect(env as unknown as Env);

async function uploadTo(key: string): Promise<void> {
  await blobs?.put(key, new Blob(["late"]).stream(), { contentType: "text/plain", size: 4 });
}

test("what comes by a ticket whose file is complete or gone is taken away when it is old, and no other", async () => {
  const id = newId();
  await uploadTo(keys.staging(id));
  await uploadTo(keys.private(id));
  await leftovers.sweepLate(Date.now() - 60_000);
  expect(await blobs?.head(keys.staging(id))).toMatchObject({ size: 4 });
  expect(await leftovers.sweepLate(Date.now() + 60_000)).toBeGreaterThan(0);
  expect(await blobs?.head(keys.staging(id))).toBeUndefined();
  expect(await blobs?.head(keys.private(id))).toMatchObject({ size: 4 });
});
