import Foundation

/// Plotly.js, which draws a page's plots and is put into it as text.
///
/// Looked for in this order, the first that can be read counts:
/// 1. the file that the user names (`--plotly`), 2. that of the environment's `DMO_PLOTLY`,
/// 3. the `plotly` package of the active Python environment (`VIRTUAL_ENV`),
/// 4. `share/dmo/plotly.min.js` beside the program, or in the user's data folder,
/// 5. the `plotly` package of the system's Pythons, 6. Debian's `python3-plotly`.
public struct PlotlyLibrary {
  public let path: String
  /// As it may stand in a page.
  public let source: String

  public static let hint =
    "There are no plots: Plotly.js was not found. Install it with `sudo apt install python3-plotly`, or with "
    + "`pip install plotly` in an active virtual environment, or name a plotly.min.js with --plotly, and make the page again."

  /// - Parameters:
  ///   - named: the user's file; when it is given, nothing else is looked at.
  ///   - program: the folder of the dmo executable.
  ///   - environment: of this process: `DMO_PLOTLY`, `VIRTUAL_ENV`, `XDG_DATA_HOME` and `HOME` count.
  /// - Returns: nil when there is none.
  public static func find(named: String?, program: String, environment: [String: String]) -> PlotlyLibrary? {
    for path in candidates(named: named, program: program, environment: environment) {
      guard let source = try? String(contentsOfFile: path, encoding: .utf8), source.contains("Plotly") else { continue }
      return PlotlyLibrary(path: path, source: ReportPage.closed(source))
    }
    return nil
  }

  static func candidates(named: String?, program: String, environment: [String: String]) -> [String] {
    if let named { return [named] }
    let inPackage = "plotly/package_data/plotly.min.js"
    var paths: [String] = []
    if let path = environment["DMO_PLOTLY"], !path.isEmpty { paths.append(path) }
    if let venv = environment["VIRTUAL_ENV"], !venv.isEmpty {
      paths += pythons("\(venv)/lib").map { "\($0)/site-packages/\(inPackage)" }
    }
    paths.append("\(program)/../share/dmo/plotly.min.js")
    let data = environment["XDG_DATA_HOME"] ?? environment["HOME"].map { "\($0)/.local/share" }
    if let data { paths.append("\(data)/dmo/plotly.min.js") }
    for prefix in ["/usr/local/lib", "/usr/lib"] {
      for python in pythons(prefix) { paths += ["site-packages", "dist-packages"].map { "\(python)/\($0)/\(inPackage)" } }
    }
    return paths + ["/usr/share/python3-plotly/plotly.min.js", "/usr/share/python3-plotly/plotly.js"]
  }

  /// The folders of Python versions, the newest first.
  private static func pythons(_ folder: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasPrefix("python3") }
      .sorted { $0.compare($1, options: .numeric) == .orderedDescending }.map { "\(folder)/\($0)" }
  }
}
