# shellcheck shell=bash
# What libvirt of a KVM host says, and whether images can be had: probes of site-facts.sh, which has the questions and
# prints rows. Needs as-root.sh, permits.sh and pool-space.sh.
# shellcheck disable=SC2154  # set there

# libvirt that hangs would make each of these wait: it is asked first.
probe_libvirt() {
  local said libvirt qemu
  if ! said=$(timeout 15 virsh version --daemon 2>&1); then
    unknown libvirt "${said:-no answer within 15 s}"
    probe_images
    return
  fi
  libvirt=$(sed -n 's/^Running against daemon: \([0-9.]*\).*/\1/p' <<<"$said")
  qemu=$(sed -n 's/^Running hypervisor: QEMU \([0-9.]*\).*/\1/p' <<<"$said")
  row libvirt libvirt "$libvirt" qemu "$qemu"
  row hook state "$(hook_state)"
  probe_kvm
  if [[ -n $pool ]]; then probe_pool; fi
  probe_images
  probe_domains
}

# The device may be there and libvirt not offer it; libvirt's word is what `up` goes by.
probe_kvm() {
  local state=works said
  if [[ ! -c /dev/kvm ]]; then
    state=no-device
  elif ! said=$(timeout 15 virsh domcapabilities --virttype kvm 2>&1 >/dev/null); then
    state=refused
  fi
  row kvm state "$state" said "${said:-}"
}

# is_there FILE: the pool's folder may be closed to all but root.
is_there() { [[ -e $1 ]] || as_root test -e "$1" 2>/dev/null; }

present=
probe_pool() {
  local said state type dir='' free=0 promised='' volume
  if ! said=$(timeout 15 virsh pool-info "$pool" 2>&1); then
    row pool name "$pool" state absent type '' free 0 promised 0
    return
  fi
  state=$(sed -n 's/^State: *//p' <<<"$said")
  said=$(timeout 15 virsh pool-dumpxml "$pool" 2>&1) || true
  type=$(sed -n "s/^<pool type=['\"]\([a-z-]*\)['\"].*/\1/p" <<<"$said")
  dir=$(sed -n 's|^ *<path>\(.*\)</path>|\1|p' <<<"$said" | head -n 1)
  if [[ -d $dir ]]; then
    free=$(timeout 10 df --block-size=1 --output=avail -- "$dir" | tail -n 1) || free=0
    # shellcheck disable=SC2016  # of that shell
    promised=$(timeout 10 bash -c '. "$1"; pool_space' pool-space "$here/lib/pool-space.sh" 2>/dev/null \
      | tr '}' '\n' | sed -n "s/.*\"name\":\"${pool//./[.]}\",.*\"promised\":\([0-9]*\).*/\1/p") || promised=
  fi
  row pool name "$pool" state "$state" type "$type" free "${free// /}" promised "${promised:-0}"
  for volume in "${volumes[@]}"; do
    if is_there "$dir/$volume"; then row volume name "$volume"; fi
  done
  present=$dir
}

probe_domains() {
  local domain xml owner
  for domain in "${domains[@]}"; do
    xml=$(timeout 15 virsh dumpxml --inactive "$domain" 2>/dev/null) || continue
    owner=$(grep -o "<[^<>]*:owner [^<>]*https://pulumi.com/kvm-mirror[^<>]*" <<<"$xml" || true)
    owner=$(sed -n "s/.* stack=[\"']\([^\"']*\)[\"'].*/\1/p" <<<"$owner")
    row domain name "$domain" owner "$owner"
  done
}

# fetched SOURCE: a small file, from where `up` would get it.
fetched() {
  case $1 in
    https://*) timeout 20 curl --fail --silent --show-error --location --proto '=https' --proto-redir '=https' \
      --max-time 15 -- "$1" ;;
    *) cat -- "$1" ;;
  esac
}

probe_images() {
  local index
  for ((index = 0; index < ${#images[@]}; index += 3)); do
    if [[ -n $present ]] && is_there "$present/${images[index]}"; then continue; fi
    image_row "${images[index + 1]}" "${images[index + 2]}"
  done
}

# image_row SOURCE CHECKSUM
image_row() {
  local state=ok said='' expected=${2#sha256:}
  if [[ $2 == sha256sums:* ]]; then
    if ! said=$(fetched "${2#sha256sums:}" 2>&1); then
      row image source "$1" state no-list said "${said##*$'\n'}"
      return
    fi
    expected=$(awk -v name="${1##*/}" '$2 == name || $2 == "*" name { print $1; exit }' <<<"$said")
    said=
    if [[ ! $expected =~ ^[0-9a-fA-F]{64}$ ]]; then
      row image source "$1" state not-listed said ''
      return
    fi
  fi
  if [[ $1 == https://* ]]; then
    said=$(timeout 20 curl --fail --silent --show-error --location --head --proto '=https' --proto-redir '=https' \
      --max-time 15 --output /dev/null -- "$1" 2>&1) || state=unreachable
  elif [[ ! -f $1 ]]; then
    state=absent
  elif ! said=$(timeout 60 sha256sum -- "$1" 2>&1); then
    unknown "the checksum of $1" "${said:-not read within 60 s}"
    return
  else
    said=${said%% *}
    [[ $said == "${expected,,}" ]] || state=differs
  fi
  row image source "$1" state "$state" said "${said##*$'\n'}"
}
