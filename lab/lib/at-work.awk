# See at-work.sh. A resource's line in Pulumi's log: SIGN TYPE NAME VERB (SECONDS) WORDS, for example
#   +  command:local:Command mirror-a-boot creating (58s) wait-for-mirror.sh: storage@10.30.0.11: Connection refused
# In a preview the verb is `create`; at the end `created`, or `**creating failed**`.

# In memory without gaps: names[1] to names[count], in the order in which they were begun.
function forget(name, at, into) {
  into = 0
  for (at = 1; at <= count; at++) if (names[at] != name) names[++into] = names[at]
  count = into
}

function reset(to) {
  phase = to
  count = planned = 0
  name = ""
}

{ last = $0 }

/^Previewing [a-z]+ \(/ { reset("preview"); next }
/^(Updating|Destroying|Refreshing) \(/ { reset($1); next }
/^Duration: / { reset(""); next }

phase != "" && match($0, /^ *[-+~<>=]* +[a-z][A-Za-z0-9-]*:[^ ]+ [^ ]+ \*?\*?[a-z]+/) {
  first = $1 ~ /:/ ? 1 : 2
  if ($first ~ /^(pulumi|kvm-mirror):/) next
  name = $(first + 1)
  verb = $(first + 2)
  if (phase == "preview") { planned++; next }
  forget(name)
  if (verb ~ /ing$/ && verb !~ /^\*/) names[++count] = name
  said[name] = $0
  if (!sub(/^.*\([0-9.]+s\) */, "", said[name])) said[name] = ""
  sub(/^[a-z0-9-]+\.sh: /, "", said[name])
}

END {
  if (last == "") print "starting, it has said nothing yet"
  else if (phase == "preview") print "preview: " planned " resources looked at"
  else if (phase == "") { sub(/^ +/, "", last); print last }
  else if (count == 0) print (name == "" ? phase ": no resource yet" : "between two resources; last: " name " " verb)
  else {
    list = names[count]
    for (at = count - 1; at > 0 && at > count - 3; at--) list = list ", " names[at]
    if (count > 3) list = list " and " (count - 3) " more"
    print list (said[names[count]] == "" ? "" : ": " said[names[count]])
  }
}
