/** How Argo expands one tag of a manifest, as far as our manifests have tags (argo-workflows `util/template`). */

/** @param values of the variables; undefined for one that is not known yet, whose tag stays */
export function expand(text: string, values: Values): string {
  return text.replaceAll(/\{\{(=?)(.*?)\}\}/g, (tag, equals: string, inner: string) =>
    equals === "" ? (values(inner.trim()) ?? tag) : (evaluate(inner, values) ?? tag),
  );
}

type Values = (name: string) => string | undefined;

/**
 * The kinds of expression that we write: whether a value has a form or is one of a few, or by that, one of two texts.
 */
function evaluate(expression: string, values: Values): string | undefined {
  const [, name = "", form = "", chosen, otherwise = ""] =
    /^(\S+) matches '(.*?)'(?: \? (.+?) : '(.*)')?$/.exec(expression) ?? listed.exec(expression) ?? [];
  const value = values(name);
  if (value === undefined) return undefined;
  const isMet = form.startsWith("[") ? texts(form).includes(value) : new RegExp(form).test(value);
  if (chosen === undefined) return String(isMet);
  return isMet ? sum(chosen, values) : otherwise;
}

const listed = /^(\S+) in (\[.*?\])(?: \? (.+?) : '(.*)')?$/;

function texts(list: string): string[] {
  return [...list.matchAll(/'([^']*)'/g)].map(([, text = ""]) => text);
}

/** Texts, values, and parts of values, one after the other. */
function sum(expression: string, values: Values): string | undefined {
  const all = expression.split(" + ").map((one) => {
    const [, name = "", part = ""] = /^split\((\S+), '\/'\)\[(\d)\]$/.exec(one) ?? [];
    if (name !== "") return values(name)?.split("/")[Number(part)];
    return one.startsWith("'") ? texts(one)[0] : values(one);
  });
  return all.every((one) => one !== undefined) ? all.join("") : undefined;
}
