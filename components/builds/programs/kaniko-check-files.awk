# The part of kaniko-check.awk for COPY, ADD and the instructions that set the image's configuration.

function copy(name,    at, flag, origin, owner) {
  for (at = 1; at <= flag_count; at++) {
    flag = flags[at]
    if (flag ~ /^--from=/) origin = tolower(value_of(flag))
    if (flag ~ /^--chown=/) owner = 1
    if (flag ~ /^--chown=/ && value_of(flag) ~ /^:/) refuse(line, "does not read " flag, "name the user, too")
    if (flag ~ /^--(exclude|checksum)=/ || flag ~ /^--unpack(=|$)/ || flag ~ /^--(parents|keep-git-dir)(=true)?$/)
      refuse(line, "ignores " name " " first_part(flag))
  }
  for (at = 1; at < word_count; at++) {
    if (origin != "") check_stage_source(resolved(unquoted(words[at])), origin)
    else if (words[at] !~ /<</) check_source(name, resolved(unquoted(words[at])), owner)
  }
  destination(name)
}

function first_part(flag) {
  sub(/=.*/, "", flag)
  return flag
}

# Checks a source in the context.
function check_source(name, source, owner,    path) {
  if (name == "ADD" && (source ~ /^git@/ || source ~ /^(https?|git|ssh):\/\/.*\.git(#.*)?$/)) {
    refuse(line, "does not ADD a Git repository", "use a submodule")
    return
  }
  if (source ~ /^https?:\/\//) return
  if (name == "ADD" && source ~ /\.(tar\.(zst|xz)|tzst|txz)$/) refuse(line, "does not unpack " source, "use gzip")
  if (name == "ADD" && owner && source ~ /\.(tar(\.[a-z0-9]+)?|tgz|tbz2?|txz)$/)
    refuse(line, "ignores --chown for " source, "use RUN chown")
  if (is_ignored(source))
    refuse(line, "copies nothing for " source ", which .dockerignore excludes", "add an exception there", "always")
  note_copy(source)
  path = link_in_context(source)
  if (path != "")
    refuse(line, "copies the link " path ", not its target", "name the target")
}

# Notes the source and destination of a copy, for COPY --from this stage. A folder's contents go to the destination.
function note_copy(source,    path) {
  path = absolute(resolved(unquoted(words[word_count])))
  if (path !~ /^\// || source ~ /\$/) return
  source = clean(source)
  copy_sources[stage, ++copy_count[stage]] = source == "." || source == "" ? "" : source "/"
  copy_targets[stage, copy_count[stage]] = "/" clean(path)
}

# The link in the context from which a path in a stage was copied; empty if there is none.
function copied_link(part, path,    at, target, found) {
  for (at = 1; at <= copy_count[part]; at++) {
    target = copy_targets[part, at]
    sub(/\/$/, "", target)
    if (index(path, target "/") != 1) continue
    found = link_in_context(copy_sources[part, at] substr(path, length(target) + 2))
    if (found != "" && !is_ignored(found)) return found
  }
  return ""
}

# The link that a source names or its wildcards match; empty if there is none.
function link_in_context(source,    pattern, path) {
  source = clean(source)
  if (source in links) return source
  if (source !~ /[*?[]/) return ""
  pattern = as_regex(source)
  for (path in links) if (path ~ pattern) return path
  return ""
}

# Checks a source in a stage. The contents of other images are not known here.
function check_stage_source(source, origin,    part, at, found) {
  if (!(origin in stages)) return
  copied_from[stage, stages[origin]] = 1
  source = "/" clean(source)
  for (part = stages[origin]; part; part = parents[part]) {
    found = copied_link(part, source) != ""
    for (at = 1; !found && at <= link_count[part]; at++)
      found = makes_link(link_texts[part, at], source, link_folders[part, at])
    if (!found) continue
    refuse(line, "copies the link " source ", not its target", "name the target")
    return
  }
}

# Whether `ln` in a RUN makes a link at this path. It may name the path, the path relative to the RUN's folder, or
# the parent folder, in which the link gets the name of its target.
function makes_link(text, path, folder,    name, parent) {
  name = parent = path
  sub(/.*\//, "", name)
  sub(/\/[^\/]*$/, "", parent)
  if (ln_at(text, path, "")) return 1
  if (folder != "" && index(path, folder "/") == 1 && ln_at(text, substr(path, length(folder) + 2), "")) return 1
  return parent != "" && (ln_at(text, parent, name) || ln_at(text, parent "/", name))
}

# Whether the last word of an `ln -s` is this path and, if a name is given, the target has that name.
function ln_at(text, path, name,    at, before, passed) {
  while (at = index(text, path)) {
    before = passed substr(text, 1, at - 1)
    text = substr(text, at + length(path))
    # Text further back is not part of the same command.
    passed = before path
    if (length(passed) > 2000) passed = substr(passed, length(passed) - 1000)
    if (text !~ /^[ \t]*([;&|]|$)/) continue
    if (before !~ /(^|[ \t;&|])ln[ \t]+(-[a-zA-Z-]+[ \t]+)*(-[a-zA-Z]*s[a-zA-Z]*|--symbolic)[ \t]+(-[a-zA-Z-]+[ \t]+)*[^ \t;&|]+[ \t]+$/) continue
    sub(/[ \t]+$/, "", before)
    if (name == "" || substr(before, length(before) - length(name)) == "/" name) return 1
  }
  return 0
}

function destination(name,    path, at) {
  path = absolute(resolved(unquoted(words[word_count])))
  check_path(name, path)
  if (path !~ /^\/etc\/?$/) return
  for (at = 1; at < word_count; at++)
    if (words[at] ~ /^(.*\/)?(hosts|hostname|resolv\.conf)$/) check_path(name, "/etc/hosts")
}

# Resolves a path in the stage's WORKDIR, if that is known.
function absolute(path) {
  return path ~ /^\// || folders[stage] == "" ? path : folders[stage] "/" path
}

# Refuses paths that Kaniko leaves out of the image: its own folders, the second a volume of its image, and the mounts
# of every pod.
function check_path(name, path) {
  gsub(/\/(\.?\/)+/, "/", path)
  if (path ~ /^\/busybox(\/|$)/) refuse(line, "drops " name " to /busybox, its own folder", "use another")
  if (path ~ /^\/kaniko(\/|$)/) refuse(line, "drops " name " to /kaniko, its own folder", "use another")
  if (lacks_var_run() && path ~ /^\/var\/run(\/|$)/)
    refuse(line, "drops " name " to /var/run, a mount", "use /run")
  if (path ~ /^\/etc\/(hosts|hostname|resolv\.conf)$/) refuse(line, "drops " name " to " path ", a mount")
}

function workdir(    path) {
  path = absolute(resolved(unquoted(words[1])))
  check_path("WORKDIR", path)
  folders[stage] = path ~ /^\// ? "/" clean(path) : ""
}

function volume(    at) {
  for (at = 1; at <= word_count; at++) volumes[stage] = volumes[stage] "/" clean(resolved(unquoted(words[at]))) "\n"
}

function expose(    at) {
  for (at = 1; at <= word_count; at++)
    if (resolved(unquoted(words[at])) !~ /^([0-9]+|\$[^-]*)(\/(tcp|udp))?$/ && resolved(words[at]) !~ /\$/)
      refuse(line, "does not read EXPOSE " words[at], "list ports such as 80/tcp")
}

function healthcheck(    at) {
  for (at = 1; at <= flag_count; at++)
    if (flags[at] ~ /^--start-interval=/) refuse(line, "ignores HEALTHCHECK --start-interval")
}

function user(    name) {
  name = unquoted(words[1])
  if (name ~ /\$\{[^}]*:/) refuse(line, "cannot read USER " name, "put it into an ARG")
  name = resolved(name)
  user_number = users[stage] = name ~ /^[1-9][0-9]*$/ && !is_mentioned(name) ? name : ""
  user_line = line
}

# Whether a RUN of this stage, of one that it is built on, or of one that it copies from, has the number.
function is_mentioned(number,    part, origin) {
  for (part = stage; part; part = parents[part]) {
    if ((part, number) in mentioned) return 1
    for (origin = 1; origin < part; origin++)
      if ((part, origin) in copied_from && (origin, number) in mentioned) return 1
  }
  return 0
}

# Refuses RUN as a USER number that no RUN mentions before USER: a RUN that creates a user mentions its number.
function check_user() {
  if (user_number != "")
    refuse(user_line, "gives USER " user_number " the group " user_number, "name its group: USER " user_number ":0")
  user_number = users[stage] = ""
}
