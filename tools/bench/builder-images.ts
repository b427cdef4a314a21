/** The images that `npm run bench:builders` builds, and the base that they are built on. */
import type { Case } from "../../test/conformance/case.ts";
import { baseImage } from "../../test/support/conformance-laboratory.ts";
import type { Image } from "../../test/support/images.ts";
import { nodeImage } from "../../test/support/images.ts";

/** What BASE stands for: Node and 3,000 small files, 140 MB in one layer. */
export function benchBase(name: string): Image {
  const base = baseImage(name);
  const files = Array.from({ length: 3000 }, (_, index) => {
    const number = index.toString();
    return [`/usr/share/base/${(index % 50).toString()}/${number}`, `${number}\n`.repeat(500)] as const;
  });
  return {
    ...base,
    files: { ...nodeImage(name).files, ...base.files },
    texts: { ...base.texts, ...Object.fromEntries(files) },
  };
}

/** @param edit the content of the file that a push changes */
export type BenchImage = (edit: string) => Case;

/** As a package manager installs them: files of 1 KiB, a hundred in a folder. */
function smallFiles(at: string, folders: number): string {
  return (
    `i=0; while [ $i -lt ${folders.toString()} ]; do mkdir -p ${at}/$i; j=0; while [ $j -lt 100 ]; do ` +
    `printf '%1000s\\n' $i-$j > ${at}/$i/$j; j=$((j+1)); done; i=$((i+1)); done`
  );
}

/** 300 MB that compress like programs. */
const largeFile = "for i in 1 2 3; do cat /usr/local/bin/node; done | head -c 300000000 > /opt/large";

const sources = Object.fromEntries(
  Array.from({ length: 50 }, (_, index) => [`source/${index.toString()}.js`, "export {};\n".repeat(100)]),
);

function bench(construct: string, edit: string, dockerfile: readonly string[]): Case {
  const context = { "package.json": "{}\n", ...sources, "source/edited.js": `${edit}\n` };
  return { construct, result: "", dockerfile: `${dockerfile.join("\n")}\n`, context };
}

export const benchImages = {
  small: (edit) => bench("small", edit, ["FROM BASE", "WORKDIR /app", "COPY source .", "RUN cat *.js > all"]),
  large: (edit) =>
    bench("large", edit, [
      ...["FROM BASE", "WORKDIR /app", "COPY package.json .", `RUN ${smallFiles("node_modules", 200)}`],
      ...["RUN mkdir -p cache && touch cache/one", `RUN mkdir -p /opt && ${largeFile}`],
      ...["COPY source .", "RUN cat *.js > all"],
    ]),
  stages: (edit) =>
    bench("stages", edit, [
      ...[
        "FROM BASE AS build",
        "WORKDIR /app",
        "COPY package.json .",
        `RUN ${smallFiles("node_modules", 50)}`,
      ],
      ...["COPY source .", `RUN cat *.js > all && ${smallFiles("/out", 2)} && cp all /out/`],
      ...["FROM BASE", "COPY --from=build /out /app", "RUN cat /app/all > /app/run"],
    ]),
} as const satisfies Readonly<Record<string, BenchImage>>;
