/** The sockets as an AsyncAPI 3.0 document, made from the schemas that parse the frames. */
import { z } from "zod";
import { variables } from "./config.ts";
import { conversation, mine } from "./conversations.ts";
import { closes, errors } from "./errors.ts";
import { clientExamples, type Example, serverExamples } from "./examples.ts";
import { clientFrames, serverFrames } from "./frames.ts";
import { epoch, id, ref, sequence, time } from "./ids.ts";
import { limits } from "./limits.ts";
import { media, message } from "./messages.ts";
import { user } from "./users.ts";

type Json = Record<string, unknown>;

const description = `One JSON object a text frame, field \`type\`. The document speaks as the server: it *receives* what a client sends.

**Order.** Every durable event takes the next \`sequence\` of its conversation: dense, from 1, the same number for all. A client's cursor is \`(epoch, sequence)\`; times are labels.

**Client rules.** \`sequence <= last\`: drop it. \`last + 1\`: apply it. More: hold it for 500 ms, then \`sync\`. A frame of another epoch: \`subscribe\` again. After a cut, open the socket again with jitter and resume by the cursor. Ignore fields and types you do not know.

**Batches.** Where \`pingme.batch\` was agreed, one text frame may hold a JSON array of up to ${limits.batchFrames} frames, both ways, in order.

**ref** comes back in errors and in answers to the asking socket alone, never in what is broadcast.`;

const socketAddresses = {
  conversation: {
    address: "/conversations/{conversation_id}/ws",
    title: "One conversation",
    description:
      "The shortest way: the conversation on screen, bots, busy rooms. `conversation_id` may be left out of frames. Opened with `?epoch=&since=`, it says `subscribed` and what was missed; without, live events only.",
    parameters: { conversation_id: { description: "A conversation one is a member of" } },
    query: { type: "object", properties: { epoch: { type: "string" }, since: { type: "integer", minimum: 0 } } },
    hidden: ["inbox"],
  },
  user: {
    address: "/ws",
    title: "All of a user's conversations",
    description:
      "One socket a device: durable events of all one's conversations; typing and receipts of those it follows, by `subscribe`, or because its user sent there or was sent to. Frames name their `conversation_id`. Opened without a token, it waits 10 s for a first frame `auth`; until then only pings are answered.",
    parameters: {},
    query: undefined,
    hidden: [],
  },
} as const;

type SocketName = keyof typeof socketAddresses;

const subprotocols = {
  type: "string",
  description:
    "`pingme`, `pingme.batch`, or both, and the access token as one entry more where the client cannot set Authorization. The server answers with `pingme.batch` if it was offered, else with `pingme`.",
  examples: ["pingme, <access token>", "pingme.batch, pingme, <access token>"],
};

/** @param version of the product */
export function asyncApi(version: string): Json {
  return {
    asyncapi: "3.0.0",
    info: { title: "PingMe sockets", version, description, license: { name: "MIT" } },
    defaultContentType: "application/json",
    servers: {
      local: server("127.0.0.1:8787", "ws", "As `npm start` leaves it"),
      deployed: {
        ...server("{host}", "wss", "On Cloudflare"),
        variables: { host: { description: "Your Worker's host", default: "pingme.example.workers.dev" } },
      },
    },
    channels: { conversation: channel("conversation"), user: channel("user") },
    operations: { ...operations("conversation"), ...operations("user") },
    components: {
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" },
        subprotocol: {
          type: "httpApiKey",
          in: "header",
          name: "Sec-WebSocket-Protocol",
          description: "The access token, as the one entry that is no subprotocol. Never in the query string.",
        },
      },
      messages: {
        ...messages("client", clientExamples),
        ...messages("server", serverExamples),
      },
      schemas: schemas(),
    },
    "x-close-codes": Object.values(closes).map(({ code, reason, resume }) => ({ code, reason, resume })),
    "x-error-codes": Object.fromEntries(
      Object.entries(errors).map(([code, { title, status }]) => [code, { title, http_status: status }]),
    ),
    "x-limits": {
      frame_bytes: variables.shape.WS_MAX_MESSAGE_SIZE.parse(undefined),
      frame_close_bytes: limits.frameCloseBytes,
      batch_frames: limits.batchFrames,
      batch_bytes: limits.batchBytes,
      content_code_points: limits.contentCodePoints,
      sockets_per_user: limits.socketsPerUser,
      replay_page_events: limits.replayPage,
      reset_behind_events: limits.resetBehind,
    },
  };
}

