/** Files as people put them into a conversation. */
import type { Json, Person } from "./client.ts";

/** Uploads as a browser does, straight to the store. @returns the media's id */
export async function uploadFor(
  who: Person,
  bytes: Buffer,
  file: { content_type: string; name: string },
): Promise<string> {
  const ticket = await who.call("POST", "/media", { ...file, size: bytes.length, purpose: "message" });
  const { id, upload }: Json = ticket.body;
  const sent = await fetch(upload.url, { method: upload.method, headers: upload.headers, body: new Uint8Array(bytes) });
  await sent.arrayBuffer();
  const done = await who.call("POST", `/media/${id}/complete`);
  if (!sent.ok || done.status !== 200) throw new Error(`Upload: ${sent.status} ${JSON.stringify(done.body)}`);
  return id;
}
