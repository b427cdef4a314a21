/** RUN, its mounts, and its user. */
import type { Case } from "./case.ts";

export const commands: readonly Case[] = [
  {
    construct: "RUN in shell form and in exec form",
    result: "by the shell; or as it is, without variables",
    dockerfile:
      'FROM BASE\nENV A=value\nRUN echo $A >/shell\nRUN ["/bin/sh", "-c", "echo $0 >/exec", "$A"]\n',
    files: { "/shell": "0644 0:0 value\n", "/exec": "0644 0:0 $A\n" },
  },
  {
    construct: "RUN over several lines",
    result: "one command, without the comments between",
    dockerfile: "FROM BASE\nRUN echo one >/file && \\\n  # a comment\n\n  echo two >>/file\n",
    files: { "/file": "0644 0:0 one\ntwo\n" },
  },
  {
    construct: "RUN <<EOF",
    result: "the text is the script, run by the shell",
    dockerfile: "FROM BASE\nRUN <<EOF\nword=one\necho $word >/file\nEOF\n",
    files: { "/file": "0644 0:0 one\n" },
    refused: "2: does not run `RUN <<EOF`: write `RUN sh <<'EOF'`",
  },
  {
    construct: "RUN <<'EOF'",
    result: "the text is the script, run by the shell",
    dockerfile: "FROM BASE\nRUN <<'EOF'\nword=one\necho $word >/file\nEOF\n",
    files: { "/file": "0644 0:0 one\n" },
    refused: "2: does not run `RUN <<'EOF'`: write `RUN sh <<'EOF'`",
  },
  {
    construct: "RUN <<EOF with #!",
    result: "the text is run by the program that its first line names",
    dockerfile: 'FROM BASE\nRUN <<EOF\n#!/bin/awk -f\nBEGIN { print "awk" >"/file" }\nEOF\n',
    files: { "/file": "0644 0:0 awk\n" },
    refused: "2: does not run `RUN <<EOF`: write `RUN sh <<'EOF'`",
  },
  {
    construct: "RUN of a command with <<EOF",
    newer: true,
    result: "the shell's own: the text is the input of the command",
    dockerfile:
      "FROM BASE\nENV A=value\nRUN cat <<EOF >/plain && cat <<'END' >/quoted\n$A\nEOF\n$A\nEND\nRUN sh <<-EOF\n\techo tabs >/tabs\n\tEOF\n",
    files: { "/plain": "0644 0:0 value\n", "/quoted": "0644 0:0 $A\n", "/tabs": "0644 0:0 tabs\n" },
  },
  {
    construct: "RUN as a USER",
    newer: true,
    result: "with the user's groups and home",
    dockerfile: [
      "FROM BASE",
      "RUN chmod 777 /tmp",
      "USER app",
      'RUN echo "$(id -u):$(id -g) $(id -G) $HOME" >/tmp/app',
      "USER app:web",
      'RUN echo "$(id -u):$(id -g)" >/tmp/group',
      "USER 1234:4321",
      'RUN echo "$(id -u):$(id -g)" >/tmp/numbers',
      "USER root",
      'RUN echo "$(id -u):$(id -g) $HOME" >/tmp/root',
    ].join("\n"),
    files: {
      "/tmp/app": "0644 1000:1000 1000:1000 1000 /home/app\n",
      "/tmp/group": "0644 1000:2000 1000:2000\n",
      "/tmp/numbers": "0644 1234:4321 1234:4321\n",
      "/tmp/root": "0644 0:0 0:0 /root\n",
    },
    config: { User: "root" },
  },
  {
    construct: "RUN as a USER by number alone, whom the image does not have",
    result: "in the group of root",
    dockerfile: "FROM BASE\nUSER 1234\nRUN touch /tmp/file\n",
    files: { "/tmp/file": "0644 1234:0 " },
    refused: "2: gives USER 1234 the group 1234: name its group: USER 1234:0",
  },
  {
    construct: "RUN as a USER by number alone, whom the Dockerfile makes",
    result: "in the user's group",
    dockerfile:
      "FROM BASE\nRUN echo worker:x:1234:2000::/tmp:/bin/sh >>/etc/passwd\nUSER 1234\nRUN touch /tmp/file\n",
    files: { "/tmp/file": "0644 1234:2000 " },
  },
  {
    construct: "RUN that sets bits of modes and owners",
    newer: true,
    result: "set-user-ID, set-group-ID and sticky bits stay",
    dockerfile: [
      "FROM BASE",
      "RUN touch /setuid /setgid && chown app:web /setuid /setgid && chmod 4755 /setuid && chmod 2755 /setgid",
      "RUN mkdir /shared && chgrp web /shared && chmod 2775 /shared && touch /shared/file && mkdir /shared/folder",
      "RUN mkdir -m 1777 /sticky",
      "USER app:web",
      "RUN touch /tmp/mine && chmod 2755 /tmp/mine",
    ].join("\n"),
    files: {
      "/setuid": "4755 1000:2000 ",
      "/setgid": "2755 1000:2000 ",
      "/shared": "dir 2775 0:2000",
      "/shared/file": "0644 0:2000 ",
      "/shared/folder": "dir 2755 0:2000",
      "/sticky": "dir 1777 0:0",
      "/tmp/mine": "2755 1000:2000 ",
    },
  },
  {
    construct: "RUN that writes to a set-group-ID file of another group",
    result: "root keeps the bit where it changes the mode of a file whose group it is not in",
    dockerfile: "FROM BASE\nRUN touch /file && chown app:web /file && chmod 2755 /file && chmod 2750 /file\n",
    files: { "/file": "2750 1000:2000 " },
  },
  {
    construct: "RUN of what is set-user-ID",
    result: "runs as the owner, as sudo does",
    dockerfile: [
      "FROM BASE",
      "RUN sed -i 's/^root:x:/root::/' /etc/passwd && rm /bin/su && cp /bin/busybox /bin/su && chmod 4755 /bin/su",
      "USER app",
      "RUN /bin/su -c 'id -u >/root-was-here'",
    ].join("\n"),
    files: { "/root-was-here": "0644 0:0 0\n" },
  },
  {
    construct: "RUN with the capabilities of Docker",
    result: "mknod, setcap, chroot, kill, and ports below 1024",
    dockerfile: [
      "FROM BASE",
      "RUN mknod /pipe p && mkdir /jail && cp /bin/busybox /jail/busybox && chroot /jail /busybox true",
      // Except NET_RAW (bit 13).
      "RUN printf '%x' $((0x$(grep CapBnd /proc/self/status | cut -f2) & ~0x2000)) >/bounding",
    ].join("\n"),
    files: { "/jail/busybox": "0755 0:0", "/bounding": "0644 0:0 a80405fb" },
  },
  {
    construct: "RUN that removes files and folders",
    result: "they are gone, also those of the base",
    dockerfile:
      "FROM BASE\nRUN mkdir /gone && touch /gone/a /b\nRUN rm -r /gone /b /etc/removed && ln -s /etc /gone\n",
    files: { "/gone": "-> /etc", "/b": "absent", "/etc/removed": "absent", "/etc/passwd": "0644 0:0" },
  },
  {
    construct: "RUN that makes hard links, empty files and odd names",
    result: "all of them",
    dockerfile:
      "FROM BASE\nRUN echo one >/a && ln /a /b && touch '/with space' '/-dash' '/.wh' && mkdir /empty && echo x >\"/quote\\\"d\"\n",
    files: {
      "/a": "0644 0:0 one\n",
      "/b": "0644 0:0 one\n",
      "/with space": "0644 0:0 ",
      "/-dash": "0644 0:0 ",
      "/.wh": "0644 0:0 ",
      "/empty": "dir 0755 0:0",
      '/quote"d': "0644 0:0 x\n",
    },
  },
  {
    construct: "RUN that writes to /var/run, /run, /tmp and /dev",
    result: "files of the image, but for /dev",
    dockerfile:
      "FROM BASE\nRUN mkdir -p /var/run/app /run/b && touch /var/run/app/a /run/b/c /tmp/d && echo x >/dev/null\n",
    files: { "/run/app/a": "0644 0:0 ", "/run/b/c": "0644 0:0 ", "/tmp/d": "0644 0:0 " },
  },
  {
    construct: "COPY, WORKDIR and COPY --from below /var/run",
    result: "as in any folder; /var/run is a link to /run",
    dockerfile: [
      "FROM BASE AS first",
      "COPY a /var/run/a",
      "WORKDIR /var/run/folder",
      "RUN touch b",
      "FROM BASE",
      "COPY --from=first /var/run/folder /var/run/copied",
      "COPY --from=first /run/a /run/a",
    ].join("\n"),
    context: { a: "a" },
    files: {
      "/var/run": "-> /run",
      "/run/copied/b": "0644 0:0 ",
      "/run/a": "0644 0:0 a",
      "/run/secrets": "absent",
    },
  },
  {
    construct: "RUN that changes the modes of folders of the base",
    result: "the new modes",
    dockerfile: "FROM BASE\nRUN chmod 711 /home && chown app:web /home/app && chmod 700 /home/app\n",
    files: { "/home": "dir 0711 0:0", "/home/app": "dir 0700 1000:2000" },
  },
  {
    construct: "RUN that fails",
    result: "an error",
    dockerfile: "FROM BASE\nRUN false\n",
    fails: true,
  },
  {
    construct: "SHELL",
    result: "runs the RUN, CMD and ENTRYPOINT in shell form that follow",
    dockerfile: 'FROM BASE\nSHELL ["/bin/busybox", "sh", "-e", "-c"]\nRUN echo $- >/flags\nCMD echo $A\n',
    files: { "/flags": "0644 0:0 ce\n" },
    config: { Shell: ["/bin/busybox", "sh", "-e", "-c"], Cmd: ["/bin/busybox", "sh", "-e", "-c", "echo $A"] },
  },
];

