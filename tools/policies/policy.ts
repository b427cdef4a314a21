/** What a policy is, and what it finds. */
import type { DeclaredObject } from "../declared/objects.ts";
import type { Container, Pod } from "../declared/pods.ts";
import { podsOf } from "../declared/pods.ts";

export interface Policy {
  /** As exceptions and messages name it. */
  readonly name: string;
  readonly why: string;
  readonly fix: string;
  /** Everything in a stack that breaks it, the exceptions too. */
  readonly find: (objects: readonly DeclaredObject[]) => readonly Finding[];
}

export interface Finding {
  readonly object: DeclaredObject;
  /** What is wrong, and where in the object. */
  readonly found: string;
  /** The image of the container that it is about. */
  readonly image?: string;
}

/** Findings of one policy that are as they should be. */
export interface Exception {
  readonly policy: string;
  readonly what: string;
  readonly reason: string;
  readonly covers: (finding: Finding, objects: readonly DeclaredObject[]) => boolean;
}

/** @param wrong what is wrong with one; empty where nothing is */
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

/** For a policy of one thing that is so or not. */
export function when(wrong: boolean, found: string): string[] {
  return wrong ? [found] : [];
}

/** What is found, behind the place in its object. */
export function placed(found: string, ...places: readonly string[]): string {
  return `${places.filter((one) => one !== "").join(", ")}: ${found}`.replace(/^: /, "");
}
