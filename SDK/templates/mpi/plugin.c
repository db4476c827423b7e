/* @NAME@: a dmo plugin whose evaluations several MPI ranks share (dmo.mpi/1, a draft). It bends rays through a single
 * lens; replace the lens by your simulator.
 *
 * Each rank traces some of the rays and all of them learn all: results are gathered ray by ray and added up in one order,
 * so that the answer is the same to the bit on any number of ranks. Without `--ranks-per-evaluation` one process does it
 * all. A plugin that is linked to MPI may use `*(const MPI_Comm *)mpi->communicator` instead of all_gather.
 *
 * The lens is of N-BK7 glass, its surfaces are spheres of curvature c1 and c2 (1/radius, in 1/mm), the light comes from
 * infinity. Wanted: a small spot and little glass, at a focal length of 100 mm or less, with an edge that can be held.
 * The rays are traced exactly (W. T. Welford, Aberrations of Optical Systems, 1986, section 4.3). */
#include <dmo/dmo.h>
#include <dmo/draft/mpi.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the tables: what dmo and its users see ------------------------------------------------------------------ */
enum { C1, C2, THICKNESS, PARAMS };             /* places in x: the order of the table below */
static const dmo_param params[PARAMS] = {
  { .id = "c1", .name = "Front curvature", .unit = "1/mm", .min = 0, .max = 0.04 },
  { .id = "c2", .name = "Back curvature", .unit = "1/mm", .min = -0.04, .max = 0.02 },
  { .id = "thickness", .name = "Thickness on axis", .unit = "mm", .min = 2, .max = 12 },
};
enum { SPOT, MASS, FOCAL_LENGTH, EDGE, OUTPUTS };                                    /* places in y */
static const dmo_output outputs[OUTPUTS] = {
  { .id = "spot", .name = "Root mean square spot radius", .unit = "um", .role = DMO_MINIMIZE },
  { .id = "mass", .name = "Mass", .unit = "g", .role = DMO_MINIMIZE },
  { .id = "focal_length", .name = "Focal length", .unit = "mm", .role = DMO_AT_MOST, .bound = 100 },
  { .id = "edge", .name = "Thickness at the edge", .unit = "mm", .role = DMO_AT_LEAST, .bound = 1 },
};
static const dmo_spec spec = {
  .struct_size = sizeof spec, .param_size = sizeof params[0], .output_size = sizeof outputs[0],
  .param_count = PARAMS, .params = params, .output_count = OUTPUTS, .outputs = outputs,
};
enum { WAVELENGTH, APERTURE, OPTIONS };         /* the user sets them with --set, once */
static const dmo_option options[OPTIONS] = {
  { .kind = DMO_OPT_REAL, .key = "wavelength", .help = "colour of the light", .unit = "um",
    .default_text = "0.5876", .min = 0.4, .max = 1.5 },
  { .kind = DMO_OPT_REAL, .key = "aperture", .help = "radius of the lens", .unit = "mm",
    .default_text = "12.5", .min = 1, .max = 20 },
};

/* ---- one instance: what the options make ----------------------------------------------------------------------- */
typedef struct lens {
  double index, aperture;
  int is_usual;
  const dmo_mpi *mpi;                           /* the group; NULL where one process evaluates alone */
} lens;

/* N-BK7 by Sellmeier's equation (Schott's data sheet); the wavelength in um. */
static double refractive_index(double wavelength) {
  static const double b[3] = { 1.03961212, 0.231792344, 1.01046945 };
  static const double c[3] = { 0.00600069867, 0.0200179144, 103.560653 };
  double w2 = wavelength * wavelength, n2 = 1;
  for (int i = 0; i < 3; i++) n2 += b[i] * w2 / (w2 - c[i]);
  return sqrt(n2);
}

