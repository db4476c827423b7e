import Foundation

/// One self-contained HTML page: data, scripts, styles and, where it was found, Plotly.js.
struct ReportPage {
  /// What a page is made of.
  struct Contents: Encodable {
    var title: String
    /// When and by which dmo it was made.
    var made: String
    var studies: [PageStudy]
    var comparison: Comparison?
    /// How a live page asks for news; nil for a report.
    var live: Live?
    /// How to get plots, when there are none.
    var plotHint: String?
  }
  struct Live: Encodable {
    /// Milliseconds between two questions at least.
    var interval: Int
  }

  var contents: Contents
  /// The library's source, as `closed` leaves it; nil: a page of tables.
  var plotly: String?

  /// The scripts in the order in which they build on each other.
  private static let scripts: [[UInt8]] = [
    PackageResources.base_js, PackageResources.figure_js, PackageResources.results_js, PackageResources.parallel_js,
    PackageResources.insights_js, PackageResources.diagnostics_js, PackageResources.compare_js,
    PackageResources.main_js,
  ]

  static var encoder: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return encoder
  }

  /// The whole page. Nothing in it is loaded from anywhere, and its policy forbids the browser to.
  /// - Parameter nonce: chance words that only this page's own scripts carry.
  /// - Throws: `EncodingError`.
  func html(nonce: String) throws -> String {
    let data = Self.sealed(try Self.encoder.encode(contents))
    let policy = [
      "default-src 'none'", "script-src 'nonce-\(nonce)'", "style-src 'unsafe-inline'", "img-src data: blob:",
      "connect-src \(contents.live == nil ? "'none'" : "'self'")", "base-uri 'none'", "form-action 'none'",
    ].joined(separator: "; ")
    let library = plotly.map { "<script nonce=\"\(nonce)\">\($0)</script>\n" } ?? ""
    return """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="\(policy)">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(Self.escaped(contents.title))</title>
      <style>\(String(decoding: PackageResources.page_css, as: UTF8.self))</style>
      </head>
      <body>
      <noscript><p class="hint">This page draws its tables and plots with the scripts that are in it; the browser runs \
      none. In a terminal, <code>dmo show</code> prints the results.</p></noscript>
      <div id="page"></div>
      <script type="application/json" id="data">\(data)</script>
      \(library)<script nonce="\(nonce)">\(Self.own)</script>
      </body>
      </html>

      """
  }

  static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }

  private static let own = closed(scripts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n"))

  /// A script whose text cannot end its element.
  static func closed(_ script: String) -> String { script.replacingOccurrences(of: "</script", with: "<\\/script") }

  /// JSON in which nothing can end its element: within <script>, only '<' could. Byte by byte, since a live page is made
  /// anew for whoever opens it.
  private static func sealed(_ json: Data) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(json.count)
    let replacement = Array("\\u003c".utf8)
    for byte in json {
      if byte == UInt8(ascii: "<") { bytes += replacement } else { bytes.append(byte) }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
