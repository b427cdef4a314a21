/** How Argo expands one tag of a manifest, as far as our manifests have tags (argo-workflows `util/template`). */

/** @param values of the variables; undefined for one that is not known yet, whose tag stays */
export function expand(text: string, values: (name: string) => string | undefined): string {
  return text.replaceAll(/\{\{(=?)(.*?)\}\}/g, (tag, equals: string, inner: string) =>
    equals === "" ? (values(inner.trim()) ?? tag) : (evaluate(inner, values) ?? tag),
  );
}

/** The one kind of expression that we write: a value if it has a form, else another text. */
function evaluate(expression: string, values: (name: string) => string | undefined): string | undefined {
  const parts = /^(\S+) matches '(.*)' \? (\S+) : '(.*)'$/.exec(expression);
  if (parts === null) return undefined;
  const [, name = "", form = "", chosen = "", otherwise = ""] = parts;
  const value = values(name);
  if (value === undefined) return undefined;
  return new RegExp(form).test(value) ? values(chosen) : otherwise;
}
