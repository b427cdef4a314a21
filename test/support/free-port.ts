/** Ports of this machine that nothing listens on. */
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";

/** A port on loopback, chosen by the system. It is free again when it is returned. */
export function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer().on("error", fail);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => done(port));
    });
  });
}
