#include "dmo_hypervolume.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Throughout, a point is its gain over the reference: all coordinates positive, larger is better, boxes from 0. */

/* A staircase of the first two coordinates: x ascending, y descending, between (0, inf) and (inf, 0). */
typedef struct {
  double *x;
  double *y;
  size_t count;
} stairs;

static inline void stairs_clear(stairs *s) {
  s->x[0] = 0;
  s->y[0] = INFINITY;
  s->x[1] = INFINITY;
  s->y[1] = 0;
  s->count = 2;
}

/* The area that (x, y) adds; keeps the point when it adds any. */
static inline double stairs_add(stairs *s, double x, double y) {
  size_t low = 1;
  if (s->count > 16) {
    size_t high = s->count - 1; /* the answer lies in low ... high */
    while (low < high) {
      const size_t middle = (low + high) / 2;
      if (s->x[middle] < x) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
  } else {
    while (s->x[low] < x) low++;
  }
  if (s->y[low] >= y) return 0;
  double area = 0;
  double right = x;
  size_t first = low; /* the first point that the new one covers, or low */
  for (;;) {
    const double left = s->x[first - 1];
    area += (right - left) * (y - s->y[first]);
    if (s->y[first - 1] > y) break;
    right = left;
    first--;
  }
  /* A point straight below is covered too. */
  const size_t end = s->x[low] == x ? low + 1 : low;
  if (end == first) {
    const size_t rest = s->count - first;
    for (size_t k = rest; k > 0; k--) {
      s->x[first + k] = s->x[first + k - 1];
      s->y[first + k] = s->y[first + k - 1];
    }
    s->count++;
  } else if (end > first + 1) {
    const size_t rest = s->count - end;
    for (size_t k = 0; k < rest; k++) {
      s->x[first + 1 + k] = s->x[end + k];
      s->y[first + 1 + k] = s->y[end + k];
    }
    s->count -= end - first - 1;
  }
  s->x[first] = x;
  s->y[first] = y;
  return area;
}

typedef struct {
  double x, y, z;
} point3;

/* What the levels of the recursion work in. */
typedef struct {
  stairs steps;
  /* Level 4: the points above, by descending z. */
  point3 *above;
  /* Levels 5 and up, each for itself: the rows above, by descending last-but-one coordinate, and the clipped rows. */
  double **kept;
  double **clipped;
} work;

/* Rows by descending y. */
static double volume2(size_t n, const double *rows) {
  double area = 0;
  double best = 0;
  for (size_t i = 0; i < n; i++) {
    const double x = rows[2 * i];
    if (x > best) {
      area += (x - best) * rows[2 * i + 1];
      best = x;
    }
  }
  return area;
}

/* Rows by descending z: what is first covered at z has the height z. */
static double volume3(size_t n, const double *rows, work *w) {
  double volume = 0;
  stairs_clear(&w->steps);
  for (size_t i = 0; i < n; i++) {
    const double *p = rows + 3 * i;
    volume += p[2] * stairs_add(&w->steps, p[0], p[1]);
  }
  return volume;
}

/* The part of p's box that none of the boxes above covers. */
static double exclusive3(const point3 p, const point3 *above, size_t count, stairs *s) {
  double covered = 0;
  stairs_clear(s);
  for (size_t k = 0; k < count; k++) {
    const point3 q = above[k];
    const double x = q.x < p.x ? q.x : p.x;
    const double y = q.y < p.y ? q.y : p.y;
    const double z = q.z < p.z ? q.z : p.z;
    covered += z * stairs_add(s, x, y);
    if (x == p.x && y == p.y) {
      if (z == p.z) return 0;
      break; /* the whole base is covered up to z, and what follows is lower */
    }
  }
  return p.x * p.y * p.z - covered;
}

/* Rows by descending last coordinate. */
static double volume4(size_t n, const double *rows, work *w) {
  double volume = 0;
  size_t count = 0;
  point3 *above = w->above;
  for (size_t i = 0; i < n; i++) {
    const double *r = rows + 4 * i;
    const point3 p = {r[0], r[1], r[2]};
    const double part = exclusive3(p, above, count, &w->steps);
    if (part <= 0) continue;
    volume += part * r[3];
    /* Into the list; what the new point covers leaves it. */
    size_t at = 0;
    while (at < count && above[at].z > p.z) at++;
    size_t end = at;
    for (size_t k = at; k < count; k++) {
      if (above[k].x > p.x || above[k].y > p.y) above[end++] = above[k];
    }
    for (size_t k = end; k > at; k--) above[k] = above[k - 1];
    above[at] = p;
    count = end + 1;
  }
  return volume;
}

/* Rows by descending last coordinate. */
static double volume(size_t n, size_t m, const double *rows, work *w) {
  if (n == 0) return 0;
  if (m == 1) return rows[0];
  if (m == 2) return volume2(n, rows);
  if (m == 3) return volume3(n, rows, w);
  if (m == 4) return volume4(n, rows, w);
  const size_t d = m - 1; /* coordinates of a slice */
  double *kept = w->kept[m];
  double *clipped = w->clipped[m];
  size_t count = 0;
  double total = 0;
  for (size_t i = 0; i < n; i++) {
    const double *p = rows + m * i;
    double box = 1;
    for (size_t j = 0; j < d; j++) box *= p[j];
    int covered = 0;
    for (size_t k = 0; k < count && !covered; k++) {
      const double *q = kept + d * k;
      double *c = clipped + d * k;
      size_t larger = 0;
      for (size_t j = 0; j < d; j++) {
        larger += q[j] >= p[j];
        c[j] = q[j] < p[j] ? q[j] : p[j];
      }
      covered = larger == d;
    }
    if (covered) continue;
    total += p[d] * (box - volume(count, d, clipped, w));
    size_t at = 0;
    while (at < count && kept[d * at + d - 1] > p[d - 1]) at++;
    size_t end = at;
    for (size_t k = at; k < count; k++) {
      const double *q = kept + d * k;
      int isLarger = 0;
      for (size_t j = 0; j < d - 1; j++) isLarger |= q[j] > p[j];
      if (!isLarger) continue;
      if (end != k) memcpy(kept + d * end, q, d * sizeof *kept);
      end++;
    }
    memmove(kept + d * (at + 1), kept + d * at, d * (end - at) * sizeof *kept);
    memcpy(kept + d * at, p, d * sizeof *kept);
    count = end + 1;
  }
  return total;
}

typedef struct {
  double key;
  size_t row;
} keyed;


/* Insertion for short lists, else a bottom-up merge: qsort's calls would cost more than the sweep. */
static void sort_descending(keyed *a, keyed *spare, size_t n) {
  enum { RUN = 12 };
  for (size_t start = 0; start < n; start += RUN) {
    const size_t end = start + RUN < n ? start + RUN : n;
    for (size_t i = start + 1; i < end; i++) {
      const keyed v = a[i];
      size_t k = i;
      for (; k > start && a[k - 1].key < v.key; k--) a[k] = a[k - 1];
      a[k] = v;
    }
  }
  for (size_t width = RUN; width < n; width *= 2) {
    for (size_t start = 0; start + width < n; start += 2 * width) {
      const size_t middle = start + width;
      const size_t end = middle + width < n ? middle + width : n;
      memcpy(spare, a + start, width * sizeof *a);
      size_t i = 0;
      size_t j = middle;
      size_t k = start;
      while (i < width && j < end) a[k++] = spare[i].key >= a[j].key ? spare[i++] : a[j++];
      while (i < width) a[k++] = spare[i++];
    }
  }
}

double dmo_hypervolume(size_t n, size_t m, const double *points, const double *reference) {
  if (n == 0) return 0;
  /* Numbers: gains and sorted rows, the staircase, the list of level 4, two lists for each level above. */
  size_t numbers = 2 * n * m + 2 * (n + 3) + 3 * (n + 1);
  for (size_t level = 5; level <= m; level++) numbers += 2 * (n + 1) * (level - 1);
  double *memory = malloc(numbers * sizeof *memory);
  keyed *order = malloc(2 * n * sizeof *order);
  double **lists = calloc(2 * (m + 1), sizeof *lists);
  double result = -1;
  if (memory && order && lists) {
    double *next = memory;
    double *gains = next;
    next += n * m;
    double *sorted = next;
    next += n * m;
    work w = {.kept = lists, .clipped = lists + m + 1};
    w.steps.x = next;
    next += n + 3;
    w.steps.y = next;
    next += n + 3;
    w.above = (point3 *)next;
    next += 3 * (n + 1);
    for (size_t level = 5; level <= m; level++) {
      w.kept[level] = next;
      next += (n + 1) * (level - 1);
      w.clipped[level] = next;
      next += (n + 1) * (level - 1);
    }
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
      double *row = gains + m * count;
      int isInside = 1;
      for (size_t j = 0; j < m; j++) {
        row[j] = reference[j] - points[m * i + j];
        isInside &= row[j] > 0;
      }
      if (isInside) {
        order[count] = (keyed){row[m - 1], count};
        count++;
      }
    }
    sort_descending(order, order + n, count);
    for (size_t i = 0; i < count; i++) memcpy(sorted + m * i, gains + m * order[i].row, m * sizeof *sorted);
    result = volume(count, m, sorted, &w);
  }
  free(memory);
  free(order);
  free(lists);
  return result;
}