export const mounts: readonly Case[] = [
  {
    construct: "RUN --mount=type=secret",
    newer: true,
    result: "a file that is there during the RUN alone",
    dockerfile: [
      "FROM BASE",
      "RUN --mount=type=secret,id=TOKEN cp /run/secrets/TOKEN /copied",
      "RUN --mount=type=secret,id=TOKEN,target=/etc/token,mode=0440,uid=1000 ls -ln /etc/token | cut -c1-10 >/mode",
      "RUN --mount=type=secret,id=TOKEN,env=TOKEN echo $TOKEN >/variable",
    ].join("\n"),
    secrets: { TOKEN: "hidden" },
    files: {
      "/copied": "0400 0:0 hidden",
      "/mode": "0644 0:0 -r--r-----\n",
      "/variable": "0644 0:0 hidden\n",
      "/run/secrets/TOKEN": "absent",
      "/etc/token": "absent",
    },
  },
  {
    construct: "RUN --mount=type=cache",
    newer: true,
    result: "what is written there is not in the image",
    dockerfile: "FROM BASE\nRUN --mount=type=cache,target=/cache touch /cache/a /b\n",
    files: { "/cache/a": "absent", "/b": "0644 0:0 " },
  },
  {
    construct: "RUN --mount=type=cache at a relative path",
    result: "below the WORKDIR",
    dockerfile: "FROM BASE\nWORKDIR /app\nRUN --mount=type=cache,target=cache touch cache/a b\n",
    files: { "/app/cache/a": "absent", "/app/b": "0644 0:0 " },
    refused: "3: resolves `cache` of --mount from /: use an absolute path",
  },
  {
    construct: "RUN --mount=type=bind from the context",
    newer: true,
    result: "files of the context, which are not in the image",
    dockerfile:
      "FROM BASE\nRUN --mount=type=bind,source=folder,target=/bound cat /bound/a >/a\nRUN --mount=target=/whole,rw cp /whole/folder/a /b\n",
    context: { "folder/a": "text" },
    files: { "/a": "0644 0:0 text", "/b": "0644 0:0 text", "/bound/a": "absent", "/whole/folder": "absent" },
  },
  {
    construct: "RUN --mount=type=bind over what is there",
    newer: true,
    result: "what was there is back after the RUN",
    dockerfile:
      "FROM BASE\nRUN mkdir /there && echo old >/there/old\nRUN --mount=type=bind,source=folder,target=/there cp /there/a /copied\n",
    context: { "folder/a": "text" },
    files: { "/there/old": "0644 0:0 old\n", "/there/a": "absent", "/copied": "0644 0:0 text" },
  },
  {
    construct: "RUN --mount=type=bind,from=stage",
    result: "files of the stage",
    dockerfile:
      "FROM BASE AS first\nRUN echo made >/made\nFROM BASE\nRUN --mount=from=first,target=/first if test -e /first/made; then cp /first/made /made; fi\n",
    files: { "/made": "0644 0:0 made\n" },
    refused: "4: ignores --mount with from=first: use COPY --from",
  },
  {
    construct: "RUN --mount=type=tmpfs",
    result: "what is written there is not in the image",
    dockerfile: "FROM BASE\nRUN --mount=type=tmpfs,target=/scratch mkdir -p /scratch && touch /scratch/a\n",
    files: { "/scratch/a": "absent" },
    refused: "2: ignores RUN --mount=type=tmpfs: leave it out",
  },
  {
    construct: "RUN --mount=type=ssh",
    result: "the socket of an agent; an error where it is required and the build has none",
    dockerfile: "FROM BASE\nRUN --mount=type=ssh,required true\n",
    fails: true,
    refused: "2: ignores RUN --mount=type=ssh: leave it out",
  },
  {
    construct: "RUN --network=none",
    result: "a RUN without a network",
    dockerfile: "FROM BASE\nRUN --network=none ls /sys/class/net >/interfaces\n",
    files: { "/interfaces": "0644 0:0 lo\n" },
    refused: "2: ignores RUN --network=none: leave it out",
  },
  {
    construct: "RUN --network=default --security=sandbox",
    result: "as without them",
    dockerfile: "FROM BASE\nRUN --network=default --security=sandbox touch /a\n",
    files: { "/a": "0644 0:0 " },
  },
  {
    construct: "RUN --security=insecure",
    result: "an error, unless the build is allowed to",
    dockerfile: "FROM BASE\nRUN --security=insecure true\n",
    fails: true,
    refused: "2: ignores RUN --security=insecure: leave it out",
  },
];
