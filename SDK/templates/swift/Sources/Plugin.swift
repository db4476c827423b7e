// @NAME@: a dmo plugin. It bends rays through a single lens; replace the lens by your simulator.
//
// The lens is of N-BK7 glass, its surfaces are spheres of curvature c1 and c2 (1/radius, in 1/mm), the light comes from
// infinity. Wanted: a small spot and little glass, at a focal length of 100 mm or less, with an edge that can be held.
// The rays are traced exactly (W. T. Welford, Aberrations of Optical Systems, 1986, section 4.3).
//
// Import Glibc for sin, log and the like, never Foundation: a plugin must not bring a second one into dmo.
import DMOPluginKit

/// The simulator. One value is made for each instance; it is constant, so that many threads may evaluate on it.
struct SingleLens: Simulator, ConcurrentSimulator, ReferenceSimulator {
  static let about = About(
    id: "@NAME@", name: "Single lens", summary: "A sharp and light lens of N-BK7 with a focal length of 100 mm",
    traits: [.hiddenConstraints],
    options: [  // the user sets them with --set, once
      .real("wavelength", help: "colour of the light", unit: "um", default: 0.5876, in: 0.4...1.5),
      .real("aperture", help: "radius of the lens", unit: "mm", default: 12.5, in: 1...20),
    ])
  static let rays = 16
  static let density = 2.51e-3  // g/mm3

  let c1: Key<Double>, c2: Key<Double>, thickness: Key<Double>
  let spot: OutputKey, mass: OutputKey, focalLength: OutputKey, edge: OutputKey
  let index: Double, aperture: Double, isUsual: Bool

  /// What dmo and its users see: parameters and outputs, in this order.
  init(_ declare: inout Declaration, options: Options, host: Host) throws {
    c1 = declare.real("c1", in: 0...0.04, unit: "1/mm", name: "Front curvature")
    c2 = declare.real("c2", in: -0.04...0.02, unit: "1/mm", name: "Back curvature")
    thickness = declare.real("thickness", in: 2...12, unit: "mm", name: "Thickness on axis")
    spot = declare.minimize("spot", unit: "um", name: "Root mean square spot radius")
    mass = declare.minimize("mass", unit: "g", name: "Mass")
    focalLength = declare.atMost(100, "focal_length", unit: "mm", name: "Focal length")
    edge = declare.atLeast(1, "edge", unit: "mm", name: "Thickness at the edge")
    let wavelength = try options.real("wavelength")
    index = Self.refractiveIndex(wavelength)
    aperture = try options.real("aperture")
    isUsual = wavelength == 0.5876 && aperture == 12.5
  }

  /// Must not keep anything between calls, or use any randomness but the point's seed.
  func evaluate(_ point: Evaluation) throws {
    let (c1, c2, t, n, h) = (point[c1], point[c2], point[thickness], index, aperture)
    let (front, back) = (Self.sag(c1, h), Self.sag(c2, h))
    let rim = t - front + back
    guard rim > 0 else { throw Infeasible("the surfaces cross inside the aperture") }
    point[edge] = rim
    point[mass] = Self.density * (.pi * h * h * rim + Self.capVolume(front, h) - Self.capVolume(back, h))
    let power = (n - 1) * (c1 - c2 + (n - 1) * t * c1 * c2 / n)
    guard power > 0 else { throw Infeasible("the lens diverges") }
    point[focalLength] = 1 / power
    let focus = (1 - (n - 1) * t * c1 / n) / power  // from the back vertex
    var (yy, ym, mm) = (0.0, 0.0, 0.0)
    for i in 0..<Self.rays {  // rings of equal area
      var ray = Ray(y: h * ((Double(i) + 0.5) / Double(Self.rays)).squareRoot())
      try ray.refract(c1, from: 1, into: n)
      ray.z -= t
      try ray.refract(c2, from: n, into: 1)
      let slope = ray.m / ray.l
      let height = ray.y + slope * (focus - ray.z)
      yy += height * height
      ym += height * slope
      mm += slope * slope
    }
    point[spot] = 1000 * (max(0, yy - ym * ym / mm) / Double(Self.rays)).squareRoot()  // at the sensor's best place
  }

  /// What is known without a search: `dmo plugin validate` compares, no search ever sees it.
  func references() -> [ReferencePoint] {
    guard isUsual else { return [] }  // with other options it has other answers
    return [
      ReferencePoint(
        .golden, note: "an equiconvex lens, traced by another program", x: [0.0102, -0.0102, 6],
        y: [57.8738130265316, 6.40805932972265, 95.8518132228333, 4.39971971265493], rtol: 1e-9)
    ]
  }

  /// N-BK7 by Sellmeier's equation (Schott's data sheet); the wavelength in um.
  static func refractiveIndex(_ wavelength: Double) -> Double {
    let terms = [(1.03961212, 0.00600069867), (0.231792344, 0.0200179144), (1.01046945, 103.560653)]
    let w2 = wavelength * wavelength
    return terms.reduce(1) { $0 + $1.0 * w2 / (w2 - $1.1) }.squareRoot()
  }

  static func sag(_ c: Double, _ h: Double) -> Double { c * h * h / (1 + (1 - c * c * h * h).squareRoot()) }
  static func capVolume(_ s: Double, _ h: Double) -> Double { .pi * s * (3 * h * h + s * s) / 6 }
}

/// A point, and a direction (m, l) of length 1.
struct Ray {
  var y = 0.0, z = 0.0, m = 0.0, l = 1.0

  /// Goes to the surface with its vertex at z = 0 and bends from one index of refraction into another.
  mutating func refract(_ c: Double, from n: Double, into n2: Double) throws {
    let y0 = y - z * m / l  // at the plane of the vertex
    let f = c * y0 * y0
    let g = l - c * y0 * m
    let cosine2 = g * g - c * f
    guard cosine2 >= 0 else { throw Infeasible("a ray misses the lens") }
    let cosine = cosine2.squareRoot()
    let bent2 = n2 * n2 - n * n * (1 - cosine2)
    guard bent2 >= 0 else { throw Infeasible("a ray is reflected back inside the lens") }
    let along = f / (g + cosine)
    let k = bent2.squareRoot() - n * cosine
    y = y0 + m * along
    z = l * along
    m = (n * m - k * c * y) / n2
    l = (n * l - k * (c * z - 1)) / n2
  }
}

let plugin = Plugin(
  id: "org.example.@NAME@", name: "@NAME@", version: "0.1.0", vendor: "Example", license: "Apache-2.0",
  url: "https://example.org", problems: [Problem(SingleLens.self)])

@c(dmo_plugin_v1)
public func entry(_ host: UnsafePointer<dmo_host>?) -> UnsafePointer<dmo_plugin>? { plugin.export(host) }
