package import HTTPCore
internal import Interchange
internal import Jobs
package import NeuralNetwork
internal import TrainingJobs

/// A refusal as clients see it: RFC 9457 problem details with a stable code and all faults.
package struct Problem: Error, Hashable, Sendable {
  /// The HTTP status.
  package let status: Int

  /// A stable identifier for programs; published in `openapi.yaml`.
  package let code: String

  /// One sentence for people.
  package let detail: String

  /// Each fault of the request, with its place.
  package var errors: [ConfigurationIssue] = []

  /// Seconds after which the same request may succeed.
  package var retryAfterSeconds: Int?

  /// Further fields that the status calls for.
  package var headers: HTTPHeaders = [:]

  /// How a client says who it is, as a 401 tells.
  package var authenticate: String?

  /// The answer that tells the problem.
  ///
  /// - Parameter instance: The path of the request, if it is known.
  /// - Returns: The response with its headers.
  func response(instance: String?) -> HTTPResponse {
    var members = [
      JSONValue.Member("type", .string("about:blank")),
      // RFC 9457 4.2.1: with the type about:blank the title is the status code's phrase.
      JSONValue.Member("title", .string(HTTPResponse.reasonPhrase(of: status))),
      JSONValue.Member("status", .integer(status)),
      JSONValue.Member("detail", .string(detail)),
    ]
    if let instance { members.append(JSONValue.Member("instance", .string(instance))) }
    members.append(JSONValue.Member("code", .string(code)))
    members.append(JSONValue.Member("errors", .array(errors.map(\.document))))
    var headers = headers
    headers.set("Content-Type", "application/problem+json")
    if let retryAfterSeconds { headers.set("Retry-After", String(retryAfterSeconds)) }
    if let authenticate { headers.set("WWW-Authenticate", authenticate) }
    return HTTPResponse(
      status: status, headers: headers, body: .bytes(JSONWriter.write(.object(members))))
  }
}
