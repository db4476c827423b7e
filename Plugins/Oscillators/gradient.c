/* Exact derivatives of the discrete map q(0) -> (q(T), loss): reverse mode through every RK4 step, and its tangent.
 *
 * The steps are linearised around the cosines of their stages, which the forward run leaves on a tape.  A run too long
 * for the tape is cut into segments: the state in front of each is kept, and all but the last are run once more on the
 * way back.  Time: one forward run with cosines, its reverse, and for long runs one forward run more.  Memory: 4 n
 * numbers a step up to TAPE_LIMIT, then growing with the root of the number of steps. */
#include "instance.h"

#include <math.h>
#include <string.h>

/* Numbers on the tape (32 MiB), below which nothing is run twice. */
static const size_t TAPE_LIMIT = (size_t)1 << 22;

size_t osc_gradient_segment(const osc_network *net) {
  size_t fitting = TAPE_LIMIT / OSC_TAPE_DOUBLES(net->padded);
  /* A kept state has half the numbers of a step on the tape: both parts are least at the root of half the steps. */
  size_t balanced = (size_t)ceil(sqrt((double)net->steps / 2));
  size_t segment = fitting > balanced ? fitting : balanced;
  return segment < net->steps ? segment : net->steps;
}

static size_t segment_count(const osc_network *net, size_t segment) { return (net->steps + segment - 1) / segment; }

/* A block: q, v, the kernels' scratch, d/dq or q', d/dv or v', the tape, the kept states. */
size_t osc_gradient_doubles(const osc_network *net, size_t segment) {
  return net->padded * (4 + OSC_WORK_VECTORS(1) + OSC_TAPE_DOUBLES(1) * segment + 2 * segment_count(net, segment));
}

typedef struct gradient_block {
  osc_state state;           /* the point          */
  osc_state direction;       /* what is carried along it, either way */
  double *tape, *kept;
} gradient_block;

static gradient_block lay_out(const osc_instance *self, double *block) {
  const size_t padded = self->network.padded;
  gradient_block out = {.state = {.vectors = padded / self->network.width, .q = block, .v = block + padded}};
  out.state.work = out.state.v + padded;
  out.direction = out.state;
  out.direction.q = out.state.work + OSC_WORK_VECTORS(1) * padded;
  out.direction.v = out.direction.q + padded;
  out.tape = out.direction.v + padded;
  out.kept = out.tape + OSC_TAPE_DOUBLES(1) * padded * self->segment;
  memset(block, 0, 2 * padded * sizeof(double));
  memset(out.direction.q, 0, 2 * padded * sizeof(double));
  return out;
}

static void begin(const osc_instance *self, const osc_state *state, const dmo_call *call) {
  memcpy(state->q, call->x, self->n * sizeof(double));
  memcpy(state->v, self->network.velocity, self->n * sizeof(double));
}

static void finish(const osc_instance *self, const osc_state *state, dmo_result *out) {
  memcpy(out->y, state->q, self->n * sizeof(double));
  out->y[self->n] = osc_loss(self, out->y);
}

/* An exponentially unstable network can carry derivatives beyond the range of doubles. */
static dmo_status check_finite(const double *values, size_t n, dmo_result *out) {
  for (size_t i = 0; i < n; i++)
    if (!isfinite(values[i])) return osc_refuse(out, DMO_FAILED, "a derivative is too large for a double: lower T");
  return DMO_OK;
}

static dmo_status reverse(const osc_instance *self, const dmo_call *call, const double *ybar, double *xbar,
                          dmo_result *out, double *memory) {
  const osc_network *net = &self->network;
  const size_t segments = segment_count(net, self->segment), both = 2 * net->padded;
  /* All segments but the last run twice, and a reverse costs about as much as a forward run. */
  const size_t again = (segments - 1) * self->segment, total = 2 * net->steps + again;
  gradient_block block = lay_out(self, memory);
  dmo_status status = DMO_OK;
  begin(self, &block.state, call);
  for (size_t k = 0; k < segments && !status; k++) {
    size_t first = k * self->segment, count = k + 1 < segments ? self->segment : net->steps - first;
    memcpy(block.kept + k * both, block.state.q, both * sizeof(double));
    status = osc_advance(self, call, &block.state, count, k + 1 < segments ? NULL : block.tape, first, total);
  }
  if (status) return status;
  finish(self, &block.state, out);
  memcpy(block.direction.q, ybar, self->n * sizeof(double));
  if (ybar[self->n] != 0) osc_loss_gradient(self, out->y, ybar[self->n], block.direction.q);
  size_t done = net->steps;
  for (size_t k = segments; k-- > 0 && !status;) {
    size_t count = k + 1 < segments ? self->segment : net->steps - k * self->segment;
    if (k + 1 < segments) {
      memcpy(block.state.q, block.kept + k * both, both * sizeof(double));
      status = osc_advance(self, call, &block.state, count, block.tape, done, total);
      done += count;
    }
    if (!status) self->kernels->adjoint(net, &block.direction, count, block.tape);
    done += count;
  }
  memcpy(xbar, block.direction.q, self->n * sizeof(double));
  return status ? status : check_finite(xbar, self->n, out);
}

dmo_status osc_vjp(dmo_instance instance, const dmo_call *call, const double *ybar, double *xbar, dmo_result *out) {
  osc_instance *self = instance;
  dmo_status status = osc_check(self, call, out);
  if (status) return status;
  double *memory = osc_pool_take(&self->gradient);
  if (!memory) return osc_refuse(out, DMO_FAILED, "out of memory for the gradient's tape");
  status = reverse(self, call, ybar, xbar, out, memory);
  osc_pool_give(&self->gradient, memory);
  return status;
}

static dmo_status along(const osc_instance *self, const dmo_call *call, const double *xdot, double *ydot,
                        dmo_result *out, double *memory) {
  const osc_network *net = &self->network;
  const size_t n = self->n;
  gradient_block block = lay_out(self, memory);
  dmo_status status = DMO_OK;
  begin(self, &block.state, call);
  memcpy(block.direction.q, xdot, n * sizeof(double));
  for (size_t done = 0; done < net->steps && !status; done += self->segment) {
    size_t count = net->steps - done < self->segment ? net->steps - done : self->segment;
    status = osc_advance(self, call, &block.state, count, block.tape, done, net->steps);
    if (!status) self->kernels->tangent(net, &block.direction, count, block.tape);
  }
  if (status) return status;
  finish(self, &block.state, out);
  memcpy(ydot, block.direction.q, n * sizeof(double));
  double *by_q = block.state.work;
  memset(by_q, 0, n * sizeof(double));
  osc_loss_gradient(self, out->y, 1, by_q);
  ydot[n] = 0;
  for (size_t i = 0; i < n; i++) ydot[n] += by_q[i] * ydot[i];
  return check_finite(ydot, n + 1, out);
}

dmo_status osc_jvp(dmo_instance instance, const dmo_call *call, const double *xdot, double *ydot, dmo_result *out) {
  osc_instance *self = instance;
  dmo_status status = osc_check(self, call, out);
  if (status) return status;
  double *memory = osc_pool_take(&self->gradient);
  if (!memory) return osc_refuse(out, DMO_FAILED, "out of memory for the gradient's tape");
  status = along(self, call, xdot, ydot, out, memory);
  osc_pool_give(&self->gradient, memory);
  return status;
}
