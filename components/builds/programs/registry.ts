/**
 * Asks a registry for images, with its login where it wants one.
 *
 * REGISTRY       the registry's host
 * INSECURE       true for a registry that speaks plain HTTP
 * DOCKER_CONFIG  folder with config.json, which has the login; there may be none
 */
import type { Variables } from "./environment.ts";
import type { Answer, Request } from "./http.ts";
import { askTwice, demanded } from "./http.ts";
import { listAt, parseJson, textAt } from "./json.ts";
import { RegistryAccess, timeLimit } from "./registry-access.ts";

export const registryVariables = ["REGISTRY", "INSECURE", "DOCKER_CONFIG"] as const;
type Given = Variables<(typeof registryVariables)[number]>;

const manifestTypes = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

export class Registry {
  readonly #access: RegistryAccess;

  constructor({ REGISTRY: host, INSECURE: insecure, DOCKER_CONFIG: configFolder }: Given) {
    this.#access = new RegistryAccess({ host, insecure: insecure === "true", configFolder });
  }

  /**
   * The digest under a tag; undefined where there is no such image. Docker Hub counts no such request as a pull.
   *
   * @throws Error that says why the registry did not answer
   */
  async digest(path: string, tag: string): Promise<string | undefined> {
    const answer = await this.#ask("HEAD", path, `manifests/${tag}`);
    if (answer.code === 404) return undefined;
    return String(found(answer).headers["docker-content-digest"] ?? "");
  }

  /** The commit that the image under a tag says it is of; empty where there is none, or where it says none. */
  async revision(path: string, tag: string): Promise<string> {
    const manifest = await this.#manifest(path, tag);
    const [first] = listAt(manifest, "manifests");
    const one = first === undefined ? manifest : await this.#manifest(path, textAt(first, "digest"));
    const config = textAt(one, "config", "digest");
    if (config === "") return "";
    const blob = await this.#ask("GET", path, `blobs/${config}`);
    const image = parseJson(found(await followed(blob, this.#access.api)).text);
    return textAt(image, "config", "Labels", "org.opencontainers.image.revision");
  }

  async #manifest(path: string, reference: string): Promise<unknown> {
    const answer = await this.#ask("GET", path, `manifests/${reference}`);
    return answer.code === 404 ? undefined : parseJson(found(answer).text);
  }

  /** The first time, the registry says what it wants. */
  async #ask(method: Request["method"], path: string, what: string): Promise<Answer> {
    const url = `${this.#access.api}/v2/${path}/${what}`;
    const ask = async () => {
      const who = await this.#access.authorization([`repository:${path}:pull`]);
      const headers = { accept: manifestTypes, ...who };
      return { who, answer: await askTwice({ method, url, headers, seconds: timeLimit }) };
    };
    const { who, answer } = await ask();
    return this.#access.learn(who, answer.code, answer.headers) ? (await ask()).answer : answer;
  }
}

/** Blobs are often kept elsewhere, where the registry's login is nobody's business. */
async function followed(answer: Answer, api: string): Promise<Answer> {
  const { location } = answer.headers;
  if (answer.code < 300 || answer.code >= 400 || location === undefined) return answer;
  return askTwice({ method: "GET", url: new URL(location, api).href, headers: {}, seconds: timeLimit });
}

function found(answer: Answer): Answer {
  return demanded(answer, "registry");
}
