/** What it costs the others that one of them acknowledges a hundred messages in a second. */
import { setTimeout as wait } from "node:timers/promises";
import { type Bench, counted } from "./counting.ts";
import type { Count } from "./counts.ts";
import { call, group, roomSocket, userSocket } from "./people.ts";
import { Socket } from "./socket.ts";

const members = 10; // half of the others on the conversation's socket, half on their own
const acks = 100;
const restMs = 10;
const quietMs = 1_500; // after it all was told, and drained

export async function receipts(bench: Bench): Promise<Count[]> {
  const room = await group(bench, members);
  const [speaker, reader, ...others] = room.people;
  if (!reader) throw new Error("Nobody reads");
  const acting = await Socket.open(roomSocket(bench, room, reader));
  const openings = others.map((who, at) => (at % 2 === 0 ? roomSocket(bench, room, who) : userSocket(bench, who)));
  const sockets = await Promise.all(openings.map(Socket.open));
  for (let said = 0; said < acks; said++) {
    await call(bench, speaker, "POST", `/conversations/${room.id}/messages`, { content: "Good morning" });
  }
  await wait(quietMs);
  const heard = sockets.map((socket) => listen(socket));
  await counted(bench);
  for (let sequence = 1; sequence <= acks; sequence++) {
    acting.send(JSON.stringify({ type: "ack", sequence }));
    await wait(restMs);
  }
  await wait(quietMs);
  const { deliver } = await counted(bench);
  for (const socket of [acting, ...sockets]) socket.end();
  const what = `${acks} acks in a second of one of ${members} members`;
  return [
    {
      what: `receipts each of the others hears: ${what}`,
      value: [...new Set(heard.map((count) => count()))].join(),
    },
    {
      what: `object calls: the same, ${Math.floor(others.length / 2)} of the others on user sockets`,
      value: `${deliver}`,
    },
  ];
}

/** @returns how many receipts it has heard since */
function listen(socket: Socket): () => number {
  let count = 0;
  socket.read = (buffer, start, end) => {
    if (buffer.subarray(start, end).includes('"message_delivered"')) count += 1;
  };
  return () => count;
}
