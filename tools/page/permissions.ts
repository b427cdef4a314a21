/** Who may do what in the cluster, as far as the stack declares it. */
import type { Html } from "./elements.ts";
import { code, list, objectLink, section, table } from "./elements.ts";
import type { Rule } from "../declared/accounts.ts";
import type { Account, BoundRole } from "./grants.ts";
import { subjectName } from "./grants.ts";
import { h } from "preact";

export function permissions(accounts: readonly Account[]): Html {
  return section(
    "permissions",
    "Who may do what",
    h("p", null, "Every account that the stack declares or binds, without those that the charts create."),
    table(
      "Accounts and what they may do",
      [
        { title: "Account", cell: account },
        { title: "May", cell: ({ grants }) => (grants.length === 0 ? "nothing" : list(grants.map(grant))) },
        {
          title: "Limited by",
          cell: ({ policies }) =>
            policies.length === 0 ? "–" : list(policies.map(({ path, name }) => objectLink(path, name))),
        },
      ],
      accounts,
    ),
  );
}

function account({ subject, object }: Account): Html {
  const name = subjectName(subject);
  return [
    object === undefined ? code(name) : objectLink(object.path, name),
    " ",
    h("small", null, subject.kind),
  ];
}

function grant({ namespace, binding, role, rules }: BoundRole): Html {
  const where = namespace === undefined ? "in every namespace" : ["in ", code(namespace)];
  return [
    where,
    ", by ",
    objectLink((role ?? binding).path, binding.name),
    role === undefined ? ", a role that is declared elsewhere" : list(rules.map(rule)),
  ];
}

function rule({ apiGroups, resources, resourceNames, verbs }: Rule): Html {
  const group = apiGroups.filter((one) => one !== "").join(", ");
  const what = group === "" ? resources.join(", ") : `${resources.join(", ")}.${group}`;
  const names = resourceNames.length === 0 ? "" : ` (only ${resourceNames.join(", ")})`;
  return [verbs.join(", "), " ", code(what), names];
}
