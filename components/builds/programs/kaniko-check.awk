# What Kaniko 1.28 would silently make into something else than Docker (read in its `pkg/commands`, seen in
# test/conformance). For each: what Kaniko does, and what the author can do, who may always build with BuildKit.

function fault(at, what, fix, always) {
  if (fix == "") fix = "leave it out"
  if (!always) fix = fix ", or `builder: buildkit` in the stack file"
  faults[++fault_count] = dockerfile ":" at ": Kaniko " what ": " fix
}

# The author is told the last line.
function report(    at) {
  for (at = 1; at <= fault_count; at++) print faults[at]
  if (fault_count > 1) print faults[1] " (and " (fault_count - 1) " more)"
  return fault_count > 0
}

function directive(key, value) {
  if (key != "syntax") return
  sub(/[ \t].*/, "", value)
  if (value !~ /^(docker\.io\/)?docker\/dockerfile(-upstream)?([:@].*)?$/) fault(line, "ignores the frontend " value)
}

function instruction(name) {
  if (name == "ONBUILD") {
    # Runs in a later stage, if one is built on this one.
    if (stage_name == "") return
    name = toupper(take_first_word())
    parts()
  }
  if (name == "FROM") from()
  else if (name == "ARG" || name == "ENV") defaults()
  else if (name == "RUN") run()
  else if (name == "COPY" || name == "ADD") copy(name)
  else if (name == "USER") user()
  else if (name == "VOLUME") volume()
  else if (name == "EXPOSE") expose()
  else if (name == "HEALTHCHECK") healthcheck()
  else if (name == "WORKDIR") workdir()
  else if (name == "CMD") has_cmd[stage] = 1
  else if (name == "ENTRYPOINT") entrypoint_line = line
}

function from(    base, parent) {
  finish()
  check_platform()
  stage++
  user_number = ""
  base = tolower(words[1])
  parent = base in stages ? stages[base] : 0
  stage_name = tolower(words[2]) == "as" ? tolower(words[3]) : ""
  # By its number, too.
  stages[stage - 1] = stage
  if (stage_name != "") stages[stage_name] = stage
  bases[stage] = parent ? bases[parent] : base
  volumes[stage] = parent ? volumes[parent] : ""
  parents[stage] = parent
  inherited_cmd = parent && has_cmd[parent]
  if (inherited_cmd) has_cmd[stage] = 0
  entrypoint_line = 0
}

# At the end of a stage. Kaniko makes one stage of two, and then takes the CMD for the second's own.
function finish() {
  if (entrypoint_line && inherited_cmd && !has_cmd[stage])
    fault(entrypoint_line, "keeps the CMD of an earlier stage", "add `CMD []`")
  if (inherited_cmd && !entrypoint_line) has_cmd[stage] = 1
}

function check_platform(    at, platform, own) {
  own = machine == "x86_64" ? "amd64" : machine == "aarch64" ? "arm64" : machine
  for (at = 1; at <= flag_count; at++) {
    if (flags[at] !~ /^--platform=/) continue
    platform = value_of(flags[at])
    if (platform ~ /\$/ || platform ~ ("^linux/" own "(/v8)?$")) continue
    fault(line, "ignores FROM --platform=" platform)
  }
}

function defaults(    at, name, value) {
  for (at = 1; at <= word_count; at++) {
    name = value = unquoted(words[at])
    if (!sub(/=.*/, "", name)) continue
    sub(/^[^=]*=/, "", value)
    values[name] = value
  }
}

# What a flag says, and the default of the variable where it is one.
function value_of(flag) {
  sub(/^[^=]*=?/, "", flag)
  return resolved(unquoted(flag))
}

function resolved(text,    name) {
  name = text
  if (name !~ /^\$[A-Za-z_][A-Za-z0-9_]*$/ && name !~ /^\$\{[A-Za-z_][A-Za-z0-9_]*\}$/) return text
  gsub(/[${}]/, "", name)
  return name in values ? values[name] : text
}

function run(    at, flag, paths, count) {
  for (at = 1; at <= flag_count; at++) {
    flag = flags[at]
    if (flag ~ /^--mount=/) mount(value_of(flag))
    else if (flag != "--network=default" && flag != "--security=sandbox") fault(line, "ignores RUN " flag)
  }
  if (word_count == 1 && script_count > 0)
    fault(line, "does not run `RUN " words[1] "`", "write `RUN sh <<'" heredoc "'`")
  for (at = 1; at <= raw_count; at++) {
    note_numbers(raw[at])
    note_link(raw[at] ~ /(^|[ \t;&|])ln$/ ? words_from(at) : raw[at])
  }
  for (at = 1; at <= script_count; at++) {
    note_numbers(script[at])
    note_link(script[at])
  }
  if (lacks_var_run() && run_mentions("/var/run")) fault(line, "drops RUN to /var/run, a mount", "use /run")
  count = split(volumes[stage], paths, "\n")
  for (at = 1; at < count; at++)
    if (run_mentions(paths[at])) fault(line, "drops what RUN writes to volume " paths[at], "put VOLUME last")
  check_user()
}

# Most images have it as a link to /run, and so it is while Kaniko runs.
function lacks_var_run() {
  return bases[stage] == "scratch" || bases[stage] ~ /(^|\/)busybox([:@]|$)/
}

# The number of a user that RUN makes is in its text.
function note_numbers(text,    numbers, at) {
  if (text !~ /[0-9]/) return
  for (at = split(text, numbers, /[^0-9]+/); at > 0; at--) mentioned[numbers[at]] = 1
}

# A text in which a symbolic link may be made.
function note_link(text) {
  if (text ~ /(^|[ \t;&|])ln[ \t]+-/) link_texts[stage, ++link_count[stage]] = text
}

# As many as `ln`, its flags, the target and the link may be.
function words_from(first,    at, text) {
  for (at = first; at <= raw_count && at < first + 10; at++) text = text raw[at] " "
  return text
}

# Whether the instruction has a path, or one below it, in one of its words or in its heredocs.
function run_mentions(path,    at) {
  for (at = 1; at <= raw_count; at++) if (mentions(raw[at], path)) return 1
  for (at = 1; at <= script_count; at++) if (mentions(script[at], path)) return 1
  return 0
}

# Whether a path, or one below it, is in a text, and not one that only begins or ends the same.
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
  if (type == "tmpfs" || type == "ssh") fault(line, "ignores RUN --mount=type=" type)
  else if (source != "") fault(line, "ignores --mount with from=" source, "use COPY --from")
  else if (type != "secret" && target != "" && target !~ /^[\/$]/)
    fault(line, "takes `" target "` of --mount from /", "write the whole path")
}
