# shellcheck shell=bash
# Writing JSON of names, states and addresses.

# json_text TEXT: prints a JSON string.
json_text() {
  local text=$1
  quote text
  printf '%s' "$text"
}

# quote NAME...: the texts in these variables become JSON strings, without a process.
quote() {
  while (($# > 0)); do
    # shellcheck disable=SC2178  # texts
    local -n quoted=$1
    quoted=${quoted//\\/\\\\}
    quoted=${quoted//\"/\\\"}
    quoted="\"${quoted//[[:cntrl:]]/ }\""
    shift
  done
}

# json_truth COMMAND...: prints true if it succeeds, else false.
json_truth() {
  local answer
  truth answer "$@"
  printf '%s' "$answer"
}

# truth NAME COMMAND...: sets NAME to that, without a process of its own.
truth() { if "${@:2}" >/dev/null 2>&1; then printf -v "$1" true; else printf -v "$1" false; fi; }

# json_list: prints lines of JSON on stdin as an array.
json_list() {
  local line list=''
  while IFS= read -r line; do [[ -z $line ]] || list+=,$line; done
  printf '[%s]' "${list#,}"
}
