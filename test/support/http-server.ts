/** An HTTP server on this machine, which answers as a test defines. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface HttpServer {
  readonly url: string;
  /** The number of requests that have started, complete or not. */
  readonly begun: () => number;
  readonly close: () => void;
}

export type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

export async function startHttpServer(answer: Answer, address = "127.0.0.1"): Promise<HttpServer> {
  let begun = 0;
  const server = createServer((request, response) => {
    begun += 1;
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => answer(request, response, Buffer.concat(chunks).toString()));
  });
  await new Promise<void>((done, fail) => {
    server.on("error", fail);
    server.listen(0, address, () => done());
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${address}:${port.toString()}`,
    begun: () => begun,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Accepts every request and never answers. */
export function startHangingServer(): Promise<HttpServer> {
  return startHttpServer(() => undefined);
}
