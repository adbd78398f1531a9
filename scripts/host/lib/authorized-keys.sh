# shellcheck shell=bash
# Our lines in ~/.ssh/authorized_keys of the user as whom we log in to the KVM host.

# authorize NAME LINE: writes LINE, marked as ours under NAME, in place of an earlier one. An empty LINE removes it.
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
