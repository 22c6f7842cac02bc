import HTTPCore

/// Bytes written as text, one byte for each scalar up to U+00FF.
func bytes(_ text: String) -> [UInt8] {
  text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
}

/// The moment so many seconds after the origin of the test's clock, with a fixed date.
func at(_ seconds: Double) -> Moment {
  Moment(instant: Instant(nanoseconds: Int64(seconds * 1e9)), unixTime: 784_111_777)
}

/// A small generator with a seed, so that a failure can be repeated.
struct SeededSplits {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
  }

  mutating func next(below bound: Int) -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Int(state >> 33) % bound
  }

  /// The pieces of the bytes, each of 1 to 40 bytes.
  mutating func split(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
    var pieces: [ArraySlice<UInt8>] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = rest.prefix(1 + next(below: 40))
      pieces.append(piece)
      rest = rest.dropFirst(piece.count)
    }
    return pieces
  }
}

/// Plays the owner of a connection: performs its actions at once and keeps what was sent.
struct ConnectionDriver {
  var machine: ConnectionMachine
  var output: [UInt8] = []
  /// The last action that ended the connection or its writing side.
  var end: String?
  var rejected: [String] = []
  var cancelled: [UInt64] = []
  var pending: [PendingRequest] = []
  var delivered: [(bytes: [UInt8], isLast: Bool)] = []
  var streams: [UInt64] = []
  var records: [ExchangeRecord] = []
  var resumes = 0
  /// Whether bytes go out as soon as they are handed over.
  var writesAtOnce = true

  init(
    router: Router, limits: HTTPLimits = HTTPLimits(),
    admit: @escaping @Sendable (RequestHead, Route, Moment) -> Admission = { _, _, _ in
      .admitted(caller: nil)
    }
  ) {
    let rules = ConnectionRules(
      router: router, limits: limits, admit: admit,
      failureResponse: { failure in
        HTTPResponse(status: failure.status, body: .bytes(bytes(failure.code)))
      })
    machine = ConnectionMachine(rules: rules, acceptedAt: at(0))
  }

  mutating func receive(_ piece: ArraySlice<UInt8>, at moment: Moment = at(1)) {
    perform(machine.received(piece, at: moment), at: moment)
  }

  mutating func receive(_ text: String, at moment: Moment = at(1)) {
    receive(bytes(text)[...], at: moment)
  }

  mutating func perform(_ actions: [ConnectionAction], at moment: Moment = at(1)) {
    var queue = actions
    var index = 0
    while index < queue.count {
      switch queue[index] {
      case .send(let piece):
        output += piece
        if writesAtOnce { queue += machine.written(piece.count, at: moment) }
      case .handle(let request):
        if case .immediate(let handler) = request.route.handler {
          let response = handler(request.request, request.parameters)
          queue += machine.responded(response, exchange: request.exchange, at: moment)
        } else {
          pending.append(request)
        }
      case .deliver(let piece, let isLast): delivered.append((piece, isLast))
      case .startStream(let exchange, _): streams.append(exchange)
      case .cancelHandler(let exchange): cancelled.append(exchange)
      case .resumeStream: resumes += 1
      case .finishSending: end = "finishSending"
      case .close: end = "close"
      case .reset: end = "reset"
      case .reject(let failure): rejected.append(failure.code)
      case .notAdmitted(let code): rejected.append(code)
      case .answered(let record): records.append(record)
      }
      index += 1
    }
  }

  /// The responses sent so far, interim ones included.
  var responses: [SentResponse] { SentResponse.parseAll(output) }

  /// The statuses of the final responses.
  var statuses: [Int] { responses.map(\.status).filter { $0 >= 200 } }
}

/// A response taken apart by a reader that shares no code with the encoder.
struct SentResponse: Equatable {
  var status: Int
  var fields: [String: String]
  var body: String

  /// The responses in the bytes; a body without length reaches to the end.
  static func parseAll(_ bytes: [UInt8]) -> [SentResponse] {
    var text = Substring(String(decoding: bytes, as: Unicode.ASCII.self))
    var responses: [SentResponse] = []
    while let headEnd = text.firstRange(of: "\r\n\r\n") {
      let lines = text[..<headEnd.lowerBound].split(separator: "\r\n")
      let status = Int(lines[0].split(separator: " ")[1]) ?? 0
      var fields: [String: String] = [:]
      for line in lines.dropFirst() {
        let parts = line.split(separator: ": ", maxSplits: 1)
        fields[parts[0].lowercased()] = parts.count > 1 ? String(parts[1]) : ""
      }
      text = text[headEnd.upperBound...]
      let length = fields["content-length"].flatMap { Int($0) }
      let scalars = text.unicodeScalars
      let isChunked = fields["transfer-encoding"] != nil
      let body = isChunked ? scalars[...] : scalars.prefix(length ?? 0)
      text = text[body.endIndex...]
      responses.append(SentResponse(status: status, fields: fields, body: String(body)))
    }
    return responses
  }
}
