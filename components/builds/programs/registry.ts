/**
 * Reads images from a registry, with its login if it requires one.
 *
 * REGISTRY       the registry's host
 * INSECURE       true if the registry uses plain HTTP
 * DOCKER_CONFIG  folder with config.json, which has the login; the file may be missing
 */
import type { Variables } from "./environment.ts";
import type { Answer, Request } from "./http.ts";
import { askTwice, requireOk } from "./http.ts";
import { listAt, parseJson, textAt } from "./json.ts";
import { RegistryAccess, timeLimit } from "./registry-access.ts";

export const registryVariables = ["REGISTRY", "INSECURE", "DOCKER_CONFIG"] as const;
type Env = Variables<(typeof registryVariables)[number]>;

const manifestTypes = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

export class Registry {
  readonly #access: RegistryAccess;

  constructor({ REGISTRY: host, INSECURE: insecure, DOCKER_CONFIG: configFolder }: Env) {
    this.#access = new RegistryAccess({ host, insecure: insecure === "true", configFolder });
  }

  /**
   * The digest of a tag; undefined if there is no such image. Docker Hub does not count this request as a pull.
   *
   * @throws Error with the reason if the registry does not answer, or answers without a digest
   */
  async digest(path: string, tag: string): Promise<string | undefined> {
    const answer = await this.#ask("HEAD", path, `manifests/${tag}`);
    if (answer.code === 404) return undefined;
    const digest = requireFound(answer).headers["docker-content-digest"];
    if (digest === undefined) throw new Error(`the registry answers without the digest of ${path}:${tag}`);
    return String(digest);
  }

  /** The commit in the image's label `revision`; empty if there is no image or no label. */
  async revision(path: string, tag: string): Promise<string> {
    const tagged = await this.#manifest(path, tag);
    const [first] = listAt(tagged, "manifests");
    const manifest = first === undefined ? tagged : await this.#manifest(path, textAt(first, "digest"));
    const config = textAt(manifest, "config", "digest");
    if (config === "") return "";
    const blob = await this.#ask("GET", path, `blobs/${config}`);
    const image = parseJson(requireFound(await followed(blob, this.#access.api)).text);
    return textAt(image, "config", "Labels", "org.opencontainers.image.revision");
  }

  async #manifest(path: string, reference: string): Promise<unknown> {
    const answer = await this.#ask("GET", path, `manifests/${reference}`);
    return answer.code === 404 ? undefined : parseJson(requireFound(answer).text);
  }

  /** The first request is answered with how to authenticate, and is then sent again. */
  async #ask(method: Request["method"], path: string, what: string): Promise<Answer> {
    const url = `${this.#access.api}/v2/${path}/${what}`;
    const ask = async () => {
      const auth = await this.#access.authorization([`repository:${path}:pull`]);
      const headers = { accept: manifestTypes, ...auth };
      return { auth, answer: await askTwice({ method, url, headers, seconds: timeLimit }) };
    };
    const { auth, answer } = await ask();
    return this.#access.learn(auth, answer.code, answer.headers) ? (await ask()).answer : answer;
  }
}

/** Blobs are often stored on another server, which must not get the registry's login. */
async function followed(answer: Answer, api: string): Promise<Answer> {
  const { location } = answer.headers;
  if (answer.code < 300 || answer.code >= 400 || location === undefined) return answer;
  return askTwice({ method: "GET", url: new URL(location, api).href, headers: {}, seconds: timeLimit });
}

function requireFound(answer: Answer): Answer {
  return requireOk(answer, "registry");
}
