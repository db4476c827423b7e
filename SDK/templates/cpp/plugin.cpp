// @NAME@: a dmo plugin. It bends rays through a single lens; replace the lens by your simulator.
//
// The lens is of N-BK7 glass, its surfaces are spheres of curvature c1 and c2 (1/radius, in 1/mm), the light comes from
// infinity. Wanted: a small spot and little glass, at a focal length of 100 mm or less, with an edge that can be held.
// The rays are traced exactly (W. T. Welford, Aberrations of Optical Systems, 1986, section 4.3).
#include <dmo/dmo.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <stdexcept>

namespace {

// ---- what a simulator throws, and the boundary that no exception crosses -----------------------------------------
struct Infeasible : std::runtime_error {
  using std::runtime_error::runtime_error;
};

void say(const dmo_text &text, const char *why) {
  if (text.data && text.capacity > 0) std::snprintf(text.data, text.capacity, "%s", why);
}

template <typename Body>
dmo_status guarded(const dmo_text &text, Body body) noexcept {
  try {
    body();
    return DMO_OK;
  } catch (const Infeasible &error) {   // this point has no answer: never tried again, learnt from
    say(text, error.what());
    return DMO_INFEASIBLE;
  } catch (const std::exception &error) {   // this try failed: another might work
    say(text, error.what());
    return DMO_FAILED;
  } catch (...) {
    say(text, "an exception that is no std::exception");
    return DMO_FAILED;
  }
}

// ---- the tables: what dmo and its users see. C++17 has no designated initialisers, so functions name the fields ---
enum { C1, C2, THICKNESS, PARAMS };   // places in x: the order of the table below
enum { SPOT, MASS, FOCAL_LENGTH, EDGE, OUTPUTS };   // places in y
enum { WAVELENGTH, APERTURE, OPTIONS };

dmo_param real(const char *id, const char *name, const char *unit, double min, double max) {
  dmo_param p{};
  p.id = id, p.name = name, p.unit = unit, p.min = min, p.max = max;
  return p;
}
dmo_output output(const char *id, const char *name, const char *unit, std::uint32_t role, double bound = 0) {
  dmo_output o{};
  o.id = id, o.name = name, o.unit = unit, o.role = role, o.bound = bound;
  return o;
}
dmo_option real_option(const char *key, const char *help, const char *unit, const char *usual, double min, double max) {
  dmo_option o{};
  o.kind = DMO_OPT_REAL, o.key = key, o.help = help, o.unit = unit, o.default_text = usual, o.min = min, o.max = max;
  return o;
}

const std::array<dmo_param, PARAMS> params{
  real("c1", "Front curvature", "1/mm", 0, 0.04),
  real("c2", "Back curvature", "1/mm", -0.04, 0.02),
  real("thickness", "Thickness on axis", "mm", 2, 12),
};
const std::array<dmo_output, OUTPUTS> outputs{
  output("spot", "Root mean square spot radius", "um", DMO_MINIMIZE),
  output("mass", "Mass", "g", DMO_MINIMIZE),
  output("focal_length", "Focal length", "mm", DMO_AT_MOST, 100),
  output("edge", "Thickness at the edge", "mm", DMO_AT_LEAST, 1),
};
const std::array<dmo_option, OPTIONS> options{   // the user sets them with --set, once
  real_option("wavelength", "colour of the light", "um", "0.5876", 0.4, 1.5),
  real_option("aperture", "radius of the lens", "mm", "12.5", 1, 20),
};
const dmo_spec spec = [] {
  dmo_spec s{};
  s.struct_size = sizeof s, s.param_size = sizeof(dmo_param), s.output_size = sizeof(dmo_output);
  s.param_count = PARAMS, s.params = params.data(), s.output_count = OUTPUTS, s.outputs = outputs.data();
  return s;
}();

// ---- the simulator ------------------------------------------------------------------------------------------------
constexpr int rays = 16;
constexpr double density = 2.51e-3;   // g/mm3
constexpr double pi = 3.14159265358979323846;

// N-BK7 by Sellmeier's equation (Schott's data sheet); the wavelength in um.
double refractive_index(double wavelength) {
  constexpr double b[] = {1.03961212, 0.231792344, 1.01046945}, c[] = {0.00600069867, 0.0200179144, 103.560653};
  double w2 = wavelength * wavelength, n2 = 1;
  for (int i = 0; i < 3; i++) n2 += b[i] * w2 / (w2 - c[i]);
  return std::sqrt(n2);
}

double sag(double c, double h) { return c * h * h / (1 + std::sqrt(1 - c * c * h * h)); }
double cap_volume(double s, double h) { return pi * s * (3 * h * h + s * s) / 6; }

struct Ray {
  double y, z, m, l;   // a point, and a direction (m, l) of length 1

