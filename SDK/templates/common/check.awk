# Compares two tables column by column, by name: awk -v tolerance=1e-9 -f check.awk golden.csv answers.csv
# An empty golden cell is not compared. Ends with 1 where the tables differ.
BEGIN { FS = "," }
{ sub(/\r$/, "") }
FNR == NR && FNR == 1 { for (i = 1; i <= NF; i++) name[i] = $i; columns = NF; next }
FNR == NR { for (i = 1; i <= columns; i++) golden[FNR, i] = $i; rows = FNR; next }
FNR == 1 { for (i = 1; i <= NF; i++) place[$i] = i; next }
{
  for (i = 1; i <= columns; i++) {
    want = golden[FNR, i]
    if (want == "") continue
    got = (name[i] in place) ? $place[name[i]] : "no such column"
    compared++
    if (want + 0 == want && got + 0 == got) {
      difference = got - want
      if (difference < 0) difference = -difference
      if (difference <= tolerance * (want < 0 ? -want : want)) continue
    } else if (want == got) continue
    print FILENAME ":" FNR ": " name[i] " is " got ", not " want
    failed = 1
  }
  seen = FNR
}
END {
  if (seen != rows || compared == 0) { print "expected " rows - 1 " answers, got " seen - 1; failed = 1 }
  if (!failed) print rows - 1 " golden points agree"
  exit failed
}
