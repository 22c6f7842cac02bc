// Answers with fixed bytes, for `Scripts/bench-http` to compare.
//
//   hummingbird-peer JOB-FILE
//
// `GET /livez` answers as Descent does, `GET /jobs/{id}` with the bytes of the file. Listens on a free
// port of the loopback address and prints it.

import Foundation
import Hummingbird
import Logging

let live = ByteBuffer(string: #"{"status":"live"}"#)
let job = ByteBuffer(bytes: try Data(contentsOf: URL(fileURLWithPath: CommandLine.arguments[1])))

func json(_ buffer: ByteBuffer) -> Response {
  Response(
    status: .ok, headers: [.contentType: "application/json"], body: ResponseBody(byteBuffer: buffer)
  )
}

let router = Router()
router.get("livez") { _, _ in json(live) }
router.get("jobs/{id}") { _, context in
  _ = try context.parameters.require("id")
  return json(job)
}

let application = Application(
  router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
  onServerRunning: { channel in
    let port = channel.localAddress?.port ?? 0
    FileHandle.standardOutput.write(Data("http://127.0.0.1:\(port)\n".utf8))
  },
  logger: Logger(label: "hummingbird-peer") { _ in SwiftLogNoOpLogHandler() })
try await application.runService()
