# shellcheck shell=bash
# A group's targets as its file for tgt says (/etc/tgt/kvm-mirror/GROUP.conf, targets.conf(5), made by
# src/render/exports/iscsi/tgtTarget.ts). Read here, because tgt-admin needs a dozen processes for one target.

# write-cache off, as tgt-admin tells it to tgtd: the caching mode page (8) without WCE.
readonly write_through=mode_page=8:0:18:0x10:0:0xff:0xff:0:0:0xff:0xff:0xff:0xff:0x80:0x14:0:0:0:0:0:0

# Of each target of the file, by its IQN: the device, its logical unit with the kind of its backing store, the unit's
# parameters, and the serial number among them. plain: whether the file says nothing else; tgt-admin is needed
# otherwise.
declare -A file_device=() file_unit=() file_params=() file_serial=() plain=()

# read_target_file FILE: sets them; none when there is no file.
# shellcheck disable=SC2034  # the result
read_target_file() {
  local word value rest iqn='' lun='' type=''
  file_device=() file_unit=() file_params=() file_serial=() plain=()
  [[ -r $1 ]] || return 0
  while read -r word value rest; do
    if [[ -z $word || $word == '#'* ]] || [[ -z $iqn && $word != '<target' ]]; then continue; fi
    value=${value%>}
    case $word in
      driver | initiator-address | '</backing-store>') ;;
      '<target')
        iqn=$value lun=1 type=''
        plain[$iqn]=yes file_device[$iqn]='' file_params[$iqn]='' file_serial[$iqn]=''
        ;;
      '</target>') file_unit[$iqn]="--lun $lun${type:+ --bstype ${type@Q}}" ;;
      '<backing-store')
        # One to a target; tgt-admin numbers several.
        [[ -z ${file_device[$iqn]} ]] || plain[$iqn]=no
        file_device[$iqn]=$value
        ;;
      lun) lun=$value ;;
      bs-type) type=$value ;;
      write-cache) if [[ $value == off ]]; then file_params[$iqn]+=",$write_through"; else plain[$iqn]=no; fi ;;
      # The serial number is the last: where tgtd has it, it has them all.
      scsi_sn) file_serial[$iqn]=$value ;;
      scsi_id) file_params[$iqn]+=",scsi_id=$value" ;;
      *) plain[$iqn]=no ;;
    esac
    if [[ -n $rest || $value == *[,\"]* ]]; then plain[$iqn]=no; fi
  done <"$1"
  for iqn in "${!file_serial[@]}"; do
    if [[ -n ${file_serial[$iqn]} ]]; then file_params[$iqn]+=",scsi_sn=${file_serial[$iqn]}"; fi
    file_params[$iqn]=${file_params[$iqn]#,}
  done
}
