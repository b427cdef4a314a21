/** The Helm releases of a preview. */
import { parse } from "yaml";
import type { Files } from "../offline/folder.ts";
import { releasesFolder } from "../offline/render.ts";

export interface Release {
  /** As in the preview. */
  readonly text: string;
  readonly name: string;
  readonly namespace: string;
  readonly chart: string;
  readonly version: string;
  /** Address of the chart repository; undefined for a chart in a registry, whose name contains the address. */
  readonly repository: string | undefined;
  readonly skipCrds: boolean;
  readonly values: unknown;
}

/** A release in the preview's YAML. */
interface Shown {
  readonly name: string;
  readonly namespace: string;
  readonly chart: string;
  readonly version: string;
  readonly repositoryOpts?: { readonly repo: string };
  readonly skipCrds?: boolean;
  readonly values: unknown;
}

/** The releases by their names. */
export function readReleases(files: Files): ReadonlyMap<string, Release> {
  const texts = [...files].filter(([path]) => path.startsWith(`${releasesFolder}/`)).map(([, text]) => text);
  return new Map(texts.map(readRelease).map((one) => [one.name, one]));
}

function readRelease(text: string): Release {
  // The preview's own tags, such as !secret, mean nothing to a chart.
  const { repositoryOpts, skipCrds = false, ...shown } = parse(text, { logLevel: "error" }) as Shown;
  const { name, namespace, chart, version, values } = shown;
  return { text, name, namespace, chart, version, values, skipCrds, repository: repositoryOpts?.repo };
}
