/** Checks whether GitHub and browsers can reach the stack: DNS name, certificate, and the server that answers. */
import { pageAddress } from "../../components/derived-names.ts";
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { Answer, Certificate } from "./exchange.ts";
import type { Check, Examined, Finding } from "./finding.ts";
import { bad, good, unchecked, warn } from "./finding.ts";

interface Way {
  /** Of the key in the stack file. */
  readonly path: string;
  readonly url: string;
  /** A webhook needs a certificate that GitHub trusts; a page may have another one. */
  readonly kind: "webhook" | "page";
}

/** In days: a certificate that expires sooner is reported. It is usually renewed 30 days before. */
const renewal = 14;

export const endpoints: Check = async (examined) => {
  const all = ways(examined);
  const found = await Promise.all(all.map((way) => examine(examined, way)));
  return found.flat();
};

function ways({ settings: { projects, argocd, workflows } }: Examined): Way[] {
  const webhooks = projects
    .filter(({ repositories }) => repositories.length > 0)
    .map(({ name, webhook }): Way => {
      return { path: `projects.${name}.webhook.url`, url: webhook.url, kind: "webhook" };
    });
  return [...webhooks, ...page("argocd.host", argocd), ...page("workflows.host", workflows)];
}

/** Behind an Ingress, or on a port of the nodes. */
function page(path: string, { host, nodePort, ingress }: Examined["settings"]["argocd"]): Way[] {
  if (host === undefined || (ingress === undefined && nodePort === undefined)) return [];
  return [{ path, url: `${pageAddress(host, nodePort)}/`, kind: "page" }];
}

async function examine(examined: Examined, way: Way): Promise<Finding[]> {
  const { hostname, host } = new URL(way.url);
  if (isIP(hostname) === 0 && !(await resolves(hostname)))
    return [bad(way.path, `the name ${hostname} does not resolve`, "add it to the DNS")];
  const answer = await examined.ask({
    method: way.kind === "webhook" ? "POST" : "GET",
    url: way.url,
    // Without a signature, so that it starts nothing.
    ...(way.kind === "webhook"
      ? { headers: { "content-type": "application/json", "x-github-event": "push" }, body: "{}" }
      : {}),
    anyCertificate: true,
  });
  if (answer.code === 0) return [silent(way, host, answer.reason)];
  return [...certificateFindings(examined, way, answer.certificate), answerFinding(way, answer)];
}

/** Not left to Node's requests, whose errors do not tell an unknown name from a DNS server that does not answer. */
async function resolves(name: string): Promise<boolean> {
  try {
    await lookup(name);
    return true;
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "ENOTFOUND");
  }
}

function silent({ path, kind }: Way, host: string, reason: string): Finding {
  const fix =
    kind === "page"
      ? "run the doctor from its users' network"
      : "run the doctor from the Internet, as GitHub connects: some networks cannot reach their own public address";
  return unchecked(path, `${host} does not answer from here (${reason})`, fix);
}

function certificateFindings(
  { now }: Examined,
  { path, kind, url }: Way,
  certificate: Certificate | undefined,
): Finding[] {
  const { host } = new URL(url);
  if (certificate === undefined) return [];
  const { untrusted, until } = certificate;
  const days = Math.floor((until.getTime() - now().getTime()) / 86_400_000);
  const left = days < 0 ? `expired ${(-days).toString()} days ago` : `is valid for ${days.toString()} days`;
  const what = `the certificate of ${host}`;
  if (untrusted !== "") {
    const message = `${what} is not trusted (${untrusted}), and ${left}`;
    if (kind === "page") return [warn(path, message, "use one that browsers trust")];
    return [bad(path, message, "set webhooks.ingress.tlsSecret to one that GitHub trusts")];
  }
  return days < renewal ? [warn(path, `${what} ${left}`, "renew it")] : [good(path, `${what} ${left}`)];
}

function answerFinding(way: Way, answer: Answer): Finding {
  return way.kind === "webhook" ? webhookFinding(way, answer) : pageFinding(way, answer);
}

function webhookFinding({ path, url }: Way, { code }: Answer): Finding {
  const answered = `${url} answers an unsigned delivery with ${code.toString()}`;
  if ([400, 401, 403].includes(code)) return good(path, `${answered}, as it should`);
  if (code < 300) return bad(path, `${answered}: this server does not check signatures`, pointName);
  if (code < 400)
    return bad(
      path,
      `${answered}, and GitHub does not follow redirects`,
      "set the address that it redirects to",
    );
  if (code === 404) return bad(path, `${answered}: nothing serves this path`, pointName);
  const behind = "see the EventSource's pods, which serve it";
  return code >= 500 ? bad(path, answered, behind) : bad(path, answered, pointName);
}

const pointName = "point the name to the cluster's ingress controller";

function pageFinding({ path, url }: Way, { code }: Answer): Finding {
  const answered = `${url} answers with ${code.toString()}`;
  if (code < 400 || code === 401 || code === 403) return good(path, answered);
  return bad(path, answered, "see its pods, and where the name points");
}
