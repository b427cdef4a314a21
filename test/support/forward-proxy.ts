/** A proxy like those of companies. Every name resolves to this machine, so that what arrives has passed through it. */
import { createServer, request as ask } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { connect } from "node:net";

export interface ForwardProxy {
  readonly url: string;
  /** The requests: host and port of a tunnel, or a whole address. */
  readonly asked: readonly string[];
  readonly close: () => void;
}

export async function startForwardProxy(): Promise<ForwardProxy> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const { url = "", method, headers } = request;
    asked.push(url);
    const { port, pathname, search } = new URL(url);
    const forwarded = ask({ host: "127.0.0.1", port, path: pathname + search, method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    forwarded.on("error", () => response.writeHead(502).end());
    request.pipe(forwarded);
  });
  server.on("connect", ({ url = "" }, socket: Socket, head: Buffer) => {
    asked.push(url);
    const target = connect(Number(url.split(":").at(-1)), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      target.write(head);
      target.pipe(socket).pipe(target);
    });
    for (const one of [socket, target])
      one.on("error", () => [socket, target].map((other) => other.destroy()));
  });
  await new Promise<void>((done) => void server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port.toString()}`,
    asked,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
