/** docs/rights.md: what each account of a stack may do, which pods use it, and which containers use which Secrets. */
import type { Limit, Right } from "../declared/accounts.ts";
import { limitsOf, operationsOf, rightsOf } from "../declared/accounts.ts";
import type { DeclaredObject } from "../declared/objects.ts";
import type { Pod } from "../declared/pods.ts";
import { podsOf } from "../declared/pods.ts";
import { secretsOf } from "../declared/secrets.ts";
import { accountOfPod, containersWithToken, declaredAccounts, podsWithAccount } from "../declared/tokens.ts";

const head = `# Rights

<!-- Generated from what the stacks declare by \`npm run docs\`. -->

What the accounts of each stack may do, and which containers use which Secrets. A chart's account is listed if the stack
grants it rights in place of the chart's, without the rights that the chart grants in its own namespace; only the chart's
programs have its token. A container that does not see its account's token cannot use the account's rights. The containers
that Argo adds to each pod of a Workflow always see it.
`;

/** @param stacks the objects of each stack, by its name */
export function rightsPage(stacks: ReadonlyMap<string, readonly DeclaredObject[]>): string {
  return [head, ...[...stacks].map(([name, objects]) => section(name, objects))].join("\n");
}

function section(stack: string, objects: readonly DeclaredObject[]): string {
  return [
    `## ${stack}\n`,
    table(["account", "rights", "limits", "pods", "containers that see the token"], accounts(objects)),
    everybody(objects),
    table(["Secret", "keys", "containers"], secrets(objects)),
  ].join("\n");
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;
  return [line(heads), line(heads.map(() => "---")), ...rows.map(line)].join("");
}

function accounts(objects: readonly DeclaredObject[]): string[][] {
  const known = declaredAccounts(objects);
  const rights = rightsOf(objects);
  const limits = limitsOf(objects);
  const all = new Set([...known.keys(), ...rights.map(({ account }) => account)]);
  return [...all].sort().map((account) => {
    const own = rights.filter((one) => one.account === account);
    const pods = podsWithAccount(objects).filter((pod) => accountOfPod(pod) === account);
    const withToken = pods.flatMap((pod) =>
      containersWithToken(pod, known.get(account)).map((name) => place(pod, name)),
    );
    return [
      `\`${account}\``,
      joined(own.map(describe)),
      joined(limits.filter((one) => isLimitOf(one, account, own)).map(describeLimit)),
      joined(grouped(pods.map((pod) => place(pod)))),
      joined(grouped(withToken)),
    ];
  });
}

/** The limits for all accounts, including those of charts. */
function everybody(objects: readonly DeclaredObject[]): string {
  const all = limitsOf(objects).filter((limit) => limit.everybody);
  return all
    .map((limit) => `For all accounts that write ${limit.resources.join(", ")}: ${describeLimit(limit)}.\n`)
    .join("\n");
}

function describe({ namespace, verbs, resources, resourceNames }: Right): string {
  const of = resourceNames.length === 0 ? "" : ` ${resourceNames.map((one) => `\`${one}\``).join(", ")}`;
  const [does, kinds] = [verbs.includes("*") ? "do everything with" : verbs.join(", "), resources.join(", ")];
  return `${namespace === "" ? "everywhere" : `in \`${namespace}\``}: ${does} ${kinds === "*" ? "all kinds" : kinds}${of}`;
}

/** Whether it limits a right that the account has. */
function isLimitOf(limit: Limit, account: string, rights: readonly Right[]): boolean {
  return (
    limit.limits(account) &&
    rights.some(
      ({ resources, verbs }) =>
        resources.some((one) => limit.resources.includes(one)) &&
        operationsOf(verbs).some((one) => limit.operations.includes(one)),
    )
  );
}

function describeLimit({ name, messages }: Limit): string {
  return `${messages.join("; ")} (\`${name}\`)`;
}

/** Keys that the same containers use share a row. */
function secrets(objects: readonly DeclaredObject[]): string[][] {
  const uses = objects.flatMap((object) =>
    podsOf(object).flatMap((pod) =>
      secretsOf(pod).map(({ container, name, key }) => ({
        secret: `\`${object.namespace}/${name}\``,
        key: key === undefined ? "all" : `\`${key}\``,
        at: place(pod, container),
      })),
    ),
  );
  const single = [...groups(uses, ({ secret, key }) => `${secret} ${key}`)].map(([, all]) => ({
    secret: all[0]?.secret ?? "",
    key: all[0]?.key ?? "",
    containers: joined(grouped(all.map(({ at }) => at))),
  }));
  return [...groups(single, ({ secret, containers }) => `${secret} ${containers}`)]
    .sort(byKey)
    .map(([, all]) => [all[0]?.secret ?? "", all.map(({ key }) => key).join(", "), all[0]?.containers ?? ""]);
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

function groups<One>(all: readonly One[], key: (one: One) => string): Map<string, One[]> {
  const found = new Map<string, One[]>();
  for (const one of all) found.set(key(one), [...(found.get(key(one)) ?? []), one]);
  return found;
}

interface Place {
  /** The template and the container. */
  readonly inside: string;
  readonly object: string;
}

function place({ at, object }: Pod, container = ""): Place {
  const template = at.replace(/^template ?/, "");
  return {
    inside: [template, container].filter((one) => one !== "").join("/"),
    object: `${object.kind} \`${object.name}\``,
  };
}

/** Repositories are built alike, so more objects than these are counted, not listed. */
const maxListed = 3;

function grouped(places: readonly Place[]): string[] {
  const inObjects = [...groups(places, ({ inside }) => inside)].map(([inside, all]) => {
    const objects = [...new Set(all.map(({ object }) => object))].sort();
    const kind = objects[0]?.split(" ")[0] ?? "";
    const of = objects.length > maxListed ? `${objects.length.toString()} ${kind}s` : objects.join(", ");
    return { inside, of };
  });
  return [...groups(inObjects, ({ of }) => of)].map(([of, all]) => {
    const insides = all.map(({ inside }) => inside).filter((one) => one !== "");
    return insides.length === 0 ? of : `${insides.map((one) => `\`${one}\``).join(", ")} of ${of}`;
  });
}

function joined(lines: readonly string[]): string {
  return lines.length === 0 ? "none" : lines.join("<br>");
}
