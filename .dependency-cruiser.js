/** Imports run in one direction; `npm test` fails if one does not. */

/** Files that create or read resources. Everything else is a pure function of plain values. */
const componentFiles =
  "^components/(builds/builds|charts/(addons|create-rights|part|release)|cluster/(cluster|namespaces|secrets/credentials|state/state)|" +
  "delivery/(cluster-webhooks|delivery|pins)|kinds/(admission-policy|generated-key|grant|resources|webhook)|" +
  "monitoring/monitoring|settings/(secret-values|settings)|trigger/(metrics-service|rights|routes|trigger)|watch/watch)\\.ts$";

/** What every subject may import: names, and checks of values. */
const vocabulary = "^components/(names|checks|derived-names|fields|addresses|paths|hosts|entries)\\.ts$";
/** What runs in the pods of build steps. */
const programs = "^components/builds/programs/";
const subjects = "builds|cluster|delivery|monitoring|trigger";

export default {
  forbidden: [
    {
      name: "no-circles",
      severity: "error",
      comment: "A cycle, even of types, has no file from which to start reading.",
      from: {},
      to: { circular: true },
    },
    {
      name: "pure-but-for-components",
      severity: "error",
      comment: "Only files with a component use Pulumi's engine, files or the network.",
      from: { path: "^components/", pathNot: [componentFiles, programs] },
      to: { path: "^(node_modules/)?@pulumi/|^(node:)?(fs|http|https|net|process|child_process|os)\\b" },
    },
    {
      name: "programs-alone",
      severity: "error",
      comment:
        "A pod has only these files and Node. They start no process, whose arguments everyone could read.",
      from: { path: programs },
      to: {
        pathNot: [
          programs,
          "^(node:)?(crypto|events|fs|http|https|net|path|stream(/promises)?|timers/promises|tls)$",
        ],
      },
    },
    {
      name: "subjects-apart",
      severity: "error",
      comment: "`index.ts` passes what one subject needs from another.",
      from: { path: `^components/(${subjects})/` },
      to: {
        path: `^components/(${subjects})/`,
        pathNot: ["^components/$1/", "^components/builds/builders/"],
      },
    },
    {
      name: "settings-below-subjects",
      severity: "error",
      from: { path: "^components/settings/" },
      to: { path: `^components/(${subjects})/`, pathNot: "^components/builds/builders/" },
    },
    {
      name: "charts-and-builders-below-settings",
      severity: "error",
      comment:
        "They declare what they read of the settings, and define their part of the stack file's schema.",
      from: { path: "^components/(charts|builds/builders)/" },
      to: {
        path: "^components/",
        pathNot: [
          vocabulary,
          "^components/(charts|kinds|builds/builders)/",
          "^components/builds/images\\.ts$",
        ],
      },
    },
    {
      name: "kinds-below-charts",
      severity: "error",
      from: { path: "^components/kinds/" },
      to: { path: "^components/", pathNot: [vocabulary, "^components/kinds/"] },
    },
    {
      name: "vocabulary-lowest",
      severity: "error",
      from: { path: vocabulary },
      to: { path: "^components/", pathNot: vocabulary },
    },
    {
      name: "program-does-not-know-its-tools",
      severity: "error",
      from: { path: "^(components/|index\\.ts$)" },
      to: { path: "^(tools|test)/" },
    },
    {
      name: "page-on-demand",
      severity: "error",
      comment: "The drawing code is large, and most previews draw nothing.",
      from: { path: "^tools/", pathNot: "^tools/page/" },
      to: { path: "^tools/page/", dynamic: false, dependencyTypesNot: ["type-only"] },
    },
    { name: "resolved", severity: "error", from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      extensions: [".ts", ".js"],
      exportsFields: ["exports"],
      conditionNames: ["import", "node"],
    },
  },
};
