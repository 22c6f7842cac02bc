extension HTTPLimits {
  /// A limit as whoever starts a server names it.
  package struct Setting: Sendable {
    /// The property's name in snake case.
    package let name: String
    /// The least value: 1 where 0 would shut out every client.
    package let min: Int
    fileprivate let kind: Kind

    fileprivate init(name: String, min: Int = 0, kind: Kind) {
      self.name = name
      self.min = min
      self.kind = kind
    }

    fileprivate enum Kind: Sendable {
      case count(any WritableKeyPath<HTTPLimits, Int> & Sendable)
      case optionalCount(any WritableKeyPath<HTTPLimits, Int?> & Sendable)
      case seconds(any WritableKeyPath<HTTPLimits, Duration> & Sendable)
    }

    /// Whether its values are seconds; otherwise they are bytes or numbers of things.
    package var isTime: Bool {
      if case .seconds = kind { true } else { false }
    }
  }

  /// Every limit, in the order of its declaration.
  package static let settings: [Setting] = [
    Setting(name: "request_line_bytes_max", min: 1, kind: .count(\.requestLineBytesMax)),
    Setting(name: "method_bytes_max", min: 1, kind: .count(\.methodBytesMax)),
    Setting(name: "empty_lines_max", kind: .count(\.emptyLinesMax)),
    Setting(name: "header_block_bytes_max", min: 1, kind: .count(\.headerBlockBytesMax)),
    Setting(name: "header_line_bytes_max", min: 1, kind: .count(\.headerLineBytesMax)),
    Setting(name: "header_count_max", min: 1, kind: .count(\.headerCountMax)),
    Setting(name: "body_bytes_max", kind: .count(\.bodyBytesMax)),
    Setting(name: "bulk_body_bytes_max", kind: .count(\.bulkBodyBytesMax)),
    Setting(name: "inline_body_bytes_max", kind: .count(\.inlineBodyBytesMax)),
    Setting(name: "chunk_size_digits_max", kind: .count(\.chunkSizeDigitsMax)),
    Setting(name: "chunk_extension_bytes_max", kind: .count(\.chunkExtensionBytesMax)),
    Setting(name: "trailer_bytes_max", kind: .count(\.trailerBytesMax)),
    Setting(name: "trailer_count_max", kind: .count(\.trailerCountMax)),
    Setting(name: "tiny_chunk_bytes_min", kind: .count(\.tinyChunkBytesMin)),
    Setting(name: "chunk_bytes_mean_min", kind: .count(\.chunkBytesMeanMin)),
    Setting(name: "pipeline_bytes_max", kind: .count(\.pipelineBytesMax)),
    Setting(name: "header_time", min: 1, kind: .seconds(\.headerTime)),
    Setting(name: "body_grace", kind: .seconds(\.bodyGrace)),
    Setting(name: "body_bytes_per_second_min", kind: .count(\.bodyBytesPerSecondMin)),
    Setting(name: "bulk_body_grace", kind: .seconds(\.bulkBodyGrace)),
    Setting(name: "bulk_body_bytes_per_second_min", kind: .count(\.bulkBodyBytesPerSecondMin)),
    Setting(name: "body_idle_time", kind: .seconds(\.bodyIdleTime)),
    Setting(name: "body_time", kind: .seconds(\.bodyTime)),
    Setting(name: "response_idle_time", min: 1, kind: .seconds(\.responseIdleTime)),
    Setting(
      name: "response_bytes_per_second_min", min: 1, kind: .count(\.responseBytesPerSecondMin)),
    Setting(name: "keep_alive_idle_time", kind: .seconds(\.keepAliveIdleTime)),
    Setting(name: "keep_alive_requests_max", min: 1, kind: .count(\.keepAliveRequestsMax)),
    Setting(name: "keep_alive_age", kind: .seconds(\.keepAliveAge)),
    Setting(name: "linger_idle_time", kind: .seconds(\.lingerIdleTime)),
    Setting(name: "linger_time", kind: .seconds(\.lingerTime)),
    Setting(name: "linger_bytes_max", kind: .count(\.lingerBytesMax)),
    Setting(name: "drain_listener_delay", kind: .seconds(\.drainListenerDelay)),
    Setting(name: "drain_time", kind: .seconds(\.drainTime)),
    Setting(name: "high_water_bytes", min: 1, kind: .count(\.highWaterBytes)),
    Setting(name: "low_water_bytes", kind: .count(\.lowWaterBytes)),
    Setting(name: "connections_max", min: 1, kind: .count(\.connectionsMax)),
    Setting(name: "streams_max", kind: .count(\.streamsMax)),
    Setting(name: "bulk_uploads_max", kind: .count(\.bulkUploadsMax)),
    Setting(name: "deferred_handlers_max", min: 1, kind: .count(\.deferredHandlersMax)),
    Setting(name: "request_bytes_max", min: 1, kind: .optionalCount(\.requestBytesMax)),
  ]

  /// The greatest value of a setting in bytes or things; 2 GiB.
  package static let countMax = 1 << 31
  /// The greatest value of a setting in seconds; a day.
  package static let secondsMax = 86_400

  /// The value of a setting, in bytes, things or seconds; nil if it follows from the machine.
  package func value(of setting: Setting) -> Int? {
    switch setting.kind {
    case .count(let path): self[keyPath: path]
    case .optionalCount(let path): self[keyPath: path]
    case .seconds(let path): Int(clamping: self[keyPath: path].components.seconds)
    }
  }

  /// Sets a limit from text such as `body_bytes_max=1048576`.
  package mutating func set(_ assignment: String) throws(LimitSettingError) {
    let parts = assignment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { throw .noValue(assignment) }
    guard let setting = Self.settings.first(where: { $0.name == parts[0] }) else {
      throw .unknown(String(parts[0]))
    }
    let max = setting.isTime ? Self.secondsMax : Self.countMax
    let digits = parts[1].utf8
    // Int("+5") would succeed.
    guard digits.allSatisfy(\.isDigit), let value = Int(parts[1]),
      (setting.min...max).contains(value)
    else {
      throw .badValue(name: setting.name, value: String(parts[1]), min: setting.min, max: max)
    }
    switch setting.kind {
    case .count(let path): self[keyPath: path] = value
    case .optionalCount(let path): self[keyPath: path] = value
    case .seconds(let path): self[keyPath: path] = .seconds(value)
    }
  }
}

/// A limit could not be set.
package enum LimitSettingError: Error, Hashable, Sendable, CustomStringConvertible {
  /// There is no `=`.
  case noValue(String)
  case unknown(String)
  case badValue(name: String, value: String, min: Int, max: Int)

  /// One sentence for people, with the way out.
  package var description: String {
    switch self {
    case .noValue(let text):
      "a limit is set as NAME=NUMBER, but \"\(text)\" has no ="
    case .unknown(let name):
      "there is no limit \"\(name)\"; the limits are "
        + HTTPLimits.settings.map(\.name).joined(separator: ", ")
    case .badValue(let name, let value, let min, let max):
      "the limit \(name) needs a whole number from \(min) to \(max), but is \"\(value)\""
    }
  }
}
