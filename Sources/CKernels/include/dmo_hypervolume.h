#ifndef DMO_HYPERVOLUME_H
#define DMO_HYPERVOLUME_H
/*
 * The exact hypervolume indicator (Zitzler & Thiele 1998).
 *
 * Two objectives: a sorted sweep. Three: a sweep over the third objective above a staircase of the first two. From four on
 * slices of the last objective, the exclusive part of each point computed against the points clipped to its box, as in
 * WFG (While, Bradstreet & Barone, IEEE TEVC 16 (2012) 86-95), down to three objectives. Every list that a slice needs
 * is kept sorted by the slice above it, so that nothing is sorted twice. [any thread]
 */
#include <stddef.h>

/*
 * The volume that the points dominate below the reference, all objectives minimised. Points that are not better than the
 * reference everywhere add nothing; nor do NaN.
 * points: (n, m), row major. reference: (m). m >= 1.
 * Returns -1 when memory is short. Allocates once, before it starts: about m n (m + 4) numbers.
 * Cost: O(n log n) for m = 2, typically so for m = 3 (at worst O(n^2) small moves), O(n^2) to O(n^3) for m = 4, and a
 * factor of n more for each further objective at worst.
 */
double dmo_hypervolume(size_t n, size_t m, const double *points, const double *reference);

#endif
