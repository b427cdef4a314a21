/** Forwards a loopback port to another address, which may not exist yet. */
import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { connect, createServer } from "node:net";

export interface Forwarded {
  readonly url: string;
  readonly close: () => void;
}

/** @param target returns the URL of an HTTP server; called for each connection */
export async function forward(target: () => Promise<string>): Promise<Forwarded> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    connectTarget(socket, target).catch(() => socket.end(unavailable));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.close();
    for (const one of open) one.destroy();
  };
  return { url: `http://localhost:${port.toString()}`, close };
}

const unavailable = "HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n\r\nnot ready yet\n";

async function connectTarget(socket: Socket, target: () => Promise<string>): Promise<void> {
  // A client that disconnects is not an error of the target.
  socket.on("error", () => socket.destroy());
  const { hostname, port } = new URL(await target());
  const other = connect(Number(port), hostname);
  await once(other, "connect");
  other.on("error", () => socket.destroy());
  socket.on("close", () => other.destroy());
  socket.pipe(other).pipe(socket);
}
