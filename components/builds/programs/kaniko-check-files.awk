# Of kaniko-check.awk: what is copied, and what becomes the image's configuration.

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
    if (origin != "") copied_from(resolved(unquoted(words[at])), origin)
    else if (words[at] !~ /<</) copied(name, resolved(unquoted(words[at])), owner)
  }
  destination(name)
}

function first_part(flag) {
  sub(/=.*/, "", flag)
  return flag
}

# From the context.
function copied(name, source, owner,    path) {
  if (name == "ADD" && (source ~ /^git@/ || source ~ /^(https?|git|ssh):\/\/.*\.git(#.*)?$/)) {
    refuse(line, "does not ADD a Git repository", "use a submodule")
    return
  }
  if (source ~ /^https?:\/\//) return
  if (name == "ADD" && source ~ /\.(tar\.(zst|xz)|tzst|txz)$/) refuse(line, "does not unpack " source, "use gzip")
  if (name == "ADD" && owner && source ~ /\.(tar(\.[a-z0-9]+)?|tgz|tbz2?|txz)$/)
    refuse(line, "ignores --chown for " source, "use RUN chown")
  if (left_out(source)) refuse(line, "makes no file of " source ", which .dockerignore leaves out", "keep it there", "no matter who builds")
  note_copy(source)
  path = link_in_context(source)
  if (path != "")
    refuse(line, "copies the link " path ", not its target", "name the target")
}

# Of a folder in the context, all that is in it comes to the destination.
function note_copy(source,    path) {
  path = absolute(resolved(unquoted(words[word_count])))
  if (path !~ /^\// || source ~ /\$/) return
  source = clean(source)
  copy_sources[stage, ++copy_count[stage]] = source == "." || source == "" ? "" : source "/"
  copy_targets[stage, copy_count[stage]] = "/" clean(path)
}

# The link of the context that a path in a stage is a copy of; empty where there is none.
function copied_link(part, path,    at, target, found) {
  for (at = 1; at <= copy_count[part]; at++) {
    target = copy_targets[part, at]
    sub(/\/$/, "", target)
    if (index(path, target "/") != 1) continue
    found = link_in_context(copy_sources[part, at] substr(path, length(target) + 2))
    if (found != "" && !left_out(found)) return found
  }
  return ""
}

# The link that a source names; empty where it names none.
function link_in_context(source,    pattern, path) {
  source = clean(source)
  if (source in links) return source
  if (source !~ /[*?[]/) return ""
  pattern = as_regex(source)
  for (path in links) if (path ~ pattern) return path
  return ""
}

# From a stage. What an image has is not known here.
function copied_from(source, origin,    part, at, found) {
  if (!(origin in stages)) return
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

# Whether `ln` in a folder makes a link of this path: by the path, by what it is from there, or by the name of its target.
function makes_link(text, path, folder,    name, parent) {
  name = parent = path
  sub(/.*\//, "", name)
  sub(/\/[^\/]*$/, "", parent)
  if (named(text, path, "")) return 1
  if (folder != "" && index(path, folder "/") == 1 && named(text, substr(path, length(folder) + 2), "")) return 1
  return parent != "" && (named(text, parent, name) || named(text, parent "/", name))
}

# Whether `ln -s` is given a path as its last word, and a target of that name where there is one.
function named(text, path, name,    at, before, passed) {
  while (at = index(text, path)) {
    before = passed substr(text, 1, at - 1)
    text = substr(text, at + length(path))
    # What is far back is no part of the same command.
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
  kept_out(name, path)
  if (path !~ /^\/etc\/?$/) return
  for (at = 1; at < word_count; at++) if (words[at] ~ /^(.*\/)?(hosts|hostname|resolv\.conf)$/) kept_out(name, "/etc/hosts")
}

# From the folder in which the stage is, as far as it is known.
function absolute(path) {
  return path ~ /^\// || folders[stage] == "" ? path : folders[stage] "/" path
}

# Kaniko's own folders, the second a volume of its image, and the files that every pod has mounted.
function kept_out(name, path) {
  gsub(/\/(\.?\/)+/, "/", path)
  if (path ~ /^\/busybox(\/|$)/) refuse(line, "drops " name " to /busybox, its own folder", "use another")
  if (path ~ /^\/kaniko(\/|$)/) refuse(line, "drops " name " to /kaniko, its own folder", "use another")
  if (lacks_var_run() && path ~ /^\/var\/run(\/|$)/)
    refuse(line, "drops " name " to /var/run, a mount", "use /run")
  if (path ~ /^\/etc\/(hosts|hostname|resolv\.conf)$/) refuse(line, "drops " name " to " path ", a mount")
}

function workdir(    path) {
  path = absolute(resolved(unquoted(words[1])))
  kept_out("WORKDIR", path)
  folders[stage] = path ~ /^\// ? "/" clean(path) : ""
}

function volume(    at) {
  for (at = 1; at <= word_count; at++) volumes[stage] = volumes[stage] "/" clean(resolved(unquoted(words[at]))) "\n"
}

function expose(    at) {
  for (at = 1; at <= word_count; at++)
    if (resolved(unquoted(words[at])) !~ /^([0-9]+|\$[^-]*)(\/(tcp|udp))?$/ && resolved(words[at]) !~ /\$/)
      refuse(line, "does not read EXPOSE " words[at], "list the ports, as 80/tcp")
}

function healthcheck(    at) {
  for (at = 1; at <= flag_count; at++)
    if (flags[at] ~ /^--start-interval=/) refuse(line, "ignores HEALTHCHECK --start-interval")
}

function user(    name) {
  name = unquoted(words[1])
  if (name ~ /\$\{[^}]*:/) refuse(line, "cannot read USER " name, "put it into an ARG")
  name = resolved(name)
  user_number = users[stage] = name ~ /^[1-9][0-9]*$/ && !mentioned[name] ? name : ""
  user_line = line
}

# A number that the image has no user of; who makes one names the number.
function check_user() {
  if (user_number != "")
    refuse(user_line, "gives USER " user_number " the group " user_number, "name its group: USER " user_number ":0")
  user_number = ""
}
