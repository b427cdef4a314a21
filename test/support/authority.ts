/** A private certificate authority, and servers with its certificates, made by openssl. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import { basename, join } from "node:path";
import { createServer } from "node:tls";

export interface Authority {
  /** Holds ca.crt as the kubelet mounts a ConfigMap: a link to a file in a folder that is itself a link. */
  readonly folder: string;
  readonly file: string;
  /** Creates a certificate for a host. @returns the files of it and of its key */
  readonly certificate: (host: string) => { readonly certificate: string; readonly key: string };
}

const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];

export function makeAuthority(folder: string): Authority {
  const data = join(folder, "..2026_03_01");
  mkdirSync(data, { recursive: true });
  const [key, certificate] = [`${folder}.key`, join(data, "ca.crt")];
  openssl("-subj", `/CN=${basename(folder)}`, "-keyout", key, "-out", certificate);
  symlinkSync("..2026_03_01", join(folder, "..data"));
  symlinkSync(join("..data", "ca.crt"), join(folder, "ca.crt"));
  const certificateFor = (host: string) => {
    const files = { certificate: `${folder}-${host}.crt`, key: `${folder}-${host}.key` };
    const name = `subjectAltName=${/^[0-9.]+$/.test(host) ? "IP" : "DNS"}:${host}`;
    const signed = ["-CA", certificate, "-CAkey", key, "-addext", "basicConstraints=critical,CA:FALSE"];
    openssl(
      "-subj",
      `/CN=${host}`,
      "-addext",
      name,
      ...signed,
      "-keyout",
      files.key,
      "-out",
      files.certificate,
    );
    return files;
  };
  return { folder, file: join(folder, "ca.crt"), certificate: certificateFor };
}

function openssl(...args: string[]): void {
  execFileSync("openssl", ["req", "-x509", ...newKey, ...args], { stdio: "pipe" });
}

export interface TlsFront {
  readonly port: number;
  readonly close: () => void;
}

/** Terminates TLS in front of a server of plain HTTP. */
export async function startTlsFront(
  { certificate, key }: { readonly certificate: string; readonly key: string },
  target: string,
): Promise<TlsFront> {
  const { hostname, port: plainPort } = new URL(target);
  const server = createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, (socket) => {
    const plain = connect(Number(plainPort), hostname);
    for (const one of [socket, plain]) one.on("error", () => [socket, plain].map((other) => other.destroy()));
    socket.pipe(plain).pipe(socket);
  });
  // A client that does not trust the certificate closes the connection.
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((done) => void server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return { port, close: () => void server.close() };
}