static dmo_status create(const dmo_host *host, const char *const *texts, dmo_instance *instance, dmo_text *error) {
  lens *self = malloc(sizeof *self);
  if (!self) {
    snprintf(error->data, error->capacity, "out of memory");
    return DMO_FAILED;
  }
  double wavelength = strtod(texts[WAVELENGTH], NULL);   /* dmo has checked the texts against the table */
  *self = (lens){ .index = refractive_index(wavelength), .aperture = strtod(texts[APERTURE], NULL) };
  self->mpi = host->extension ? host->extension(host, DMO_EXT_MPI) : NULL;
  self->is_usual = wavelength == 0.5876 && self->aperture == 12.5;
  *instance = self;
  return DMO_OK;
}

/* ---- one evaluation -------------------------------------------------------------------------------------------- */
enum { RAYS = 16, MOST_RANKS = RAYS };      /* more ranks than rays are of no use */
static const double density = 2.51e-3;          /* g/mm3 */
static const double pi = 3.14159265358979323846;

static dmo_status infeasible(dmo_result *out, const char *why) {
  snprintf(out->message.data, out->message.capacity, "%s", why);
  return DMO_INFEASIBLE;
}

static double sag(double c, double h) { return c * h * h / (1 + sqrt(1 - c * c * h * h)); }
static double cap_volume(double s, double h) { return pi * s * (3 * h * h + s * s) / 6; }

typedef struct ray { double y, z, m, l; } ray;  /* a point, and a direction (m, l) of length 1 */

/* Takes the ray to the surface with its vertex at z = 0 and bends it from index n into n2; 0 where it cannot. */
static int refract(ray *r, double c, double n, double n2) {
  double y = r->y - r->z * r->m / r->l;         /* at the plane of the vertex */
  double f = c * y * y, g = r->l - c * y * r->m, cosine2 = g * g - c * f;
  if (cosine2 < 0) return 0;
  double cosine = sqrt(cosine2), along = f / (g + cosine), bent2 = n2 * n2 - n * n * (1 - cosine2);
  if (bent2 < 0) return 0;
  double k = sqrt(bent2) - n * cosine;
  r->y = y + r->m * along;
  r->z = r->l * along;
  r->m = (n * r->m - k * c * r->y) / n2;
  r->l = (n * r->l - k * (c * r->z - 1)) / n2;
  return 1;
}

/* What becomes of a ray: where it meets the paraxial focus, and its slope there. */
typedef struct landing { double y, slope; int32_t surface, reserved; } landing;   /* surface: that it fails at, or 0 */

static landing trace(const lens *self, const double *x, double focus, int ring) {
  double n = self->index;
  ray r = { .y = self->aperture * sqrt((ring + 0.5) / RAYS), .l = 1 };   /* rings of equal area */
  if (!refract(&r, x[C1], 1, n)) return (landing){ .surface = 1 };
  r.z -= x[THICKNESS];
  if (!refract(&r, x[C2], n, 1)) return (landing){ .surface = 2 };
  double slope = r.m / r.l;
  return (landing){ .y = r.y + slope * (focus - r.z), .slope = slope };
}

/* All rays: this rank's own, a run of neighbours, and by all_gather those of the others. Every rank gets here or none
 * does, whatever its own rays did: who left early would let the others wait. 0 where the gathering failed. */
static int trace_all(const lens *self, const double *x, double focus, landing *rays) {
  const dmo_mpi *mpi = self->mpi;
  int rank = mpi ? mpi->rank : 0, size = mpi ? mpi->size : 1;
  int first = RAYS * rank / size, last = RAYS * (rank + 1) / size;
  for (int i = first; i < last; i++) rays[i] = trace(self, x, focus, i);
  if (!mpi) return 1;
  size_t counts[MOST_RANKS];                    /* dmo keeps to most_ranks below */
  const landing *all = mpi->all_gather(mpi, rays + first, (size_t)(last - first) * sizeof *rays, counts);
  if (all) memcpy(rays, all, RAYS * sizeof *rays);
  return all != NULL;
}

