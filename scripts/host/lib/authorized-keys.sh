# shellcheck shell=bash
# Our lines in ~/.ssh/authorized_keys of the user that the KVM host knows us as.

# authorize NAME LINE: LINE, marked as ours under NAME, in place of an earlier one; an empty LINE takes it away.
authorize() {
  local file=~/.ssh/authorized_keys mark="kvm-mirror-fence-$1" new
  install -d -m 0700 ~/.ssh
  new=$(mktemp ~/.ssh/.authorized_keys.XXXXXX)
  chmod 0600 "$new"
  if [[ -e $file ]]; then
    chmod --reference="$file" "$new"
    awk -v mark="$mark" '$NF != mark' "$file" >"$new"
  fi
  if [[ -n $2 ]]; then printf '%s %s\n' "$2" "$mark" >>"$new"; fi
  if cmp -s "$new" "$file"; then
    rm "$new"
    return
  fi
  sync "$new"
  mv -T "$new" "$file"
}
