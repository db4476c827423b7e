/// The exact, cheap part of a problem: goals and bounds as a function J(x, observed outputs).
///
/// Reaches trainers and strategies as a value, so that none of them ever sees a plugin. Rows in, rows out.
public protocol Composite: AnyObject, Sendable {
  /// From x and the observed entries of y computes all other entries, in place.
  /// - Parameters:
  ///   - rows: how many points.
  ///   - x: row major, shape (rows, space.dimension), in the parameters' units.
  ///   - y: row major, shape (rows, outputs.dimension), in the outputs' units.
  func compose(rows: Int, x: [Double], y: inout [Double]) throws

  /// The reverse: given d/dy of a scalar in `ybar`, *adds* to `zbar` where y is observed and to `xbar` J's direct part.
  /// Shapes as in `compose`.
  func composeVJP(rows: Int, x: [Double], y: [Double], ybar: [Double], zbar: inout [Double], xbar: inout [Double])
    throws
}
