internal import Access
package import HTTPCore
internal import Interchange
internal import NeuralNetwork

extension APIService {
  /// Decides by its key whether a request may go on.
  package func admission(of head: RequestHead, to route: Route, at moment: Moment) -> Admission {
    guard let keys, route.options.access != .everyone else { return .admitted(caller: nil) }
    let reads = route.options.access == .readers || ["GET", "HEAD"].contains(head.method)
    let verdict = keys.verdict(
      on: head.headers.bearerKey, changes: !reads, at: moment.instant.nanoseconds)
    let refusal =
      verdict == .open
      ? Problem(foreignPage: head) : Problem(verdict, method: head.method)
    guard let problem = refusal else {
      return .admitted(caller: verdict.name)
    }
    return .refused(
      problem.response(instance: head.target.path), code: problem.code, caller: verdict.name)
  }
}

extension KeyGuard.Verdict {
  /// The name of the key, if there is one.
  fileprivate var name: String? {
    switch self {
    case .admitted(let name), .readOnly(let name), .tooMany(let name, _, _): name
    case .open, .missing, .unknown: nil
    }
  }
}

extension HTTPHeaders {
  /// The key of the one `Authorization: Bearer KEY` (RFC 6750 2.1); nil if there is no such field.
  fileprivate var bearerKey: String? {
    let values = all("Authorization")
    guard values.count == 1 else { return nil }
    // RFC 9110 11.1: the scheme's case does not matter.
    let parts = values[0].split(separator: " ", maxSplits: 1)
    guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
    return parts[1].trimmingSpaces
  }
}

extension Problem {
  static var missingKey: Problem {
    var problem = Problem(
      status: 401, code: "missing_key",
      detail: "The request needs one header Authorization: Bearer KEY, but has none; whoever runs"
        + " the server makes a key with descent keys add NAME")
    problem.authenticate = "Bearer"
    return problem
  }

  static var unknownKey: Problem {
    var problem = Problem(
      status: 401, code: "unknown_key",
      detail: "The key in Authorization is none that the server knows; it may have been revoked,"
        + " and descent keys add NAME makes another")
    problem.authenticate = "Bearer error=\"invalid_token\""
    return problem
  }

  /// Why a request may not go on; nil if it may.
  fileprivate init?(_ verdict: KeyGuard.Verdict, method: String) {
    switch verdict {
    case .open, .admitted: return nil
    case .missing: self = .missingKey
    case .unknown: self = .unknownKey
    case .readOnly(let name):
      self.init(
        status: 403, code: "read_only_key",
        detail: "The key \(name) may only read, but \(method) here changes something; use a key"
          + " with the scope full")
    case .tooMany(let name, let perSecond, let seconds):
      let rate = perSecond.formattedRate
      self.init(
        status: 429, code: "rate_limited",
        detail: "The key \(name) may make \(rate) requests a second and has made more; wait"
          + " \(seconds) s, or use a key with a higher rate",
        retryAfterSeconds: seconds)
    }
  }
}

extension Double {
  /// Without a fraction where there is none.
  fileprivate var formattedRate: String {
    String(decoding: JSONWriter.write(.number(self)), as: UTF8.self)
  }
}
