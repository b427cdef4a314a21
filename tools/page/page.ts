/** One HTML page about a stack as it would be declared. It needs no server, no network and no other file. */
import { h } from "preact";
import type { Settings } from "../../components/settings/settings.ts";
import { settingsOf } from "../../components/settings/settings.ts";
import type { Evaluation } from "../offline/evaluate.ts";
import type { Change, Files } from "../offline/folder.ts";
import type { StackFile } from "../offline/stack-file.ts";
import { writeWhole } from "../system/files.ts";
import { archive } from "./archive.ts";
import { changesSection, differenceName } from "./changes.ts";
import { charts } from "./charts.ts";
import { consequences } from "./consequences.ts";
import { document } from "./document.ts";
import type { Html } from "./elements.ts";
import { accounts } from "./grants.ts";
import { everyObject } from "./every-object.ts";
import { notes, summary } from "./notes.ts";
import { readObjects } from "./objects.ts";
import { permissions } from "./permissions.ts";
import { pictures } from "./picture.ts";
import { repositories } from "./repositories.ts";
import { choices, waySection } from "./way-section.ts";
import { ways } from "./ways.ts";

export interface Subject {
  readonly stackFile: StackFile;
  readonly evaluation: Evaluation;
  /** The texts of the stack's objects. */
  readonly files: Files;
  /** The differences from an earlier preview, and how that was named. */
  readonly comparison: { readonly against: string; readonly changes: readonly Change[] } | undefined;
}

/** The name of the pictures' texts in the archive. */
const choicesName = "choices";

export async function page(subject: Subject): Promise<string> {
  const { stackFile, evaluation, files, comparison } = subject;
  const settings = settingsOf(stackFile.settings(), stackFile.stack);
  const objects = readObjects(evaluation.declared);
  const all = ways(objects, settings);
  const drawn = await pictures(all);
  const who = accounts(objects);
  const sections = {
    changes: comparison === undefined ? undefined : changed(comparison, settings),
    way: waySection(drawn),
    repositories: all.length === 0 ? undefined : repositories(all, who, settings),
    notes: notes(stackFile, evaluation),
    charts: charts(objects),
    permissions: permissions(who),
    objects: everyObject(objects),
  };
  const texts = archive(
    new Map([
      [choicesName, choices(drawn)],
      ...files,
      ...(comparison?.changes ?? []).map(({ path, patch }) => [differenceName(path), patch] as const),
    ]),
  );
  const shown = Object.entries(sections).flatMap(([id, one]) => (one === undefined ? [] : [id]));
  const head = summary(stackFile.stack, objects, settings, shown);
  return document(stackFile.stack, [head, h("main", null, ...Object.values(sections))], texts);
}

function changed({ against, changes }: NonNullable<Subject["comparison"]>, settings: Settings): Html {
  return changesSection(against, changes, consequences(changes, settings));
}

/** @throws UserError if the file cannot be written */
export async function writePage(file: string, subject: Subject): Promise<void> {
  writeWhole(file, await page(subject));
}
