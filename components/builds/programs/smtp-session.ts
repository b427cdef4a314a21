/** Commands and replies of SMTP (RFC 5321). */
import { on } from "node:events";
import type { Socket } from "node:net";
import { isIP } from "node:net";

/** A reply with an unexpected code. */
export class SmtpRefusal extends Error {
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

/** In characters: a reply is a few lines. */
const maxReply = 65_536;

export class Session {
  readonly #socket: Socket;
  readonly #data: AsyncIterator<unknown[]>;
  #buffer = "";

  constructor(socket: Socket, signal: AbortSignal) {
    this.#socket = socket;
    this.#data = on(socket, "data", { signal, close: ["end", "close"] });
  }

  /** Sends the pod's address, since a pod has no public name (RFC 5321, 4.1.3). */
  greet(): Promise<void> {
    const { localAddress = "" } = this.#socket;
    return this.command(
      `EHLO [${isIP(localAddress) === 6 ? "IPv6:" : ""}${localAddress}]`,
      "the greeting",
      "250",
    );
  }

  /**
   * @param what the name of the command in errors
   * @param expected the start of the expected reply code
   * @throws SmtpRefusal if the reply has another code
   */
  command(text: string, what: string, expected: string, shown?: { readonly onlyCode: true }): Promise<void> {
    if (/[\r\n]/.test(text)) throw new Error(`${what}: a command must be one line`);
    this.send(text);
    return this.expect(what, expected, shown);
  }

  send(text: string): void {
    this.#socket.write(`${text}\r\n`);
  }

  async expect(what: string, expected: string, shown?: { readonly onlyCode: true }): Promise<void> {
    const { code, text } = await this.#reply();
    if (code.startsWith(expected)) return;
    throw new SmtpRefusal(`${what} is refused: ${shown === undefined ? text : code}`, code);
  }

  stopReading(): void {
    void this.#data.return?.();
  }

  async #reply(): Promise<{ readonly code: string; readonly text: string }> {
    for (;;) {
      const [text, code] = /^(?:[0-9]{3}-[^\n]*\n)*([0-9]{3})(?: [^\n]*)?\n/.exec(this.#buffer) ?? [];
      if (text === undefined || code === undefined) await this.#more();
      else {
        this.#buffer = this.#buffer.slice(text.length);
        return { code, text: text.trimEnd() };
      }
    }
  }

  async #more(): Promise<void> {
    const next = await this.#data.next();
    if (next.done === true) throw new Error("the server closed the connection");
    this.#buffer += String(next.value[0]);
    if (this.#buffer.length > maxReply) throw new Error("the server does not speak SMTP");
  }
}
