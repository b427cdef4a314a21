# Of kaniko-check.awk: what is copied, and what becomes the image's configuration.

function copy(name,    at, flag, origin, owner) {
  for (at = 1; at <= flag_count; at++) {
    flag = flags[at]
    if (flag ~ /^--from=/) origin = tolower(value_of(flag))
    if (flag ~ /^--chown=/) owner = 1
    if (flag ~ /^--chown=:/) fault(line, "does not read " flag, "name the user, too")
    if (flag ~ /^--(exclude|checksum)=/ || flag ~ /^--unpack(=|$)/ || flag ~ /^--(parents|keep-git-dir)(=true)?$/)
      fault(line, "ignores " name " " first_part(flag))
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
    fault(line, "does not ADD a Git repository", "use a submodule")
    return
  }
  if (source ~ /^https?:\/\//) return
  if (name == "ADD" && source ~ /\.(tar\.(zst|xz)|tzst|txz)$/) fault(line, "does not unpack " source, "use gzip")
  if (name == "ADD" && owner && source ~ /\.(tar(\.[a-z0-9]+)?|tgz|tbz2?|txz)$/)
    fault(line, "ignores --chown for " source, "use RUN chown")
  if (left_out(source)) fault(line, "makes no file of " source ", which .dockerignore leaves out", "keep it there", "no matter who builds")
  path = link_in_context(source)
  if (path != "")
    fault(line, "copies the link " path ", not its target", "name the target")
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
function copied_from(source, origin,    part, at) {
  if (!(origin in stages)) return
  for (part = stages[origin]; part; part = parents[part])
    for (at = 1; at <= link_count[part]; at++)
      if (makes_link(link_texts[part, at], source)) {
        fault(line, "copies the link " source ", not its target", "name the target")
        return
      }
}

function makes_link(text, path,    at, before) {
  while (at = index(text, path)) {
    before = substr(text, 1, at - 1)
    text = substr(text, at + length(path))
    if (before ~ /(^|[ \t;&|])ln[ \t]+-[a-zA-Z]*s[a-zA-Z]*[ \t]+(-[a-zA-Z]+[ \t]+)*[^ \t;&|]+[ \t]+$/ && text ~ /^[ \t]*([;&|]|$)/)
      return 1
  }
  return 0
}

function destination(name,    path, at) {
  path = resolved(unquoted(words[word_count]))
  kept_out(name, path)
  if (path !~ /^\/etc\/?$/) return
  for (at = 1; at < word_count; at++) if (words[at] ~ /^(.*\/)?(hosts|hostname|resolv\.conf)$/) kept_out(name, "/etc/hosts")
}

# Kaniko's own folder, and the files that every pod has mounted.
function kept_out(name, path) {
  if (path ~ /^\/kaniko(\/|$)/) fault(line, "drops " name " to /kaniko, its own folder", "use another")
  if (lacks_var_run() && path ~ /^\/var\/run(\/|$)/)
    fault(line, "drops " name " to /var/run, a mount", "use /run")
  if (path ~ /^\/etc\/(hosts|hostname|resolv\.conf)$/) fault(line, "drops " name " to " path ", a mount")
}

function workdir() {
  kept_out("WORKDIR", resolved(unquoted(words[1])))
}

function volume(    at) {
  for (at = 1; at <= word_count; at++) volumes[stage] = volumes[stage] resolved(unquoted(words[at])) "\n"
}

function expose(    at) {
  for (at = 1; at <= word_count; at++)
    if (words[at] !~ /^([0-9]+|\$[^-]*)(\/(tcp|udp))?$/ && words[at] !~ /\$/)
      fault(line, "does not read EXPOSE " words[at], "list the ports, as 80/tcp")
}

function healthcheck(    at) {
  for (at = 1; at <= flag_count; at++)
    if (flags[at] ~ /^--start-interval=/) fault(line, "ignores HEALTHCHECK --start-interval")
}

function user(    name) {
  name = unquoted(words[1])
  if (name ~ /\$\{[^}]*:/) fault(line, "cannot read USER " name, "put it into an ARG")
  name = resolved(name)
  user_number = name ~ /^[1-9][0-9]*$/ && !mentioned[name] ? name : ""
  user_line = line
}

# A number that the image has no user of; who makes one names the number.
function check_user() {
  if (user_number != "")
    fault(user_line, "gives USER " user_number " the group " user_number, "name its group: USER " user_number ":0")
  user_number = ""
}
