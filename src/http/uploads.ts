/** From a ticket to bytes that can be used: what was uploaded is looked at, and put where no client can write. */
import { newId } from "../chance.ts";
import { connect } from "../connect.ts";
import { dispositionOf, isAllowed, isImage } from "../core/media.ts";
import { completeMedia, findMedia, insertMedia, type MediaRow } from "../db/media.ts";
import { Fault } from "../protocol/errors.ts";
import { isoTime } from "../protocol/ids.ts";
import { limits } from "../protocol/limits.ts";
import type { NewTicket } from "../protocol/media.ts";
import type { Blobs } from "../services/blobs.ts";
import { keys } from "../services/keys.ts";
import { pixelsOf } from "../services/pixels.ts";
import { mayBe } from "../services/sniff.ts";
import { type AppContext, wrongField } from "./context.ts";

/** @throws Fault NOT_FOUND where no store is set up */
export function blobsOf(c: AppContext): Blobs {
  const { blobs } = connect(c.env);
  if (!blobs) throw new Fault("NOT_FOUND", "This server keeps no media");
  return blobs;
}

/** A place for an upload, and the signed address of its bytes. @throws Fault TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, UNAVAILABLE */
export async function issueTicket(c: AppContext, wanted: NewTicket) {
  const blobs = blobsOf(c);
  const { db, config } = connect(c.env);
  refuseUnfit(wanted, config);
  const now = Date.now();
  const id = newId(now);
  const { content_type, size, name, purpose } = wanted;
  const row = { id, owner_id: c.get("actor").user_id, purpose, content_type, size, name, created_at: new Date(now) };
  if (!(await insertMedia(db, row, config.MEDIA_QUOTA_BYTES))) {
    throw new Fault("TOO_LARGE", `Your uploads would be more than ${config.MEDIA_QUOTA_BYTES} bytes`);
  }
  const bounds = { contentType: content_type, size, expiresMs: limits.uploadMs, nowMs: now };
  const upload = await blobs.presignPut(keys.staging(id), bounds);
  return { id, upload: { ...upload, expires_at: isoTime(now + limits.uploadMs) } };
}

type Bounds = Record<"MEDIA_MAX_IMAGE_BYTES" | "MEDIA_MAX_FILE_BYTES", number> & { MEDIA_TYPES: string[] };

function refuseUnfit({ content_type, size, purpose }: NewTicket, config: Bounds): void {
  if (!isAllowed(content_type, config.MEDIA_TYPES)) {
    throw new Fault("UNSUPPORTED_MEDIA_TYPE", `${content_type} cannot be uploaded here`);
  }
  if (purpose === "avatar" && !isImage(content_type))
    throw wrongField("content_type", "must be an image for an avatar");
  const most = isImage(content_type) ? config.MEDIA_MAX_IMAGE_BYTES : config.MEDIA_MAX_FILE_BYTES;
  if (size > most) throw new Fault("TOO_LARGE", `A file of this type is at most ${most} bytes`);
}

/** An upload of one's own. @throws Fault NOT_FOUND, UNAVAILABLE */
export async function ownMedia(c: AppContext, id: string): Promise<MediaRow> {
  const found = await findMedia(connect(c.env).db, id);
  if (!found || found.owner_id !== c.get("actor").user_id) throw noMedia();
  return found;
}

export const noMedia = () => new Fault("NOT_FOUND", "There is no such file");

/**
 * Looks at what was uploaded, and makes it ready. May be repeated.
 * @throws Fault CONFLICT where nothing was uploaded, INVALID_CONTENT, UNSUPPORTED_MEDIA_TYPE, UNAVAILABLE
 */
export async function complete(c: AppContext, id: string): Promise<MediaRow> {
  const blobs = blobsOf(c);
  const row = await ownMedia(c, id);
  if (row.ready_at) return row;
  const staged = keys.staging(id);
  const seen = await inspected(blobs, row);
  if (!seen) return await alreadyReady(c, id);
  const { content_type: contentType } = row;
  const isPublic = row.purpose === "avatar";
  const isCopied = await blobs.copy(staged, isPublic ? keys.public(id) : keys.private(id), {
    etag: seen.etag, // what was looked at, and nothing that was put in its place since
    contentType,
    disposition: dispositionOf(row),
    cacheControl: isPublic ? "public, max-age=31536000, immutable" : "private, max-age=31536000, immutable",
  });
  if (!isCopied) return await alreadyReady(c, id);
  const pixels = isImage(contentType) ? pixelsOf(seen.first) : undefined;
  const ready = await completeMedia(connect(c.env).db, id, {
    width: pixels?.width,
    height: pixels?.height,
    now: new Date(),
  });
  if (!ready) {
    // Its row is gone, and with it all that would tell of the copy.
    await blobs.delete(isPublic ? keys.public(id) : keys.private(id));
    throw noMedia();
  }
  // What stays behind, or comes while the ticket still lives, is swept.
  await blobs.delete(staged);
  return ready;
}

/** There are no bytes to look at, or others than before: another call has done all that. @throws Fault CONFLICT where none has */
async function alreadyReady(c: AppContext, id: string): Promise<MediaRow> {
  const row = await ownMedia(c, id);
  if (!row.ready_at) throw new Fault("CONFLICT", "Nothing has been uploaded yet, or it was changed meanwhile");
  return row;
}

interface Inspected {
  first: Uint8Array;
  etag: string;
}

/** The first bytes of an upload that is what its ticket said; undefined where there are none, or others by now. */
async function inspected(blobs: Blobs, { id, size, content_type }: MediaRow): Promise<Inspected | undefined> {
  const staged = keys.staging(id);
  const there = await blobs.head(staged);
  if (!there) return undefined;
  if (there.size !== size) throw wrongField("size", `is ${there.size}, the ticket says ${size}`);
  const { etag } = there;
  const first = await blobs.read(staged, { first: limits.sniffBytes, etag });
  if (!first) return undefined;
  if (await mayBe(content_type, first)) return { first, etag };
  await blobs.delete(staged);
  throw new Fault("UNSUPPORTED_MEDIA_TYPE", `What was uploaded is not ${content_type}`);
}
