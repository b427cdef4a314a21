# Refuses what Kaniko 1.28 would silently build differently from Docker, according to its `pkg/commands` and
# test/conformance. Each error states what Kaniko does and a fix, for which BuildKit is an alternative.

# `always` is not empty if BuildKit does the same.
function refuse(at, what, fix, always) {
  if (fix == "") fix = "leave it out"
  if (!always) fix = fix ", or `builder: buildkit` in the stack file"
  refusals[++refusal_count] = dockerfile ":" at ": Kaniko " what ": " fix
}

# The last line is reported to the author.
function report(    at) {
  for (at = 1; at <= refusal_count; at++) print refusals[at]
  if (refusal_count > 1) print refusals[1] " (and " (refusal_count - 1) " more)"
  return refusal_count > 0
}

function directive(key, value) {
  if (key != "syntax") return
  sub(/[ \t].*/, "", value)
  if (value !~ /^(docker\.io\/)?docker\/dockerfile(-upstream)?([:@].*)?$/) refuse(line, "ignores the frontend " value)
}

function instruction(name) {
  if (name == "ONBUILD") {
    # It runs in a later stage that names this one, if any.
    if (stage_name == "") return
    name = toupper(take_first_word())
    split_pieces()
  }
  if (name == "FROM") from()
  else if (name == "ARG" || name == "ENV") defaults(name)
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
  base = tolower(words[1])
  parent = base in stages ? stages[base] : 0
  stage_name = tolower(words[2]) == "as" ? tolower(words[3]) : ""
  # A stage can also be named by its number.
  stages[stage - 1] = stage
  if (stage_name != "") stages[stage_name] = stage
  bases[stage] = parent ? bases[parent] : base
  volumes[stage] = parent ? volumes[parent] : ""
  folders[stage] = parent ? folders[parent] : ""
  user_number = parent ? users[parent] : ""
  parents[stage] = parent
  inherited_cmd = parent && has_cmd[parent]
  if (inherited_cmd) has_cmd[stage] = 0
  entrypoint_line = 0
}

# Ends a stage. Kaniko merges a stage with the one it is built on, and then treats the inherited CMD as its own.
function finish() {
  if (entrypoint_line && inherited_cmd && !has_cmd[stage])
    refuse(entrypoint_line, "keeps the CMD of an earlier stage", "add `CMD []`")
  if (inherited_cmd && !entrypoint_line) has_cmd[stage] = 1
}

function check_platform(    at, platform, own) {
  own = architecture(machine)
  for (at = 1; at <= flag_count; at++) {
    if (flags[at] !~ /^--platform=/) continue
    platform = value_of(flags[at])
    if (platform ~ /\$/ || architecture(platform) ~ ("^" own "(/v[18])?$")) continue
    refuse(line, "ignores FROM --platform=" platform)
  }
}

# The usual name of a platform's architecture. The system may be omitted if it is Linux (containerd's `platforms`).
function architecture(platform) {
  platform = tolower(platform)
  sub(/^linux\//, "", platform)
  sub(/^(x86_64|x86-64)/, "amd64", platform)
  sub(/^aarch64/, "arm64", platform)
  return platform
}

function defaults(kind,    at, name, value) {
  # ENV NAME value
  if (kind == "ENV" && word_count == 2 && words[1] !~ /=/) values[words[1]] = resolved(unquoted(words[2]))
  for (at = 1; at <= word_count; at++) {
    name = value = unquoted(words[at])
    if (!sub(/=.*/, "", name)) continue
    sub(/^[^=]*=/, "", value)
    values[name] = resolved(value)
  }
}

# The value of a flag, with the defaults of variables.
function value_of(flag) {
  sub(/^[^=]*=?/, "", flag)
  return resolved(unquoted(flag))
}

# Replaces the variables of a text by their defaults, if these are known.
function resolved(text,    reference, done) {
  while (match(text, /\$([A-Za-z_][A-Za-z0-9_]*|\{[A-Za-z_][A-Za-z0-9_]*(:?[-+?][^{}]*)?\})/)) {
    reference = substr(text, RSTART, RLENGTH)
    done = done substr(text, 1, RSTART - 1)
    text = substr(text, RSTART + RLENGTH)
    done = done value_for(reference)
  }
  return done text
}

# What replaces a reference to a variable: its value, or the word after `-` or `+`. A reference to an unknown variable
# stays.
function value_for(reference,    name, word, operator, is_set) {
  word = reference
  gsub(/^\$\{?|\}$/, "", word)
  name = word
  sub(/[^A-Za-z0-9_].*/, "", name)
  word = substr(word, length(name) + 1)
  is_set = name in values
  if (is_set && sub(/^:/, "", word)) is_set = values[name] != ""
  sub(/^:/, "", word)
  operator = substr(word, 1, 1)
  word = substr(word, 2)
  if (is_set) return operator == "+" ? word : values[name]
  # The builder sets these.
  if (operator != "-" || name ~ /^(BUILD|TARGET)(PLATFORM|OS|ARCH|VARIANT)$/) return reference
  return word
}
