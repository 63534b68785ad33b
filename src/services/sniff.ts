/** What bytes are, whatever they are called: by their first ones. */
import { fileTypeFromBuffer } from "file-type";

/** Containers that hold several types: which one is not told by the first bytes alone. */
const families = [
  ["video/mp4", "video/quicktime", "video/x-m4v", "audio/mp4", "audio/x-m4a", "audio/aac"],
  ["video/webm", "audio/webm", "video/matroska", "video/x-matroska"],
  ["audio/ogg", "video/ogg", "application/ogg", "audio/opus", "audio/ogg; codecs=opus"],
  ["audio/wav", "audio/x-wav", "audio/vnd.wave"],
  ["image/heic", "image/heif", "image/heic-sequence", "image/heif-sequence"],
  ["image/png", "image/apng"],
  ["application/x-cfb", "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"],
];

/** Types that are zip archives inside. */
const zipped =
  /^application\/(zip|x-zip-compressed|epub\+zip|vnd\.(openxmlformats-officedocument|oasis\.opendocument)\..+)$/;

/** Types of which every file begins with what tells it. */
const telling = /^(image|video|audio)\/|^application\/(pdf|zip|x-zip-compressed|gzip|x-7z-compressed|vnd\.rar)$/;

/** Of these anything may be, words that begin as a file does, too ("BMI", "MZ"): they are only ever saved. */
const anything = /^text\/|^application\/(octet-stream|json)$/;

/** Whether the first bytes of a file may be of the type it is said to be. */
export async function mayBe(contentType: string, first: Uint8Array): Promise<boolean> {
  if (anything.test(contentType)) return true;
  const found = (await fileTypeFromBuffer(first))?.mime;
  if (found === undefined) return !telling.test(contentType);
  if (found === contentType || (zipped.test(found) && zipped.test(contentType))) return true;
  return families.some((family) => family.includes(found) && family.includes(contentType));
}
