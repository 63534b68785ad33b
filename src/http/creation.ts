/** How a conversation begins: who is in it, and who may begin it with whom. */
import { newId } from "../chance.ts";
import { connect } from "../connect.ts";
import { bodyHash, dialogId } from "../core/hash.ts";
import { peopleByIds } from "../db/people.ts";
import type { Creation, Person } from "../protocol/commands.ts";
import type { Conversation, NewConversation } from "../protocol/conversations.ts";
import { Fault } from "../protocol/errors.ts";
import type { AppContext } from "./context.ts";
import { retell } from "./facts.ts";
import { askRoom } from "./rooms.ts";

export interface Begun {
  created: boolean;
  conversation: Conversation;
}

/** @throws Fault USER_NOT_FOUND, PERMISSION_DENIED, CONFLICT, UNAVAILABLE */
export async function create(c: AppContext, body: NewConversation): Promise<Begun> {
  const { user_id } = c.get("actor");
  const others = [...new Set(body.participant_ids)].filter((participant) => participant !== user_id);
  const [creator, ...rest] = await peopleByIds(connect(c.env).db, [user_id, ...others]);
  if (creator?.user_id !== user_id || rest.length !== others.length) {
    throw new Fault("USER_NOT_FOUND", "A participant is not there");
  }
  const [other] = rest;
  const isDialog = other !== undefined && rest.length === 1 && body.title === undefined;
  return isDialog ? await openDialog(c, creator, other) : await begin(c, groupId(body), groupOf(body, creator, rest));
}

function openDialog(c: AppContext, creator: Person, other: Person): Promise<Begun> {
  const body_hash = bodyHash([[other.user_id]]);
  const dialog: Creation = { kind: "dialog", public: false, people: [other], creator, body_hash, fresh: false };
  return begin(c, dialogId(creator.user_id, other.user_id), dialog);
}

function groupId({ id }: NewConversation): string {
  return id ?? newId();
}

/** A repeat is known by whom it asked for, whoever of them is in it. */
function groupOf(body: NewConversation, creator: Person, others: Person[]): Creation {
  const asked = others.map((person) => person.user_id).toSorted();
  return {
    kind: "group",
    title: body.title,
    description: body.description,
    public: body.public,
    people: others,
    creator,
    body_hash: bodyHash([asked, body.title ?? null, body.description ?? null, body.public]),
    fresh: body.id === undefined,
  };
}

async function begin(c: AppContext, roomId: string, creation: Creation): Promise<Begun> {
  const begun = await askRoom(c, roomId, (room) => room.create(creation));
  if (begun.created) await retell(c, roomId, [creation.creator, ...creation.people]);
  return begun;
}
