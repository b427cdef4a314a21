# Reads a Dockerfile as BuildKit's parser does (frontend/dockerfile/parser), which Kaniko uses too, and calls
# `directive(key, value)` for each parser directive, `instruction(name, text)` for each instruction, and `finish()`.
#
# Of an instruction there are `line`, its number, `flags[1..flag_count]`, `words[1..word_count]` without those, quotes
# as they are, `command`, all of these as text, `is_json`, and of its heredocs `script`, their text, and `heredoc`, the
# last one's name.

# Files: the symbolic links of the context, its .dockerignore, the Dockerfile.
FILENAME == ARGV[1] {
  links[substr($0, 3)] = 1
  next
}

{
  sub(/\r$/, "")
}

FILENAME == ARGV[2] {
  read_pattern($0)
  next
}

{
  lines[++line_count] = $0
}

END {
  read_directives()
  while (next_line <= line_count) read_instruction()
  finish()
  exit report()
}

function read_directives(    text, key, value) {
  escape = "\\"
  if (substr(lines[1], 1, 3) == "\357\273\277") lines[1] = substr(lines[1], 4)
  for (next_line = 1; next_line <= line_count; next_line++) {
    text = lines[next_line]
    if (text !~ /^#[ \t]*[a-zA-Z][a-zA-Z0-9]*[ \t]*=[ \t]*[^ \t]/) return
    sub(/^#[ \t]*/, "", text)
    key = tolower(text)
    sub(/[ \t]*=.*/, "", key)
    if (key != "syntax" && key != "escape" && key != "check") return
    value = text
    sub(/^[^=]*=[ \t]*/, "", value)
    sub(/[ \t]+$/, "", value)
    if (key == "escape") escape = value
    line = next_line
    directive(key, value)
  }
}

function read_instruction(    text, name) {
  line = next_line
  text = whole_line()
  sub(/^[ \t]+/, "", text)
  if (text == "") return
  name = toupper(first_word(text))
  text = after_word(text)
  parts(text)
  script = ""
  if (name == "ONBUILD" ? takes_heredoc(toupper(words[1])) : takes_heredoc(name) && !is_json) read_heredocs(text)
  instruction(name, text)
}

function takes_heredoc(name) {
  return name == "RUN" || name == "COPY" || name == "ADD"
}

# A line with those that continue it; without comments, and without what lies empty between.
function whole_line(    text, one, ends) {
  text = ""
  do {
    one = lines[next_line++]
    if (one ~ /^[ \t]*#/ || one ~ /^[ \t]*$/) {
      if (text == "" && !ends) return ""
      ends = 1
      continue
    }
    ends = continues(one)
    if (ends) one = substr(one, 1, ends - 1)
    text = text one
  } while (ends && next_line <= line_count)
  return text
}

# Where the character is that continues the line; 0 where none does. One that is itself escaped does not.
function continues(text,    at) {
  sub(/[ \t]+$/, "", text)
  at = length(text)
  if (substr(text, at, 1) != escape) return 0
  return at > 1 && substr(text, at - 1, 1) == escape ? 0 : at
}

function first_word(text) {
  sub(/[ \t].*/, "", text)
  return text
}

function after_word(text) {
  sub(/^[^ \t]+[ \t]*/, "", text)
  return text
}

# Flags and words; a word ends at a blank that is not within quotes.
function parts(text,    word) {
  flag_count = word_count = 0
  split("", words)
  rest = text
  while ((word = take_word()) ~ /^--./) flags[++flag_count] = word
  is_json = word ~ /^\[/
  command = word rest
  for (; word != ""; word = take_word()) words[++word_count] = word
  if (is_json) json_words()
}

function take_word(    at, sign, quote) {
  sub(/^[ \t]+/, "", rest)
  for (at = 1; at <= length(rest); at++) {
    sign = substr(rest, at, 1)
    if (quote == "" && (sign == " " || sign == "\t")) break
    if (sign == "\\" && quote != "'") at++
    else if (quote == "" && (sign == "'" || sign == "\"")) quote = sign
    else if (sign == quote) quote = ""
  }
  sign = substr(rest, 1, at - 1)
  rest = substr(rest, at)
  unclosed = quote != ""
  return sign
}

# ["a", "b c"]
function json_words(    text) {
  text = command
  word_count = 0
  while (match(text, /"([^"\\]|\\.)*"/)) {
    words[++word_count] = substr(text, RSTART + 1, RLENGTH - 2)
    text = substr(text, RSTART + RLENGTH)
  }
  if (word_count == 0) is_json = 0
}

function read_heredocs(text,    at, name, chomp, one) {
  if (unclosed) return
  for (at = 1; at <= word_count; at++) {
    if (words[at] !~ /^[0-9]*<<-?[^<-][^<]*$/ && words[at] !~ /^[0-9]*<<-[^<]+$/) continue
    name = words[at]
    sub(/^[0-9]*<</, "", name)
    chomp = sub(/^-/, "", name)
    gsub(/["']/, "", name)
    heredoc = name
    while (next_line <= line_count) {
      one = lines[next_line++]
      script = script one "\n"
      if (chomp) sub(/^\t+/, "", one)
      if (one == name) break
    }
  }
}

function unquoted(word) {
  gsub(/["']/, "", word)
  return word
}
