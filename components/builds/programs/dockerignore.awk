# What `.dockerignore` leaves out of a build context, by the rules of moby/patternmatcher.

# Takes a line of the file.
function read_pattern(text,    negated) {
  if (text ~ /^#/) return
  gsub(/^[ \t]+|[ \t]+$/, "", text)
  negated = sub(/^![ \t]*/, "", text)
  text = clean(text)
  if (text == "" || text == ".") return
  patterns[++pattern_count] = as_regex(text)
  exceptions[pattern_count] = negated ? text : ""
}

function clean(path) {
  gsub(/\/(\.?\/)+/, "/", path)
  sub(/^(\.?\.?\/)+/, "", path)
  sub(/\/+\.?$/, "", path)
  return path
}

# Whether nothing is left of a path that a COPY names. One with wildcards need not match anything.
function left_out(path,    at, is_out) {
  path = clean(path)
  if (path == "" || path == "." || path ~ /[*?[$]/) return 0
  for (at = 1; at <= pattern_count; at++) {
    if (!matches(path, patterns[at])) {
      # An exception below a folder, or one that may be.
      if (exceptions[at] != "" && (index(exceptions[at], path "/") == 1 || exceptions[at] ~ /^[*?[]/)) is_out = 0
      continue
    }
    is_out = exceptions[at] == ""
  }
  return is_out
}

# The path itself, or a folder that it is in.
function matches(path, pattern) {
  while (path !~ pattern) if (!sub(/\/[^\/]*$/, "", path)) return 0
  return 1
}

function as_regex(glob,    at, sign, text) {
  for (at = 1; at <= length(glob); at++) {
    sign = substr(glob, at, 1)
    if (substr(glob, at, 3) == "**/") {
      text = text "(.*/)?"
      at += 2
    } else if (substr(glob, at, 2) == "**") {
      text = text ".*"
      at++
    } else if (sign == "*") text = text "[^/]*"
    else if (sign == "?") text = text "[^/]"
    else if (sign == "[") {
      while (at < length(glob) && sign !~ /\]$/) sign = sign substr(glob, ++at, 1)
      text = text sign
    } else {
      if (sign == "\\") sign = substr(glob, ++at, 1)
      text = text (sign ~ /[.+(){}|$]/ ? "[" sign "]" : sign == "^" ? "\\^" : sign)
    }
  }
  return "^" text "$"
}
