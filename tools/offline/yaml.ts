/**
 * Writes inputs as YAML without losing anything. Tags express what YAML cannot:
 *
 *     !secret  Pulumi keeps it encrypted
 *     !json    a JSON string, shown as its value; only below a secret
 *     !base64  a base64 string, decoded; only below a secret
 *     !file    the contents of that file, which need not be read twice
 */
import * as pulumi from "@pulumi/pulumi";
import type { Node } from "yaml";
import { Document, Pair, YAMLMap, YAMLSeq } from "yaml";
import { holdsPlaceholder } from "./placeholders.ts";

/** Files by their text. An input that is the whole text of a file is shown as the file's path. */
export type KnownFiles = ReadonlyMap<string, string>;

/** @param comment lines to put before it */
export function yaml(content: unknown, comment = "", files: KnownFiles = new Map()): string {
  // kubectl and Argo read YAML 1.1, in which `off` is not a string.
  const document = new Document(undefined, { compat: "yaml-1.1" });
  document.contents = node(tagged(content, { files, secret: false }), document);
  if (comment !== "") document.commentBefore = comment.replace(/^/gm, " ");
  // A blank line would separate the comment from its content.
  return document.toString({ lineWidth: 0 }).replace(/^((?:#.*\n)*)\n/, "$1");
}

class Tagged {
  readonly tag: string;
  readonly value: unknown;

  constructor(tag: string, value: unknown) {
    this.tag = tag;
    this.value = value;
  }
}

interface Context {
  readonly files: KnownFiles;
  /** Below a secret. */
  readonly secret: boolean;
}

function tagged(value: unknown, context: Context): unknown {
  if (typeof value === "string") return taggedText(value, context);
  if (Array.isArray(value)) return value.map((one) => tagged(one, context));
  if (typeof value !== "object" || value === null) return value;
  if (pulumi.runtime.isRpcSecret(value)) {
    return new Tagged("secret", tagged(pulumi.runtime.unwrapRpcSecret(value), { ...context, secret: true }));
  }
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, tagged(child, context)]));
}

function taggedText(text: string, context: Context): unknown {
  const file = context.files.get(text);
  if (file !== undefined) return new Tagged("file", file);
  if (!context.secret) return text;
  const json = parsed(text);
  if (json !== undefined) return new Tagged("json", tagged(json, context));
  const decoded = Buffer.from(text, "base64").toString();
  const isReadable = holdsPlaceholder(decoded) && Buffer.from(decoded).toString("base64") === text;
  return isReadable ? new Tagged("base64", decoded) : text;
}

/** The object of a JSON text, if it serializes to exactly the same text. */
function parsed(text: string): object | undefined {
  if (!text.startsWith("{")) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    const isExact = typeof value === "object" && value !== null && JSON.stringify(value) === text;
    return isExact ? value : undefined;
  } catch {
    return undefined;
  }
}

function node(value: unknown, document: Document): Node {
  if (value instanceof Tagged) return withTag(value, document);
  if (Array.isArray(value)) {
    const list = new YAMLSeq();
    list.items = value.map((one) => node(one, document));
    return list;
  }
  if (typeof value !== "object" || value === null) return document.createNode(value);
  const map = new YAMLMap();
  map.items = Object.entries(value).map(
    ([key, child]) => new Pair(document.createNode(key), node(child, document)),
  );
  return map;
}

/** A node has one tag, so two become one. */
function withTag({ tag, value }: Tagged, document: Document): Node {
  if (value instanceof Tagged) return withTag(new Tagged(`${tag}-${value.tag}`, value.value), document);
  const one = node(value, document);
  one.tag = `!${tag}`;
  return one;
}