  // Goes to the surface with its vertex at z = 0 and bends from index n into n2.
  void refract(double c, double n, double n2) {
    double y0 = y - z * m / l;   // at the plane of the vertex
    double f = c * y0 * y0, g = l - c * y0 * m, cosine2 = g * g - c * f;
    if (cosine2 < 0) throw Infeasible("a ray misses the lens");
    double cosine = std::sqrt(cosine2), along = f / (g + cosine), bent2 = n2 * n2 - n * n * (1 - cosine2);
    if (bent2 < 0) throw Infeasible("a ray is reflected back inside the lens");
    double k = std::sqrt(bent2) - n * cosine;
    y = y0 + m * along;
    z = l * along;
    m = (n * m - k * c * y) / n2;
    l = (n * l - k * (c * z - 1)) / n2;
  }
};

// One instance: what the options make. evaluate() is const, so that many threads may call it on one instance.
class Lens {
 public:
  Lens(double wavelength, double aperture)
      : index_(refractive_index(wavelength)), aperture_(aperture),
        is_usual_(wavelength == 0.5876 && aperture == 12.5) {}

  bool is_usual() const { return is_usual_; }

  // Must not keep anything between calls, or use any randomness but the call's seed.
  void evaluate(const double *x, double *y) const {
    const double c1 = x[C1], c2 = x[C2], t = x[THICKNESS], n = index_, h = aperture_;
    const double front = sag(c1, h), back = sag(c2, h), edge = t - front + back;
    if (edge <= 0) throw Infeasible("the surfaces cross inside the aperture");
    y[EDGE] = edge;
    y[MASS] = density * (pi * h * h * edge + cap_volume(front, h) - cap_volume(back, h));
    const double power = (n - 1) * (c1 - c2 + (n - 1) * t * c1 * c2 / n);
    if (power <= 0) throw Infeasible("the lens diverges");
    y[FOCAL_LENGTH] = 1 / power;
    const double focus = (1 - (n - 1) * t * c1 / n) / power;   // from the back vertex
    double yy = 0, ym = 0, mm = 0;
    for (int i = 0; i < rays; i++) {   // rings of equal area
      Ray ray{h * std::sqrt((i + 0.5) / rays), 0, 0, 1};
      ray.refract(c1, 1, n);
      ray.z -= t;
      ray.refract(c2, n, 1);
      const double slope = ray.m / ray.l, height = ray.y + slope * (focus - ray.z);
      yy += height * height;
      ym += height * slope;
      mm += slope * slope;
    }
    y[SPOT] = 1000 * std::sqrt(std::max(0.0, yy - ym * ym / mm) / rays);   // at the sensor's best place
  }

 private:
  double index_, aperture_;
  bool is_usual_;
};

// ---- what is known without a search: dmo plugin validate compares, no search ever sees it -------------------------
constexpr double biconvex_x[PARAMS] = {0.0102, -0.0102, 6};
constexpr double biconvex_y[OUTPUTS] = {57.8738130265316, 6.40805932972265, 95.8518132228333, 4.39971971265493};
const dmo_reference_point biconvex = [] {
  dmo_reference_point p{};
  p.struct_size = sizeof p, p.kind = DMO_REF_GOLDEN, p.note = "an equiconvex lens, traced by another program";
  p.x = biconvex_x, p.y = biconvex_y, p.rtol = 1e-9;
  return p;
}();
const dmo_reference_point *const known[] = {&biconvex};

// ---- the C functions ------------------------------------------------------------------------------------------------
extern "C" {
dmo_status create(const dmo_host *, const char *const *texts, dmo_instance *instance, dmo_text *error) {
  return guarded(*error, [&] {   // dmo has checked the texts against the table of options
    *instance = new Lens(std::strtod(texts[WAVELENGTH], nullptr), std::strtod(texts[APERTURE], nullptr));
  });
}
void destroy(dmo_instance instance) { delete static_cast<Lens *>(instance); }
dmo_status evaluate(dmo_instance instance, const dmo_call *call, dmo_result *out) {
  return guarded(out->message, [&] { static_cast<const Lens *>(instance)->evaluate(call->x, out->y); });
}
size_t points(dmo_instance instance, const dmo_reference_point *const **list) {
  *list = known;
  return static_cast<const Lens *>(instance)->is_usual() ? 1 : 0;   // with other options it has other answers
}
const void *extension(const char *id) {
  static const dmo_reference reference{sizeof(dmo_reference), 0, points};
  return std::strcmp(id, DMO_EXT_REFERENCE) == 0 ? &reference : nullptr;
}
}

// ---- the plugin -----------------------------------------------------------------------------------------------------
const dmo_problem problem = [] {
  dmo_problem p{};
  p.struct_size = sizeof p, p.threads = DMO_THREADS_FREE, p.flags = DMO_HIDDEN_CONSTRAINTS;
  p.id = "@NAME@", p.name = "Single lens";
  p.summary = "A sharp and light lens of N-BK7 with a focal length of 100 mm";
  p.option_size = sizeof(dmo_option), p.option_count = OPTIONS, p.options = options.data();
  p.spec = &spec, p.evaluate = evaluate, p.create = create, p.destroy = destroy, p.extension = extension;
  return p;
}();
const dmo_problem *const problems[] = {&problem};
const dmo_plugin plugin = [] {
  dmo_plugin p{};
  p.struct_size = sizeof p, p.abi_minor = DMO_ABI_MINOR;
  p.id = "org.example.@NAME@", p.name = "@NAME@", p.version = "0.1.0";
  p.vendor = "Example", p.license = "Apache-2.0", p.url = "https://example.org";
  p.problem_count = 1, p.problems = problems;
  return p;
}();

}  // namespace

extern "C" DMO_EXPORT const dmo_plugin *dmo_plugin_v1(const dmo_host *) { return &plugin; }
