/** A conversation in SMTP (RFC 5321): a command, then what the server says to it. */
import { on } from "node:events";
import type { Socket } from "node:net";
import { isIP } from "node:net";

/** A reply that is not the one hoped for. */
export class Refusal extends Error {
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

/** Characters: a reply is a few lines. */
const longest = 65_536;

/** What is said on one connection, and what the server answers. */
export class Talk {
  readonly #socket: Socket;
  readonly #heard: AsyncIterator<unknown[]>;
  #rest = "";

  constructor(socket: Socket, signal: AbortSignal) {
    this.#socket = socket;
    this.#heard = on(socket, "data", { signal, close: ["end", "close"] });
  }

  /** By its address, since a pod has no name that others know (RFC 5321, 4.1.3). */
  greet(): Promise<void> {
    const { localAddress = "" } = this.#socket;
    return this.ask(
      `EHLO [${isIP(localAddress) === 6 ? "IPv6:" : ""}${localAddress}]`,
      "the greeting",
      "250",
    );
  }

  /**
   * @param what the server is asked for, its name in messages
   * @param expected how the code of its reply begins
   * @throws Refusal where it begins otherwise
   */
  ask(command: string, what: string, expected: string, shown?: { readonly onlyCode: true }): Promise<void> {
    if (/[\r\n]/.test(command)) throw new Error(`${what}: a command is one line`);
    this.say(command);
    return this.hear(what, expected, shown);
  }

  say(text: string): void {
    this.#socket.write(`${text}\r\n`);
  }

  async hear(what: string, expected: string, shown?: { readonly onlyCode: true }): Promise<void> {
    const { code, text } = await this.#reply();
    if (code.startsWith(expected)) return;
    throw new Refusal(`${what} is refused: ${shown === undefined ? text : code}`, code);
  }

  forget(): void {
    void this.#heard.return?.();
  }

  async #reply(): Promise<{ readonly code: string; readonly text: string }> {
    for (;;) {
      const [text, code] = /^(?:[0-9]{3}-[^\n]*\n)*([0-9]{3})(?: [^\n]*)?\n/.exec(this.#rest) ?? [];
      if (text === undefined || code === undefined) await this.#more();
      else {
        this.#rest = this.#rest.slice(text.length);
        return { code, text: text.trimEnd() };
      }
    }
  }

  async #more(): Promise<void> {
    const next = await this.#heard.next();
    if (next.done === true) throw new Error("the server has hung up");
    this.#rest += String(next.value[0]);
    if (this.#rest.length > longest) throw new Error("the server does not speak SMTP");
  }
}
