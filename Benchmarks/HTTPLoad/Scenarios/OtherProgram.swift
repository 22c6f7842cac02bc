import Foundation

/// Ways in which other programs post a file.
enum OtherProgram: String, CaseIterable {
  case curl
  case curlAtOnce = "curl without Expect"
  case curlChunked = "curl, chunked"
  case python = "http.client"
  case pythonChunked = "http.client, chunked"

  /// Posts a file.
  ///
  /// - Returns: The status that the program was told, or what it says instead.
  func status(ofPosting file: String, to url: String) throws -> String {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments(file, url)
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return text.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  private func arguments(_ file: String, _ url: String) -> [String] {
    let curl = [
      "curl", "--silent", "--output", "/dev/null", "--write-out", "%{http_code}",
      "--header", "Content-Type: application/json", "--request", "POST", "--upload-file", file,
    ]
    return switch self {
    case .curl: curl + [url]
    case .curlAtOnce: curl + ["--header", "Expect:", url]
    case .curlChunked:
      curl + ["--header", "Expect:", "--header", "Transfer-Encoding: chunked", url]
    case .python: ["python3", "-c", Self.script, file, url, "length"]
    case .pythonChunked: ["python3", "-c", Self.script, file, url, "chunked"]
    }
  }

  /// As its documentation has it; a client whose sending breaks looks for the answer all the same.
  private static let script = """
    import http.client, os, sys, urllib.parse
    path, url, framing = sys.argv[1:]
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=60)
    headers = {"Content-Type": "application/json"}
    if framing == "length":
        headers["Content-Length"] = str(os.path.getsize(path))
    try:
        with open(path, "rb") as file:
            connection.request("POST", parts.path, file, headers, encode_chunked=framing == "chunked")
    except (BrokenPipeError, ConnectionResetError):
        pass
    try:
        print(connection.getresponse().status)
    except Exception as error:
        print(type(error).__name__)
    """
}
