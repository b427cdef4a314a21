/** Ports of this machine that nothing listens on. */
import { createServer } from "node:net";

/**
 * Below the ports that Linux gives to outgoing connections (`net.ipv4.ip_local_port_range`), which could take one
 * before its program listens, and below those of Services of type NodePort. Each process has a hundred of its own.
 */
const [first, processes, each] = [20_000, 100, 100];
const ownRange = (process.pid % processes) * each;
let offered = 0;

/** A port on which a program can listen, at every address. No process of the tests is offered it again. */
export async function freePort(): Promise<number> {
  while (offered < each) {
    const port = first + ownRange + offered++;
    if (await isFree(port)) return port;
  }
  throw new Error(`this process has asked for ${each.toString()} ports already`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const server = createServer().on("error", () => done(false));
    server.listen(port, () => server.close(() => done(true)));
  });
}