/* Must not allocate, keep anything between calls, or use any randomness but call->seed. */
static dmo_status evaluate(dmo_instance instance, const dmo_call *call, dmo_result *out) {
  const lens *self = instance;
  double c1 = call->x[C1], c2 = call->x[C2], t = call->x[THICKNESS], n = self->index, h = self->aperture;
  double front = sag(c1, h), back = sag(c2, h), edge = t - front + back;
  /* All ranks have the same x: they all leave here, or none. */
  if (edge <= 0) return infeasible(out, "the surfaces cross inside the aperture");
  out->y[EDGE] = edge;
  out->y[MASS] = density * (pi * h * h * edge + cap_volume(front, h) - cap_volume(back, h));
  double power = (n - 1) * (c1 - c2 + (n - 1) * t * c1 * c2 / n);
  if (power <= 0) return infeasible(out, "the lens diverges");
  out->y[FOCAL_LENGTH] = 1 / power;
  landing rays[RAYS];
  if (!trace_all(self, call->x, (1 - (n - 1) * t * c1 / n) / power, rays)) return DMO_FAILED;
  double yy = 0, ym = 0, mm = 0;
  for (int i = 0; i < RAYS; i++) {
    if (rays[i].surface == 1) return infeasible(out, "a ray misses the lens");
    if (rays[i].surface == 2) return infeasible(out, "a ray is reflected back inside the lens");
    yy += rays[i].y * rays[i].y;
    ym += rays[i].y * rays[i].slope;
    mm += rays[i].slope * rays[i].slope;
  }
  out->y[SPOT] = 1000 * sqrt(fmax(0, yy - ym * ym / mm) / RAYS);   /* at the sensor's best place */
  return DMO_OK;
}

/* ---- what is known without a search: dmo plugin validate compares, no search ever sees it --------------------- */
static const double biconvex_x[PARAMS] = { 0.0102, -0.0102, 6 };
static const double biconvex_y[OUTPUTS] = { 57.8738130265316, 6.40805932972265, 95.8518132228333, 4.39971971265493 };
static const dmo_reference_point biconvex = {
  .struct_size = sizeof biconvex, .kind = DMO_REF_GOLDEN, .note = "an equiconvex lens, traced by another program",
  .x = biconvex_x, .y = biconvex_y, .rtol = 1e-9,
};
static const dmo_reference_point *const known[] = { &biconvex };
static size_t points(dmo_instance instance, const dmo_reference_point *const **list) {
  *list = known;
  return ((const lens *)instance)->is_usual ? 1 : 0;     /* with other options it has other answers */
}
static const dmo_reference reference = { .struct_size = sizeof reference, .points = points };
static const dmo_mpi_problem together = { .struct_size = sizeof together, .most_ranks = MOST_RANKS };
static const void *extension(const char *id) {
  if (!strcmp(id, DMO_EXT_MPI)) return &together;
  return strcmp(id, DMO_EXT_REFERENCE) ? NULL : &reference;
}

/* ---- the plugin ------------------------------------------------------------------------------------------------ */
static const dmo_problem problem = {
  .struct_size = sizeof problem, .threads = DMO_THREADS_FREE, .flags = DMO_HIDDEN_CONSTRAINTS,
  .option_size = sizeof options[0], .option_count = OPTIONS, .options = options,
  .id = "@NAME@", .name = "Single lens", .summary = "A sharp and light lens of N-BK7 with a focal length of 100 mm",
  .spec = &spec, .evaluate = evaluate, .create = create, .destroy = free, .extension = extension,
};
static const dmo_problem *const problems[] = { &problem };
static const dmo_plugin plugin = {
  .struct_size = sizeof plugin, .abi_minor = DMO_ABI_MINOR, .id = "org.example.@NAME@", .name = "@NAME@",
  .version = "0.1.0", .vendor = "Example", .license = "Apache-2.0", .url = "https://example.org",
  .problem_count = 1, .problems = problems,
};
const dmo_plugin *dmo_plugin_v1(const dmo_host *host) {
  (void)host;
  return &plugin;
}
