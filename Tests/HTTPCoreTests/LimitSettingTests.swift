import HTTPCore
import Testing

@Suite("Limits by name")
struct LimitSettingTests {
  @Test("every limit has a setting, named after it, in its order")
  func complete() {
    let properties = Mirror(reflecting: HTTPLimits()).children.compactMap(\.label)
    let names = properties.map { property in
      property.map { $0.isUppercase ? "_" + $0.lowercased() : String($0) }.joined()
    }
    #expect(HTTPLimits.settings.map(\.name) == names)
  }

  @Test("sets the limit that it names and no other", arguments: HTTPLimits.settings.map(\.name))
  func sets(name: String) throws {
    var limits = HTTPLimits()
    try limits.set("\(name)=77")
    for setting in HTTPLimits.settings {
      let expected = setting.name == name ? 77 : HTTPLimits().value(of: setting)
      #expect(limits.value(of: setting) == expected)
    }
  }

  @Test("takes numbers up to its maximum", arguments: [0, 2_147_483_647, 2_147_483_648])
  func greatest(value: Int) throws {
    var limits = HTTPLimits()
    try limits.set("bulk_body_bytes_max=\(value)")
    #expect(limits.bulkBodyBytesMax == value)
  }

  @Test(
    "refuses what is no setting, saying why",
    arguments: [
      ("body_bytes_max", "a limit is set as NAME=NUMBER, but \"body_bytes_max\" has no ="),
      (
        "body_time=86401",
        "the limit body_time needs a whole number from 0 to 86400, but is \"86401\""
      ),
      (
        "connections_max=0",
        "the limit connections_max needs a whole number from 1 to 2147483648, but is \"0\""
      ),
      (
        "body_bytes_max=+5",
        "the limit body_bytes_max needs a whole number from 0 to 2147483648, but is \"+5\""
      ),
      (
        "body_bytes_max=",
        "the limit body_bytes_max needs a whole number from 0 to 2147483648, but is \"\""
      ),
      (
        "body_bytes_max=2147483649",
        "the limit body_bytes_max needs a whole number from 0 to 2147483648, but is "
          + "\"2147483649\""
      ),
    ])
  func refuses(text: String, message: String) {
    var limits = HTTPLimits()
    let error = #expect(throws: LimitSettingError.self) { try limits.set(text) }
    #expect(error?.description == message)
    #expect(limits == HTTPLimits())
  }

  @Test("names the limits that there are")
  func unknown() {
    var limits = HTTPLimits()
    let error = #expect(throws: LimitSettingError.self) { try limits.set("bodybytes=1") }
    #expect(error?.description.contains("body_bytes_max, bulk_body_bytes_max") == true)
  }
}
