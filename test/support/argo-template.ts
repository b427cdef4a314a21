/** Expands the tags of a manifest like Argo (argo-workflows `util/template`), for the kinds of tags that we write. */

/** @param values returns the value of a variable; undefined if it is not known yet, which leaves the tag */
export function expand(text: string, values: Values): string {
  return text.replaceAll(/\{\{(=?)(.*?)\}\}/g, (tag, equals: string, inner: string) =>
    equals === "" ? (values(inner.trim()) ?? tag) : (evaluate(inner, values) ?? tag),
  );
}

type Values = (name: string) => string | undefined;

/** Evaluates the kinds of expressions that we write: a condition, a text, or a choice of texts by conditions. */
function evaluate(expression: string, values: Values): string | undefined {
  const [condition = "", chosen, ...otherwise] = expression.split(/ \? | : /);
  if (chosen === undefined)
    return isWhole(condition) ? textOr(isMet(condition, values)) : sum(condition, values);
  const met = isMet(condition, values);
  if (met === undefined) return undefined;
  return met ? sum(chosen, values) : evaluate(otherwise.join(" ? "), values);
}

/** Whether the expression is a condition and not a text. */
function isWhole(expression: string): boolean {
  return / (matches|in|!=) /.test(expression);
}

function textOr(met: boolean | undefined): string | undefined {
  return met === undefined ? undefined : String(met);
}

/** Undefined if a value is not known yet. */
function isMet(condition: string, values: Values): boolean | undefined {
  const all = condition.split(" || ").map((one) => one.split(" && ").map((part) => isPartMet(part, values)));
  if (all.flat().includes(undefined)) return undefined;
  return all.some((parts) => parts.every((one) => one === true));
}

function isPartMet(part: string, values: Values): boolean | undefined {
  const [, name = "", operator = "", operand = ""] = /^(\S+) (matches|in|!=) (.*)$/.exec(part) ?? [];
  const value = values(name);
  if (value === undefined) return undefined;
  const [only = "", ...others] = texts(operand);
  if (operator === "matches") return new RegExp(only).test(value);
  return operator === "in" ? [only, ...others].includes(value) : value !== only;
}

function texts(list: string): string[] {
  return [...list.matchAll(/'([^']*)'/g)].map(([, text = ""]) => text);
}

/** Concatenates texts, values, and parts of values. */
function sum(expression: string, values: Values): string | undefined {
  const all = expression.split(" + ").map((one) => called(one, values));
  return all.every((one) => one !== undefined) ? all.join("") : undefined;
}

/** A text, a value, or the result of one of expr's functions (expr-lang `builtin`). */
function called(expression: string, values: Values): string | undefined {
  if (expression.startsWith("'")) return texts(expression)[0];
  const [, name = "", inner = "", rest = ""] =
    /^(\w+)\((.+?)(, '[^()]*'\)(?:\[\d\])?)$/.exec(expression) ?? [];
  if (name === "") return values(expression);
  const value = called(inner, values);
  const [first = "", second = ""] = texts(rest);
  if (name === "split") return value?.split(first)[Number(/\[(\d)\]$/.exec(rest)?.[1])];
  if (name === "replace") return value?.replaceAll(first, second);
  return name === "trimPrefix" && value?.startsWith(first) === true ? value.slice(first.length) : value;
}
