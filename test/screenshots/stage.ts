/** Plays the story on a server: registers its people, lets them talk, and remembers how long ago each thing is to have been. */
import { type Json, type Person, register } from "../support/client.ts";
import { uploadFor } from "../support/files.ts";
import { landscape } from "../support/pictures.ts";
import type { Server } from "../support/server.ts";
import { type Line, type Name, people, type Talk, talks, viewer } from "./story.ts";

export interface Stage {
  viewer: Person;
  cast: Map<Name, Person>;
  /** Ids of the conversations, in the order of the story. */
  conversations: string[];
  /** What is to be shown in place of a time the server has given. */
  times: Map<string, string>;
}

export async function playOn(at: Server): Promise<Stage> {
  const cast = new Map<Name, Person>();
  for (const name of people) cast.set(name, await register(at, name));
  const stage: Stage = { viewer: one(cast, viewer), cast, conversations: [], times: new Map() };
  for (const talk of talks) stage.conversations.push(await play(stage, talk));
  return stage;
}

function one(cast: Map<Name, Person>, name: Name): Person {
  const found = cast.get(name);
  if (!found) throw new Error(`${name} is not there`);
  return found;
}

async function play(stage: Stage, talk: Talk): Promise<string> {
  const [first, ...others] = talk.members.map((name) => one(stage.cast, name));
  if (!first) throw new Error("Nobody talks");
  const { title } = talk;
  const made = await first.call("POST", "/conversations", { participant_ids: others.map(({ id }) => id), title });
  const room = `/conversations/${made.body.id}`;
  const said: Json[] = [];
  for (const line of talk.lines) said.push(await sayLine(stage, room, { line, said }));
  for (const name of talk.members) {
    if (name === viewer && !talk.isRead) continue;
    await one(stage.cast, name).call("POST", `${room}/read`, { message_id: said.at(-1).id });
  }
  if (talk.isPinned) await stage.viewer.call("PATCH", `${room}/me`, { pinned: true });
  return made.body.id;
}

async function sayLine(stage: Stage, room: string, { line, said }: { line: Line; said: Json[] }): Promise<Json> {
  const speaker = one(stage.cast, line.by);
  const media_ids = await mediaOf(speaker, line);
  const reply_to = line.reply === undefined ? undefined : said[line.reply].id;
  const { status, body } = await speaker.call("POST", `${room}/messages`, { content: line.text, media_ids, reply_to });
  if (status !== 201) throw new Error(`${line.by} could not say "${line.text}": ${JSON.stringify(body)}`);
  for (const [name, emoji] of Object.entries(line.reactions ?? {})) {
    const path = `${room}/messages/${body.id}/reactions/${encodeURIComponent(emoji)}`;
    await one(stage.cast, name as Name).call("PUT", path);
  }
  stage.times.set(body.created_at, new Date(Date.now() - line.minutesAgo * 60_000).toISOString());
  return body;
}

async function mediaOf(who: Person, { picture, file }: Line): Promise<string[] | undefined> {
  if (picture) return [await uploadFor(who, landscape(960, 600), { content_type: "image/png", name: "View.png" })];
  if (!file) return undefined;
  const pdf = Buffer.from(`%PDF-1.4\n${"% figures\n".repeat(18_000)}%%EOF\n`);
  return [await uploadFor(who, pdf, { content_type: "application/pdf", name: file })];
}
