/** The types of policies and their findings. */
import type { DeclaredObject } from "../declared/objects.ts";
import type { Container, Pod } from "../declared/pods.ts";
import { podsOf } from "../declared/pods.ts";

export interface Policy {
  /** Used in exceptions and messages. */
  readonly name: string;
  readonly why: string;
  readonly fix: string;
  /** Returns all violations in a stack, exceptions included. */
  readonly find: (objects: readonly DeclaredObject[]) => readonly Finding[];
}

export interface Finding {
  readonly object: DeclaredObject;
  /** What is wrong, and where in the object. */
  readonly found: string;
  /** The image of the container, if the finding is about one. */
  readonly image?: string;
}

/** Findings of one policy that are intended. */
export interface Exception {
  readonly policy: string;
  readonly what: string;
  readonly reason: string;
  readonly covers: (finding: Finding, objects: readonly DeclaredObject[]) => boolean;
}

/** @param wrong returns what is wrong with an object; empty if it keeps the policy */
export function ofObjects(
  kinds: readonly string[],
  wrong: (one: DeclaredObject) => readonly string[],
): Policy["find"] {
  return (objects) =>
    objects
      .filter(({ kind }) => kinds.includes(kind))
      .flatMap((object) => wrong(object).map((found) => ({ object, found })));
}

export function ofPods(wrong: (pod: Pod) => readonly string[]): Policy["find"] {
  return (objects) =>
    objects
      .flatMap(podsOf)
      .flatMap((pod) => wrong(pod).map((found) => ({ object: pod.object, found: placed(found, pod.at) })));
}

export function ofContainers(wrong: (container: Container, pod: Pod) => readonly string[]): Policy["find"] {
  return (objects) =>
    objects.flatMap(podsOf).flatMap((pod) => pod.containers.flatMap((one) => ofContainer(one, pod, wrong)));
}

function ofContainer(
  container: Container,
  pod: Pod,
  wrong: (container: Container, pod: Pod) => readonly string[],
): Finding[] {
  const { image } = container.content;
  return wrong(container, pod).map((found) => ({
    object: pod.object,
    found: placed(found, pod.at, container.name),
    ...(typeof image === "string" ? { image } : {}),
  }));
}

/** For a policy that is a yes-or-no question. */
export function when(wrong: boolean, found: string): string[] {
  return wrong ? [found] : [];
}

/** A finding, prefixed with its place in the object. */
export function placed(found: string, ...places: readonly string[]): string {
  return `${places.filter((one) => one !== "").join(", ")}: ${found}`.replace(/^: /, "");
}
