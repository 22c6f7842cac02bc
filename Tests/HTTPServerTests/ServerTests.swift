import HTTPCore
import Logging
import Testing

@testable import HTTPServer

private let ok = "GET /ok HTTP/1.1\r\nHost: a\r\n\r\n"

@Suite("Server")
struct ServerTests {
  @Test("serves many requests on one connection, in order, also when pipelined")
  func keepAlive() async throws {
    try await withServer { _, port in
      let texts = await onThread {
        let client = SocketClient(port: port)
        var texts: [String?] = []
        client.send(ok)
        texts.append(client.response()?.text)
        let posts = (1...100).map {
          "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n\(100 + $0)"
        }
        client.send(posts.joined())
        for _ in posts { texts.append(client.response()?.text) }
        return texts
      }
      #expect(texts == ["ok"] + (101...200).map(String.init))
    }
  }

  @Test(
    "knows which addresses only this machine reaches",
    arguments: [
      ("127.0.0.1", true), ("127.255.0.9", true), ("::1", true), ("localhost", true),
      ("LOCALHOST", true), ("0.0.0.0", false), ("::", false), ("128.0.0.1", false),
      ("127.0.0", false), ("127.0.0.256", false), ("127.0.0.1.example", false), ("", false),
      ("127.0.0.1.1", false), ("::ffff:7f00:1", false), ("example.org", false),
    ])
  func loopback(host: String, isLoopback: Bool) {
    #expect(ServerConfiguration(host: host).isLoopback == isLoopback)
  }

  @Test(
    "answers as the case table says, whole and byte by byte",
    arguments: [
      ("GET /ok HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 200),
      ("GET /ok HTTP/1.0\r\n\r\n", 200),
      ("get /ok HTTP/1.1\r\nHost: a\r\n\r\n", 400),
      ("GET /ok HTTP/1.1\nHost: a\r\n\r\n", 400),
      ("GET /ok HTTP/1.1\r\n\r\n", 400),
      ("GET /ok HTTP/2.0\r\nHost: a\r\n\r\n", 505),
      ("GET /../ok HTTP/1.1\r\nHost: a\r\n\r\n", 400),
      ("GET /ok HTTP/1.1\r\nHost: a\r\nA : b\r\n\r\n", 400),
      ("BREW /ok HTTP/1.1\r\nHost: a\r\n\r\n", 501),
      ("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nhello", 400),
      ("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n", 413),
      ("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
      ("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5 \r\n", 400),
      ("POST /no HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", 404),
      ("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: x\r\nContent-Length: 5\r\n\r\nhello", 417),
    ])
  func caseTable(request: String, status: Int) async throws {
    try await withServer { _, port in
      for splits in [false, true] {
        let (response, ends) = await onThread {
          let client = SocketClient(port: port)
          if splits {
            for scalar in request.unicodeScalars { client.send(String(scalar)) }
          } else {
            client.send(request)
          }
          return (client.response(), client.isAtEnd())
        }
        #expect(response?.status == status)
        #expect(response?.fields["connection"] == "close")
        #expect(response?.fields["date"]?.hasSuffix(" GMT") == true)
        #expect(ends)
      }
    }
  }

  @Test("answers HEAD without a body and 405 with Allow on a connection that lives on")
  func headAndAllow() async throws {
    try await withServer { _, port in
      let (head, refused) = await onThread {
        let client = SocketClient(port: port)
        client.send("HEAD /ok HTTP/1.1\r\nHost: a\r\n\r\n")
        let head = client.response(withBody: false)
        client.send("DELETE /ok HTTP/1.1\r\nHost: a\r\n\r\n")
        return (head, client.response())
      }
      #expect(head?.fields["content-length"] == "2")
      #expect(refused?.status == 405)
      #expect(refused?.fields["allow"] == "GET, HEAD, OPTIONS")
    }
  }

  @Test("sends 100 before a body that is awaited, and the final status to one that is refused")
  func expectContinue() async throws {
    try await withServer { _, port in
      let statuses = await onThread {
        let client = SocketClient(port: port)
        let head = "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: "
        client.send(head + "5\r\n\r\n")
        var statuses = [client.response()?.status]
        client.send("hello")
        statuses.append(client.response()?.status)
        client.send(head + "9999999\r\n\r\n")
        statuses.append(client.response()?.status)
        return statuses
      }
      #expect(statuses == [100, 200, 413])
    }
  }

  @Test("lets a client that is still sending receive its 413", arguments: [true, false])
  func bodyTooLarge(chunked: Bool) async throws {
    try await withServer { server, port in
      let response = await onThread {
        let client = SocketClient(port: port)
        let framing = chunked ? "Transfer-Encoding: chunked" : "Content-Length: 1500000"
        client.send("POST /echo HTTP/1.1\r\nHost: a\r\n\(framing)\r\n\r\n")
        if chunked { client.send("16e360\r\n") }
        client.send([UInt8](repeating: 0x61, count: 1_000_000))
        return client.response()
      }
      #expect(response?.status == 413)
      #expect(response?.text.contains("1048576 bytes") == true)
      #expect(server.metrics.rejected == ["body_too_large": 1])
    }
  }

  @Test("echoes a body of 1 MiB, by length and in chunks")
  func largeBody() async throws {
    try await withServer { _, port in
      let body = (0..<(1 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      let bodies = await onThread {
        let client = SocketClient(port: port)
        client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n")
        client.send(body)
        let first = client.response()?.body
        client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        for start in stride(from: 0, to: body.count, by: 10_000) {
          let piece = body[start..<min(start + 10_000, body.count)]
          client.send(ResponseEncoder.chunk(Array(piece)))
        }
        client.send("0\r\n\r\n")
        return [first, client.response()?.body]
      }
      #expect(bodies == [body, body])
    }
  }

  @Test("listens on localhost and on IPv6, and names the port")
  func hosts() async throws {
    for (host, ipv6) in [("localhost", false), ("::1", true)] {
      try await withServer(host: host) { _, port in
        let status = await onThread {
          let client = SocketClient(port: port, ipv6: ipv6)
          client.send(ok)
          return client.response()?.status
        }
        #expect(status == 200)
      }
    }
  }

  @Test("says which address could not be had, and why")
  func bindFails() async throws {
    try await withServer { _, port in
      let second = Server(
        configuration: ServerConfiguration(host: "127.0.0.1", port: port, eventLoops: 1),
        router: Router(), failureResponse: { HTTPResponse(status: $0.status) },
        logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
      let error = #expect(throws: ServerStartError.self) { try second.start() }
      #expect(
        error?.description
          == "cannot listen on 127.0.0.1:\(port): bind failed: Address already in use (errno 98)")
    }
  }

  @Test("counts connections and answers")
  func metrics() async throws {
    let routes = TestRoutes()
    try await withServer(routes: routes) { server, port in
      await onThread {
        for _ in 0..<20 {
          let client = SocketClient(port: port)
          client.send(ok + ok)
          _ = client.response()
          _ = client.response()
        }
      }
      await server.drain()
      #expect(server.metrics.connectionsAccepted == 20)
      #expect(server.metrics.connectionsOpen == 0)
      #expect(server.metrics.requestsAnswered == 40)
      #expect(server.metrics.requestBytesHeld == 0)
    }
  }
}
