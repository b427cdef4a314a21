# Matches paths against `.dockerignore`, by the rules of moby/patternmatcher.

# Adds the pattern of a line.
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

# Whether .dockerignore excludes all of a path that COPY names. A path with wildcards never counts as excluded, since
# COPY accepts wildcards that match nothing.
function is_ignored(path,    at, ignored) {
  path = clean(path)
  if (path == "" || path == "." || path ~ /[*?[$]/) return 0
  for (at = 1; at <= pattern_count; at++) {
    if (!matches(path, patterns[at])) {
      # An exception that is, or with a wildcard may be, below the path.
      if (exceptions[at] != "" && (index(exceptions[at], path "/") == 1 || exceptions[at] ~ /^[*?[]/)) ignored = 0
      continue
    }
    ignored = exceptions[at] == ""
  }
  return ignored
}

# Whether the pattern matches the path or a folder above it.
function matches(path, pattern) {
  while (path !~ pattern) if (!sub(/\/[^\/]*$/, "", path)) return 0
  return 1
}

function as_regex(glob,    at, char, text) {
  for (at = 1; at <= length(glob); at++) {
    char = substr(glob, at, 1)
    if (substr(glob, at, 3) == "**/") {
      text = text "(.*/)?"
      at += 2
    } else if (substr(glob, at, 2) == "**") {
      text = text ".*"
      at++
    } else if (char == "*") text = text "[^/]*"
    else if (char == "?") text = text "[^/]"
    else if (char == "[") {
      while (at < length(glob) && char !~ /\]$/) char = char substr(glob, ++at, 1)
      text = text char
    } else {
      if (char == "\\") char = substr(glob, ++at, 1)
      text = text (char ~ /[.+(){}|$]/ ? "[" char "]" : char == "^" ? "\\^" : char)
    }
  }
  return "^" text "$"
}
