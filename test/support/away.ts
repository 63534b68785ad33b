/** Stands before a backend, so that a test can take the backend away and bring it back. */
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

export interface Door {
  url: string;
  /** While true, every request is cut. */
  isDown: boolean;
  /** The port of the backend behind it. */
  target: number;
  close(): void;
}

export async function startDoor(target: number): Promise<Door> {
  const server = createServer((asked, answer) => {
    if (proxy.isDown) return void asked.socket.destroy();
    const { method, headers, url: path } = asked;
    const onward = request({ host: "127.0.0.1", port: proxy.target, method, headers, path }, (answered) => {
      answer.writeHead(answered.statusCode ?? 502, answered.headers);
      answered.pipe(answer);
    });
    onward.on("error", () => asked.socket.destroy());
    asked.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  const proxy: Door = { url: `http://127.0.0.1:${port}`, isDown: false, target, close };
  return proxy;
}
