# Reads a Dockerfile as BuildKit's parser does (frontend/dockerfile/parser), which Kaniko uses too, and calls
# `directive(key, value)` for each parser directive, `instruction(name)` for each instruction, and `finish()`.
#
# Globals describe an instruction: `line` is its line number. `flags[1..flag_count]` are its flags, and
# `words[1..word_count]` its other words, with their quotes. If `is_json`, `words` are the strings of the JSON, and
# `raw[1..raw_count]` the JSON split at blanks; otherwise `raw` equals `words`. `script[1..script_count]` has the lines
# of its heredocs, and `heredoc` is the name of the last one.
# awk copies a string whenever it cuts or extends it, so a string that grows with the file is kept in pieces.

# Arguments: a list of the context's symbolic links, its .dockerignore, the Dockerfile.
FILENAME == ARGV[1] {
  links[substr($0, 3)] = 1
  next
}

{
  if (FNR == 1) sub(/^\357\273\277/, "")
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

function read_instruction(    name) {
  line = next_line
  read_pieces()
  name = toupper(take_first_word())
  if (name == "") return
  split_pieces()
  script_count = 0
  if (name == "ONBUILD" ? takes_heredoc(toupper(words[1])) : takes_heredoc(name) && !is_json) read_heredocs()
  instruction(name)
}

function takes_heredoc(name) {
  return name == "RUN" || name == "COPY" || name == "ADD"
}

# Reads a line and its continuation lines into `pieces`, without the comments and empty lines between them.
function read_pieces(    one, continued_at) {
  piece_count = 0
  do {
    one = lines[next_line++]
    if (one ~ /^[ \t]*#/ || one ~ /^[ \t]*$/) {
      if (piece_count == 0 && !continued_at) return
      continued_at = 1
      continue
    }
    continued_at = continuation(one)
    if (continued_at) one = substr(one, 1, continued_at - 1)
    add_pieces(one)
  } while (continued_at && next_line <= line_count)
}

function add_pieces(text,    at) {
  for (at = 1; at <= length(text); at += 1000) pieces[++piece_count] = substr(text, at, 1000)
}

# The position of the escape character that continues the line, or 0. An escaped escape character does not continue it.
function continuation(text,    at) {
  sub(/[ \t]+$/, "", text)
  at = length(text)
  if (substr(text, at, 1) != escape) return 0
  return at > 1 && substr(text, at - 1, 1) == escape ? 0 : at
}

# Removes the first word from the pieces and returns it. It may span several pieces.
function take_first_word(    at, text, word) {
  for (at = 1; at <= piece_count && text !~ /[^ \t][ \t]/; at++) {
    text = text pieces[at]
    pieces[at] = ""
  }
  sub(/^[ \t]+/, "", text)
  word = text
  sub(/[ \t].*/, "", word)
  pieces[at - 1] = substr(text, length(word) + 1)
  return word
}

# Splits the pieces into flags and words. A word ends at a blank outside of quotes.
function split_pieces(    at) {
  flag_count = word_count = raw_count = is_json = 0
  split("", words)
  quote = is_escaped = long_word = word_end = ""
  for (at = 1; at <= piece_count; at++) read_words(pieces[at])
  end_word()
  if (is_json) json_words()
}

function read_words(text,    at, char) {
  while (text != "") {
    if (is_escaped) at = 1
    else if (!(at = next_special(text))) at = length(text)
    char = is_escaped ? "" : substr(text, at, 1)
    is_escaped = char == "\\" && quote != "'"
    if (quote == "" && (char == " " || char == "\t")) {
      add_to_word(substr(text, 1, at - 1))
      end_word()
    } else {
      add_to_word(substr(text, 1, at))
      if (char == quote) quote = ""
      else if (quote == "" && (char == "'" || char == "\"")) quote = char
    }
    text = substr(text, at + 1)
  }
}

# The position of the next blank, quote or backslash that has a meaning here, or 0.
function next_special(text) {
  if (quote == "'") return index(text, "'")
  if (quote == "\"") return match(text, /["\\]/)
  return match(text, /[ \t"'\\]/)
}

function add_to_word(text) {
  word_end = word_end text
  if (length(word_end) < 4000) return
  long_word = long_word word_end
  word_end = ""
}

function end_word(    word) {
  word = long_word word_end
  long_word = word_end = ""
  if (word == "") return
  if (raw_count == 0 && word ~ /^--./) {
    flags[++flag_count] = word
    return
  }
  raw[++raw_count] = word
  words[++word_count] = word
  if (raw_count == 1) is_json = word ~ /^\[/
}

# Reads the words of ["a", "b c"]. A shell's test, such as [ -f a ], is not JSON.
function json_words(    at, text, count) {
  for (at = 1; at <= piece_count && is_json; at++) {
    text = text pieces[at]
    while (match(text, /"([^"\\]|\\.)*"/)) {
      if (substr(text, 1, RSTART - 1) !~ /^[][ \t,]*$/) is_json = 0
      words[++count] = substr(text, RSTART + 1, RLENGTH - 2)
      text = substr(text, RSTART + RLENGTH)
    }
  }
  if (count == 0 || text !~ /^[ \t]*\][ \t]*$/) is_json = 0
  for (at = 1; at <= raw_count && !is_json; at++) words[at] = raw[at]
  word_count = is_json ? count : raw_count
}

function read_heredocs(    at, name, chomp, one) {
  for (at = 1; at <= word_count; at++) {
    if (words[at] !~ /^[0-9]*<<-?[^<-][^<]*$/ && words[at] !~ /^[0-9]*<<-[^<]+$/) continue
    name = words[at]
    sub(/^[0-9]*<</, "", name)
    chomp = sub(/^-/, "", name)
    gsub(/["']/, "", name)
    heredoc = name
    while (next_line <= line_count) {
      one = lines[next_line++]
      script[++script_count] = one
      if (chomp) sub(/^\t+/, "", one)
      if (one == name) break
    }
  }
}

function unquoted(word) {
  gsub(/["']/, "", word)
  return word
}
