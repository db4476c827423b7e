# Makes, from dmo.h, the header of a later minor version: every structure that may grow gets a field `later` of one to
# three words at its end, and the minor version goes up. dmo_text has no size field and is part of others: it never grows.
/^#define DMO_ABI_MINOR/ { sub(/[0-9]+u/, "1u"); print; print "#define DMO_GROWN 1"; next }
{
  while (match($0, /} *dmo_[a-z_]+;/)) {
    name = substr($0, RSTART, RLENGTH)
    gsub(/[} ;]/, "", name)
    if (name != "dmo_text") printf "%s uint64_t later[%d]; ", substr($0, 1, RSTART - 1), 1 + grown++ % 3
    else printf "%s", substr($0, 1, RSTART - 1)
    printf "} %s;", name
    $0 = substr($0, RSTART + RLENGTH)
  }
  print
}
END { if (grown < 15) { print "grow.awk: only " grown " structures found" > "/dev/stderr"; exit 1 } }
