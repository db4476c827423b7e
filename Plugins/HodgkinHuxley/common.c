#include "common.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

double hh_rate_factor(double celsius) { return pow(3, (celsius - hh_celsius) / 10); }

double hh_density(double nanoampere) { return nanoampere * 100 / hh_area; }

void hh_block_standard(hh_block *b, double dt, double celsius) {
  *b = (hh_block){.e_na = hh_e_na, .e_k = hh_e_k, .threshold = hh_threshold};
  for (int i = 0; i < HH_LANES; i++) {
    b->g_na[i] = hh_g_na, b->g_k[i] = hh_g_k, b->g_l[i] = hh_g_l, b->e_l[i] = hh_e_l;
    b->capacity[i] = 1e-3 * hh_c_m / dt;
    b->rate_step[i] = dt * hh_rate_factor(celsius);
  }
}

double hh_spike_time(hh_integrator integrator, double v_before, double v_after, size_t end, double dt) {
  if (integrator == HH_STAGGERED_EULER) return (double)end * dt;
  return ((double)end - (v_after - hh_threshold) / (v_after - v_before)) * dt;
}

const char *const hh_integrator_names[] = {"multistep", "staggered-euler", NULL};

hh_integrator hh_integrator_named(const char *text) {
  return text && strcmp(text, hh_integrator_names[1]) == 0 ? HH_STAGGERED_EULER : HH_MULTISTEP;
}

size_t hh_multiple(double whole, double part) {
  double steps = round(whole / part);
  return steps >= 1 && fabs(whole - steps * part) <= 1e-6 * part ? (size_t)steps : 0;
}

void hh_say(dmo_text text, const char *format, ...) {
  if (!text.data || text.capacity == 0) return;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text.data, text.capacity, format, arguments);
  va_end(arguments);
}

int hh_cancelled(const dmo_call *call) { return call->cancelled && call->cancelled(call); }

const void *hh_offered(const hh_offer *offers, const char *id) {
  while (offers->id && strcmp(offers->id, id) != 0) offers++;
  return offers->table;
}
