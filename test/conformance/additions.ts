/** ADD. */
import type { Case } from "./case.ts";

export const additions: readonly Case[] = [
  {
    construct: "ADD of an archive",
    newer: true,
    result: "its contents with their owners; the folder that they come into stays as it is",
    dockerfile: "FROM BASE\nRUN mkdir -m 700 /to && chown app /to\nADD files.tar files.tar.gz /to/\n",
    context: {
      "files.tar": { archive: { "one/a": "a" }, mode: 0o0640 },
      "files.tar.gz": { archive: { b: "b" }, mode: 0o0644, compressed: "gzip" },
    },
    files: {
      "/to": "dir 0700 1000:0",
      "/to/one/a": "0640 7:8 a",
      "/to/b": "0644 7:8 b",
      "/to/files.tar": "absent",
    },
  },
  {
    construct: "ADD of an archive that bzip2 has compressed",
    newer: true,
    result: "its contents",
    dockerfile: "FROM BASE\nADD files.tar.bz2 /to/\n",
    context: { "files.tar.bz2": { archive: { a: "a" }, mode: 0o0644, compressed: "bzip2" } },
    files: { "/to/a": "0644 7:8 a" },
  },
  {
    construct: "ADD of an archive that xz has compressed",
    result: "its contents",
    dockerfile: "FROM BASE\nADD files.tar.xz /to/\n",
    context: { "files.tar.xz": { archive: { a: "a" }, mode: 0o0644, compressed: "xz" } },
    files: { "/to/a": "0644 7:8 a" },
    refused: "2: does not unpack files.tar.xz: use gzip",
  },
  {
    construct: "ADD of an archive that zstd has compressed",
    result: "its contents",
    dockerfile: "FROM BASE\nADD files.tar.zst /to/\n",
    context: { "files.tar.zst": { archive: { a: "a" }, mode: 0o0644, compressed: "zstd" } },
    files: { "/to/a": "0644 7:8 a" },
    refused: "2: does not unpack files.tar.zst: use gzip",
  },
  {
    construct: "ADD --chown of an archive",
    result: "its contents with that owner",
    dockerfile: "FROM BASE\nADD --chown=app files.tar /to/\n",
    context: { "files.tar": { archive: { a: "a" }, mode: 0o0640 } },
    files: { "/to/a": "0640 1000:1000 a" },
    refused: "2: ignores --chown for files.tar: use RUN chown",
  },
  {
    construct: "ADD --unpack",
    result: "with `false`, the archive itself",
    dockerfile: "FROM BASE\nADD --unpack=false files.tar /to/\n",
    context: { "files.tar": { archive: { a: "a" }, mode: 0o0640 } },
    files: { "/to/files.tar": "0644 0:0", "/to/a": "absent" },
    refused: "2: ignores ADD --unpack: leave it out",
  },
  {
    construct: "ADD of files, with --chown and --chmod",
    result: "as COPY does",
    dockerfile: "FROM BASE\nUSER app\nADD a /a\nADD --chown=app:web --chmod=600 folder /folder\n",
    context: { a: "a", "folder/b": "b" },
    files: { "/a": "0644 0:0 a", "/folder/b": "0600 1000:2000 b" },
  },
  {
    construct: "ADD --checksum",
    result: "an error where the file is another",
    dockerfile: `FROM BASE\nADD --checksum=sha256:${"0".repeat(64)} http://HOST/v2/ /file\n`,
    fails: true,
    refused: "2: ignores ADD --checksum: leave it out",
  },
  {
    construct: "ADD of a URL",
    result: "a file of root that others cannot read",
    dockerfile: "FROM BASE\nADD http://HOST/v2/ /file\n",
    files: { "/file": "0600 0:0 {}" },
  },
  {
    construct: "ADD of a Git repository",
    result: "its files",
    dockerfile: "FROM BASE\nADD https://github.com/example/example.git /repository\n",
    files: { "/repository": "dir 0755 0:0" },
    download: true,
    refused: "2: does not ADD a Git repository: use a submodule",
  },
];
