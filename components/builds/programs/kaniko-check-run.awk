# The part of kaniko-check.awk for RUN and its mounts.

function run(    at, flag) {
  for (at = 1; at <= flag_count; at++) {
    flag = flags[at]
    if (flag ~ /^--mount=/) mount(value_of(flag))
    else if (flag != "--network=default" && flag != "--security=sandbox") refuse(line, "ignores RUN " flag)
  }
  if (word_count == 1 && script_count > 0)
    refuse(line, "does not run `RUN " words[1] "`", "write `RUN sh <<'" heredoc "'`")
  split("", expanded)
  for (at = 1; at <= raw_count; at++) {
    note(raw[at])
    note_link(raw[at] ~ /(^|[ \t;&|\["])ln[",]*$/ ? words_from(at) : raw[at])
  }
  for (at = 1; at <= script_count; at++) {
    note(script[at])
    note_link(script[at])
  }
  if (run_mentions("/kaniko")) refuse(line, "drops RUN to /kaniko, its own folder", "use another")
  if (lacks_var_run() && run_mentions("/var/run")) refuse(line, "drops RUN to /var/run, a mount", "use /run")
  check_volumes()
  check_user()
}

# Refuses a RUN that names a path in a volume or runs in one: it may write there.
function check_volumes(    paths, count, at, folder) {
  count = split(volumes[stage], paths, "\n")
  folder = folders[stage]
  for (at = 1; at < count; at++)
    if (run_mentions(paths[at]) || index(folder "/", paths[at] "/") == 1)
      refuse(line, "drops what RUN writes to volume " paths[at], "put VOLUME last")
}

# In most other images, /var/run is a link to /run, also while Kaniko runs.
function lacks_var_run() {
  return bases[stage] == "scratch" || bases[stage] ~ /(^|\/)busybox([:@]|$)/
}

# Notes a text with its variables resolved, and the numbers in both: one may be that of a user that RUN creates.
function note(text) {
  note_numbers(text)
  if (text !~ /[$]/ || length(text) > 4000) return
  text = resolved(text)
  expanded[text] = 1
  note_numbers(text)
}

function note_numbers(text,    numbers, at) {
  if (text !~ /[0-9]/) return
  for (at = split(text, numbers, /[^0-9]+/); at > 0; at--) mentioned[stage, numbers[at]] = 1
}

# Notes a text that may make a symbolic link, with the folder in which RUN runs.
function note_link(text) {
  if (text !~ /(^|[ \t;&|\["])ln[", \t]+-/) return
  gsub(/[]["',]/, " ", text)
  link_texts[stage, ++link_count[stage]] = length(text) < 4000 ? resolved(text) : text
  link_folders[stage, link_count[stage]] = folders[stage]
}

# Enough words for `ln`, its flags, the target and the link.
function words_from(first,    at, text) {
  for (at = first; at <= raw_count && at < first + 10; at++) text = text raw[at] " "
  return text
}

# Whether the instruction names a path, or one below it, in its words, its heredocs or their variables.
function run_mentions(path,    at) {
  for (at in expanded) if (mentions(at, path)) return 1
  for (at = 1; at <= raw_count; at++) if (mentions(raw[at], path)) return 1
  for (at = 1; at <= script_count; at++) if (mentions(script[at], path)) return 1
  return 0
}

# Whether a text contains a path or one below it, and not only as part of another name.
function mentions(text, path,    at, before) {
  while (at = index(text, path)) {
    before = at > 1 ? substr(text, at - 1, 1) : ""
    text = substr(text, at + length(path))
    if (before !~ /[A-Za-z0-9_.\/-]/ && text !~ /^[A-Za-z0-9_.-]/) return 1
  }
  return 0
}

function mount(text,    fields, count, at, key, value, type, source, target) {
  type = "bind"
  count = split(text, fields, ",")
  for (at = 1; at <= count; at++) {
    key = tolower(fields[at])
    sub(/=.*/, "", key)
    value = fields[at]
    sub(/^[^=]*=?/, "", value)
    if (key == "type") type = tolower(value)
    else if (key == "from") source = value
    else if (key == "target" || key == "dst" || key == "destination") target = value
  }
  if (type == "tmpfs" || type == "ssh") refuse(line, "ignores RUN --mount=type=" type)
  else if (source != "") refuse(line, "ignores --mount with from=" source, "use COPY --from")
  else if (type != "secret" && target != "" && target !~ /^[\/$]/)
    refuse(line, "resolves `" target "` of --mount from /", "use an absolute path")
}
