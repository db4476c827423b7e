/* RK4 steps forwards, their exact reverse and their exact tangent: part of kernels_body.h.
 *
 * With k(a) = Q sin a + e, one step of RK4 on (q, v), q' = v, v' = k(q), reads
 *   a1 = q                       k1 = k(a1)        a3 = q + h/2 v + h^2/4 k1      k3 = k(a3)
 *   a2 = q + h/2 v               k2 = k(a2)        a4 = q + h v + h^2/2 k2        k4 = k(a4)
 *   q+ = q + h v + h^2/6 (k1 + k2 + k3)            v+ = v + h/6 (k1 + 2 k2 + 2 k3 + k4)
 * so the stages come in two pairs, each of which needs nothing of its own partner. */

KERNEL void forward_run(const osc_network *net, const osc_state *state, size_t steps, double *tape, const int lanes) {
  const size_t m = state->vectors, size = m * WIDTH;
  double *q = state->q, *v = state->v, *s = state->work, *k12 = s + 2 * size, *k34 = k12 + 2 * size;
  const double *k1 = k12, *k2 = k12 + size, *k3 = k34, *k4 = k34 + size;
  const double h = net->h;
  const vec whole = vec_set(h), half = vec_set(h / 2), quarter2 = vec_set(h * h / 4), half2 = vec_set(h * h / 2);
  const vec sixth = vec_set(h / 6), sixth2 = vec_set(h * h / 6), two = vec_set(2);
  for (size_t step = 0; step < steps; step++) {
    for (size_t i = 0; i < size; i += WIDTH) {
      vec a1 = vec_load(q + i), a2 = vec_fma(half, vec_load(v + i), a1);
      sine_to(s + i, a1);
      sine_to(s + size + i, a2);
      if (tape) {
        cosine_to(tape + i, a1);
        cosine_to(tape + size + i, a2);
      }
    }
    product(net, net->matrix, net->drive, s, k12, m, lanes);
    for (size_t i = 0; i < size; i += WIDTH) {
      vec qi = vec_load(q + i), vi = vec_load(v + i);
      vec a3 = vec_fma(quarter2, vec_load(k1 + i), vec_fma(half, vi, qi));
      vec a4 = vec_fma(half2, vec_load(k2 + i), vec_fma(whole, vi, qi));
      sine_to(s + i, a3);
      sine_to(s + size + i, a4);
      if (tape) {
        cosine_to(tape + 2 * size + i, a3);
        cosine_to(tape + 3 * size + i, a4);
      }
    }
    product(net, net->matrix, net->drive, s, k34, m, lanes);
    for (size_t i = 0; i < size; i += WIDTH) {
      vec qi = vec_load(q + i), vi = vec_load(v + i), b = vec_load(k2 + i), c = vec_load(k3 + i);
      vec a = vec_load(k1 + i), d = vec_load(k4 + i), bc = b + c;
      vec_store(q + i, vec_fma(sixth2, a + bc, vec_fma(whole, vi, qi)));
      vec_store(v + i, vec_fma(sixth, vec_fma(two, bc, a + d), vi));
    }
    if (tape) tape += 4 * size;
  }
}

ENTRY void forward(const osc_network *net, const osc_state *state, size_t steps, double *tape) {
  if (state->lanes) forward_run(net, state, steps, NULL, 1);
  else if (tape) forward_run(net, state, steps, tape, 0);
  else forward_run(net, state, steps, NULL, 0);
}

