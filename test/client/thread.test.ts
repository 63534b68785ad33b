/** One conversation as it is heard. */
import { expect, test } from "vitest";
import { createThread } from "../../src/client/thread.ts";
import { houseOf } from "../support/house.ts";
import { conversation } from "../web/sample.ts";

test("where one stands is as the answer to `subscribe` says, whatever the record said before", () => {
  const record = conversation({ sequence: 9 });
  const thread = createThread(record.id, houseOf());
  thread.put({ ...record, me: { ...record.me, read: 2, unread: 7 } });
  const watermarks = [
    { user_id: "bob", read: 3, delivered: 3 },
    { user_id: "me", read: 9, delivered: 9 },
  ];
  const { id: conversation_id, epoch, sequence } = record;
  const answer = { conversation_id, epoch, sequence, floor: 0, status: "live" as const, online: [] };
  thread.hear({ type: "subscribed", ...answer, watermarks, unread: 0 });
  expect(thread.face.record?.me).toMatchObject({ read: 9, unread: 0 });
  thread.end();
});
