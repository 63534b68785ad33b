/** How a conversation begins: who is in it, and who may begin it with whom. */
import { newId } from "../chance.ts";
import { connect } from "../connect.ts";
import { bodyHash, dialogId } from "../core/hash.ts";
import { peopleByIds } from "../db/people.ts";
import type { Conversation, NewConversation } from "../protocol/conversations.ts";
import { Fault } from "../protocol/errors.ts";
import type { Creation, Person } from "../protocol/rpc.ts";
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

/** One that is there stays open to both; a new one not to who is blocked. */
async function openDialog(c: AppContext, creator: Person, other: Person): Promise<Begun> {
  const dialog = dialogId(creator.user_id, other.user_id);
  if (other.blocks.includes(creator.user_id)) return await opened(c, dialog);
  const body_hash = bodyHash([[other.user_id]]);
  return await begin(c, dialog, { kind: "dialog", public: false, people: [other], creator, body_hash, fresh: false });
}

async function opened(c: AppContext, dialog: string): Promise<Begun> {
  try {
    const conversation = await askRoom(c, dialog, (room) => room.record(c.get("actor").user_id));
    return { created: false, conversation };
  } catch (error) {
    if (!(error instanceof Fault && error.code === "CONVERSATION_NOT_FOUND")) throw error;
    throw new Fault("PERMISSION_DENIED", "This person takes no dialog from you");
  }
}

function groupId({ id }: NewConversation): string {
  return id ?? newId();
}

/** Who has blocked the creator is not in it; for a repeat it is the same body all the same. */
function groupOf(body: NewConversation, creator: Person, others: Person[]): Creation {
  const asked = others.map((person) => person.user_id).toSorted();
  return {
    kind: "group",
    title: body.title,
    description: body.description,
    public: body.public,
    people: others.filter((person) => !person.blocks.includes(creator.user_id)),
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
