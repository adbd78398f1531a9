# shellcheck shell=bash
# Writing JSON of names, states and addresses.

# json_text TEXT: a JSON string.
json_text() {
  local text=${1//\\/\\\\}
  text=${text//\"/\\\"}
  printf '"%s"' "${text//[[:cntrl:]]/ }"
}

# json_truth COMMAND...: true if it succeeds.
json_truth() { if "$@" >/dev/null 2>&1; then printf true; else printf false; fi; }

# json_list: lines of JSON on stdin become an array.
json_list() { printf '[%s]' "$(sed '/^$/d' | paste -sd, -)"; }
