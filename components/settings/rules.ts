/** Rules between keys, which no single value can break. */
import * as applications from "./applications.ts";
import * as builds from "./builds.ts";
import * as caches from "./caches.ts";
import * as combinations from "./combinations.ts";
import * as duplicates from "./duplicates.ts";
import type { SettingError } from "./errors.ts";
import * as github from "./github.ts";
import * as ignored from "./ignored-images.ts";
import * as images from "./images.ts";
import * as isolation from "./isolation.ts";
import * as network from "./network.ts";
import * as notifications from "./notifications.ts";
import type { Readable } from "./readable.ts";
import * as refs from "./refs.ts";
import * as registries from "./registries.ts";
import * as reserved from "./reserved.ts";
import { unknownSecrets } from "./secrets.ts";
import * as signing from "./signing.ts";
import * as signOn from "./sign-on.ts";

const rules: readonly ((config: Readable) => SettingError[])[] = [
  duplicates.duplicateRepositories,
  duplicates.sharedRepositories,
  duplicates.differentSpellings,
  duplicates.duplicateApplications,
  duplicates.duplicateWebhooks,
  duplicates.duplicateEventPorts,
  duplicates.duplicateNodePorts,
  duplicates.duplicateNamespaces,
  combinations.unknownImages,
  combinations.wrongTags,
  builds.duplicateBuildArgs,
  builds.loginsInArguments,
  builds.contradictingArchitectures,
  builds.reservedFlags,
  refs.tagsLikeRefs,
  refs.architecturesOfRefs,
  refs.branchesLikeRefs,
  refs.servicesLikeRefs,
  refs.ownBranches,
  signing.uncheckedSignatures,
  signing.needlessAdmission,
  registries.impossibleRegistry,
  registries.impossibleRegistries,
  registries.duplicateRegistries,
  registries.repeatedRegistry,
  registries.externalLogin,
  network.emptyProxy,
  network.storeWithoutCa,
  notifications.incompleteMail,
  notifications.unsafeMail,
  notifications.unreadPassword,
  isolation.unknownApiServer,
  isolation.smallQuota,
  isolation.uncountedDisk,
  images.impossibleNamespaces,
  images.impossibleImages,
  images.longTags,
  images.sharedImages,
  images.nameOfCache,
  caches.cachesAtImages,
  images.ambiguousTags,
  reserved.reservedProjects,
  reserved.reservedBuildArgs,
  reserved.reservedNamespaces,
  reserved.reservedServices,
  combinations.impossibleAvailability,
  signOn.impossibleIngresses,
  signOn.addressesOfIngresses,
  signOn.sharedHosts,
  signOn.deliveriesAtPages,
  signOn.signOnWithoutAddress,
  signOn.duplicateGroups,
  applications.sharedManifests,
  applications.sharedParameters,
  applications.differentAccess,
  applications.impossibleAccess,
  applications.endlessWriteBack,
  applications.duplicateWindows,
  applications.chartsWithoutValues,
  applications.sharedSources,
  ignored.wrongGroups,
  ignored.ignoredImages,
  github.unknownInstallations,
  github.unreadTokens,
  github.unreportedChecks,
  unknownSecrets,
];

/** All broken rules except for missing secrets. */
export function brokenRules(config: Readable): SettingError[] {
  return rules.flatMap((rule) => rule(config));
}
