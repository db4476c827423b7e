import FlyingFox
import Foundation

/// Answers a live page's questions, and nobody else's.
///
/// The address holds a token of 128 random bits; without it, everything is "not found". Questions that come from a page
/// of another origin, or under another host's name (DNS rebinding), are refused even with it. Paths are compared as they
/// came, and never lead to a file.
struct WatchHandler: HTTPHandler {
  let room: WatchRoom
  let token: String
  let port: UInt16
  let limit: ReceiveLimit

  private static let headers: HTTPHeaders = [
    HTTPHeader("Cache-Control"): "no-store", HTTPHeader("X-Content-Type-Options"): "nosniff",
    HTTPHeader("Referrer-Policy"): "no-referrer", HTTPHeader("X-Frame-Options"): "DENY",
    HTTPHeader("Cross-Origin-Resource-Policy"): "same-origin", HTTPHeader("Cross-Origin-Opener-Policy"): "same-origin",
  ]

  func handleRequest(_ request: HTTPRequest) async throws -> HTTPResponse {
    limit.complete(request.remoteAddress)
    guard isOwn(request) else { return Self.refusal(.forbidden) }
    let path = request.target.path()
    guard let place = placeBelowToken(path) else { return Self.refusal(.notFound) }
    guard request.method == .GET else { return Self.refusal(.methodNotAllowed) }
    do {
      switch place {
      case "": return Self.answer(try await room.page(), type: "text/html; charset=utf-8")
      case "data":
        let values = Dictionary(request.query.map { ($0.name, $0.value) }) { first, _ in first }
        guard let k = Int(values["study"] ?? "0"), let after = Int(values["after"] ?? "0"), after >= 0,
          let data = try await room.news(of: k, after: after)
        else { return Self.refusal(.notFound) }
        return Self.answer(data, type: "application/json")
      default: return Self.refusal(.notFound)
      }
    } catch {
      Console.write("warning: \(UserError(error).message)\n", to: STDERR_FILENO)
      return Self.refusal(.internalServerError)
    }
  }

  /// Whether the browser speaks to this server by its own name, and from its own page.
  private func isOwn(_ request: HTTPRequest) -> Bool {
    let names = ["127.0.0.1:\(port)", "localhost:\(port)"]
    guard let host = request.headers[.host], names.contains(host) else { return false }
    if let origin = request.headers[HTTPHeader("Origin")], origin != "http://\(host)" { return false }
    if let site = request.headers[HTTPHeader("Sec-Fetch-Site")], site != "same-origin", site != "none" { return false }
    return true
  }

  /// What follows `/TOKEN/`; nil without the token. Takes as long for every wrong token.
  private func placeBelowToken(_ path: String) -> Substring? {
    let given = Array(path.utf8)
    let wanted = Array("/\(token)/".utf8)
    guard given.count >= wanted.count else { return nil }
    let difference = zip(given, wanted).reduce(0 as UInt8) { $0 | ($1.0 ^ $1.1) }
    return difference == 0 ? path.dropFirst(wanted.count) : nil
  }

  private static func answer(_ data: Data, type: String) -> HTTPResponse {
    var headers = headers
    headers[.contentType] = type
    return HTTPResponse(statusCode: .ok, headers: headers, body: data)
  }

  private static func refusal(_ status: HTTPStatusCode) -> HTTPResponse {
    HTTPResponse(statusCode: status, headers: headers, body: Data("\(status.code)\n".utf8))
  }
}