function server(host: string, protocol: "ws" | "wss", title: string): Json {
  return {
    host,
    protocol,
    pathname: "/api/v1",
    title,
    security: [{ $ref: "#/components/securitySchemes/bearer" }, { $ref: "#/components/securitySchemes/subprotocol" }],
  };
}

const serverFrameNames = (name: SocketName): string[] => {
  const hidden: readonly string[] = socketAddresses[name].hidden;
  return Object.keys(serverFrames).filter((type) => !hidden.includes(type));
};

function channel(name: SocketName): Json {
  const { address, title, description, parameters, query } = socketAddresses[name];
  const names = [
    ...Object.keys(clientFrames).map((type) => `client.${type}`),
    ...serverFrameNames(name).map((type) => `server.${type}`),
  ];
  const headers = { type: "object", properties: { "Sec-WebSocket-Protocol": subprotocols } };
  return {
    address,
    title,
    description,
    parameters,
    messages: Object.fromEntries(names.map((key) => [key, { $ref: `#/components/messages/${key}` }])),
    bindings: { ws: { method: "GET", ...(query && { query }), headers, bindingVersion: "0.1.0" } },
  };
}

function operations(name: SocketName): Json {
  const on = (side: string, types: string[]): Json => ({
    channel: { $ref: `#/channels/${name}` },
    messages: types.map((type) => ({ $ref: `#/channels/${name}/messages/${side}.${type}` })),
  });
  return {
    [`${name}.receive`]: {
      action: "receive",
      title: "What a client sends",
      ...on("client", Object.keys(clientFrames)),
    },
    [`${name}.send`]: { action: "send", title: "What a client hears", ...on("server", serverFrameNames(name)) },
  };
}

function messages(side: string, examples: Record<string, Example<unknown>>): Json {
  return Object.fromEntries(
    Object.entries(examples).map(([type, { summary, frame }]) => [
      `${side}.${type}`,
      {
        name: type,
        title: type,
        description: summary,
        payload: { $ref: `#/components/schemas/${side}.${type}` },
        examples: [{ payload: frame }],
      },
    ]),
  );
}

/** Each schema once, under its name; where one holds another it refers to it. */
function schemas(): Json {
  const named = z.registry<{ id: string }>();
  const shared = { id, epoch, sequence, time, ref, user, media, message, mine, conversation };
  for (const [name, schema] of Object.entries(shared)) named.add(schema, { id: name });
  for (const [type, schema] of Object.entries(clientFrames)) named.add(schema, { id: `client.${type}` });
  for (const [type, schema] of Object.entries(serverFrames)) named.add(schema, { id: `server.${type}` });
  const made = z.toJSONSchema(named, {
    target: "draft-7",
    // What is sent, both ways: fields that are not known are allowed.
    io: "input",
    uri: (name) => `#/components/schemas/${name}`,
    override: ({ jsonSchema }) => plain(jsonSchema),
  });
  return Object.fromEntries(
    Object.entries(made.schemas).map(([name, { $schema: _dialect, $id: _address, ...schema }]) => [name, flat(schema)]),
  );
}

/** A reference alone, where a list of one was made of it. */
function flat(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(flat);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  const [key, list] = entries[0] ?? [];
  if (entries.length === 1 && key === "allOf" && Array.isArray(list) && list.length === 1) return list[0];
  return Object.fromEntries(entries.map(([name, entry]) => [name, flat(entry)]));
}

/** Without what repeats: patterns that say what the format says, bounds of what a number can be at all. */
function plain(schema: Json): void {
  if (schema.format === "uuid" || schema.format === "date-time") delete schema.pattern;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
}