/* The step above read backwards: x' below is the derivative of the goal by x; k' is that by an acceleration. */
ENTRY void adjoint(const osc_network *net, const osc_state *state, size_t steps, const double *tape) {
  const size_t m = state->vectors, size = m * WIDTH;
  double *q = state->q, *v = state->v, *k = state->work, *p12 = k + 2 * size, *p34 = p12 + 2 * size;
  const double h = net->h;
  const vec whole = vec_set(h), half = vec_set(h / 2), quarter2 = vec_set(h * h / 4), half2 = vec_set(h * h / 2);
  const vec sixth = vec_set(h / 6), third = vec_set(h / 3), sixth2 = vec_set(h * h / 6);
  for (size_t step = steps; step-- > 0;) {
    const double *cosines1 = tape + step * 4 * size, *cosines2 = cosines1 + size;
    const double *cosines3 = cosines2 + size, *cosines4 = cosines3 + size;
    for (size_t i = 0; i < size; i += WIDTH) {
      vec qi = vec_load(q + i), vi = vec_load(v + i);
      vec_store(k + i, vec_fma(sixth2, qi, third * vi));                                     /* k3' */
      vec_store(k + size + i, sixth * vi);                                                   /* k4' */
    }
    product(net, net->transpose, net->zero, k, p34, m, 0);
    for (size_t i = 0; i < size; i += WIDTH) {
      vec qi = vec_load(q + i), vi = vec_load(v + i), direct = sixth2 * qi;
      vec a3 = vec_load(cosines3 + i) * vec_load(p34 + i), a4 = vec_load(cosines4 + i) * vec_load(p34 + size + i);
      vec_store(p34 + i, a3);
      vec_store(p34 + size + i, a4);
      vec_store(k + i, vec_fma(quarter2, a3, vec_fma(sixth, vi, direct)));                   /* k1' */
      vec_store(k + size + i, vec_fma(half2, a4, vec_fma(third, vi, direct)));               /* k2' */
    }
    product(net, net->transpose, net->zero, k, p12, m, 0);
    for (size_t i = 0; i < size; i += WIDTH) {
      vec qi = vec_load(q + i), vi = vec_load(v + i), a3 = vec_load(p34 + i), a4 = vec_load(p34 + size + i);
      vec a1 = vec_load(cosines1 + i) * vec_load(p12 + i), a2 = vec_load(cosines2 + i) * vec_load(p12 + size + i);
      vec_store(q + i, qi + ((a1 + a2) + (a3 + a4)));
      vec_store(v + i, vec_fma(whole, qi + a4, vec_fma(half, a2 + a3, vi)));
    }
  }
}

/* The step above along a direction: x' below is the derivative of x by the length of the way. */
ENTRY void tangent(const osc_network *net, const osc_state *state, size_t steps, const double *tape) {
  const size_t m = state->vectors, size = m * WIDTH;
  double *q = state->q, *v = state->v, *s = state->work, *k12 = s + 2 * size, *k34 = k12 + 2 * size;
  const double h = net->h;
  const vec whole = vec_set(h), half = vec_set(h / 2), quarter2 = vec_set(h * h / 4), half2 = vec_set(h * h / 2);
  const vec sixth = vec_set(h / 6), sixth2 = vec_set(h * h / 6), two = vec_set(2);
  for (size_t step = 0; step < steps; step++, tape += 4 * size) {
    for (size_t i = 0; i < size; i += WIDTH) {
      vec a1 = vec_load(q + i), a2 = vec_fma(half, vec_load(v + i), a1);
      vec_store(s + i, vec_load(tape + i) * a1);
      vec_store(s + size + i, vec_load(tape + size + i) * a2);
    }
    product(net, net->matrix, net->zero, s, k12, m, 0);
    for (size_t i = 0; i < size; i += WIDTH) {
      vec qi = vec_load(q + i), vi = vec_load(v + i);
      vec a3 = vec_fma(quarter2, vec_load(k12 + i), vec_fma(half, vi, qi));
      vec a4 = vec_fma(half2, vec_load(k12 + size + i), vec_fma(whole, vi, qi));
      vec_store(s + i, vec_load(tape + 2 * size + i) * a3);
      vec_store(s + size + i, vec_load(tape + 3 * size + i) * a4);
    }
    product(net, net->matrix, net->zero, s, k34, m, 0);
    for (size_t i = 0; i < size; i += WIDTH) {
      vec qi = vec_load(q + i), vi = vec_load(v + i);
      vec a = vec_load(k12 + i), d = vec_load(k34 + size + i);
      vec b = vec_load(k12 + size + i), c = vec_load(k34 + i), bc = b + c;
      vec_store(q + i, vec_fma(sixth2, a + bc, vec_fma(whole, vi, qi)));
      vec_store(v + i, vec_fma(sixth, vec_fma(two, bc, a + d), vi));
    }
  }
}
