/**
 * A mail server that misbehaves as it is asked to, in Node, for `test/services/mail.test.ts`. What it does is named by the
 * first label of the domain that greets it (`EHLO closes.<id>.test`); what it heard is told at `GET /<domain>`.
 */
import { createServer as createHttp } from "node:http";
import { type AddressInfo, createServer, type Socket } from "node:net";
import type { TestProject } from "vitest/node";

type Replies = Record<string, (socket: Socket, tries: number) => void>;

const say = (text: string) => (socket: Socket) => void socket.write(`${text}\r\n`);

const usual: Replies = {
  EHLO: say("250-fine\r\n250 8BITMIME"),
  MAIL: say("250 fine"),
  RCPT: say("250 fine"),
  DATA: say("354 go on"),
  ".": say("250 kept"),
  QUIT: (socket) => void socket.end("221 bye\r\n"),
};

const manners: Record<string, Replies> = {
  fine: usual,
  closes: { ...usual, MAIL: (socket) => void socket.end() },
  silent: { ...usual, MAIL: () => undefined },
  babbles: { ...usual, MAIL: say("what?\r\n250") },
  endless: { ...usual, MAIL: (socket) => void socket.write("x".repeat(200_000)) },
  nobody: { ...usual, RCPT: say("550 no such user") },
  busy: { ...usual, MAIL: (socket, tries) => say(tries === 1 ? "451 try later" : "250 fine")(socket) },
  refuses: { ...usual, MAIL: say("554 go away") },
  clear: { ...usual, STARTTLS: say("502 not here") },
  injects: { ...usual, STARTTLS: say("220 go\r\n250-injected\r\n250 AUTH PLAIN") },
  plain: { ...usual, EHLO: say("250-fine\r\n250 AUTH LOGIN PLAIN"), AUTH: say("235 fine") },
  login: {
    ...usual,
    EHLO: say("250-fine\r\n250 AUTH=LOGIN"),
    AUTH: say("334 VXNlcm5hbWU6"),
    "bWU=": say("334 UGFzc3dvcmQ6"),
    "c8OpY3JldA==": say("235 fine"),
  },
  slowly: {
    ...usual,
    EHLO: (socket) => {
      const bytes = [..."250-one\r\n250-two\r\n250 three\r\n"];
      const next = () => {
        const byte = bytes.shift();
        if (byte !== undefined) socket.write(byte, () => setImmediate(next));
      };
      next();
    },
  },
};

export async function setup(project: TestProject) {
  const heard = new Map<string, string[]>();
  const tries = new Map<string, number>();

  const smtp = createServer((socket) => {
    let domain = "";
    let isData = false;
    let buffered = "";
    const hear = (line: string) => {
      if (line.startsWith("EHLO ")) {
        domain = line.slice(5);
        tries.set(domain, (tries.get(domain) ?? 0) + 1);
      }
      heard.set(domain, [...(heard.get(domain) ?? []), line]);
      if (isData && line !== ".") return;
      const replies = manners[domain.split(".")[0] ?? ""] ?? usual;
      isData = line === "DATA";
      const reply = replies[line] ?? replies[line.split(/[ :]/)[0] ?? ""] ?? say("502 what?");
      reply(socket, tries.get(domain) ?? 1);
    };
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      const lines = (buffered + chunk.toString("utf8")).split("\r\n");
      buffered = lines.pop() ?? "";
      for (const line of lines) hear(line);
    });
    socket.write("220-hello\r\n220 there\r\n");
  });

  const http = createHttp((request, response) => {
    response.end(JSON.stringify(heard.get(request.url?.slice(1) ?? "") ?? []));
  });
  const ports = await Promise.all(
    [smtp, http].map(
      (server) =>
        new Promise<number>((resolve) => {
          server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
        }),
    ),
  );
  project.provide("smtp", { port: ports[0] ?? 0, heard: `http://127.0.0.1:${ports[1]}` });
  return () => {
    smtp.close();
    http.close();
    http.closeAllConnections();
  };
}
