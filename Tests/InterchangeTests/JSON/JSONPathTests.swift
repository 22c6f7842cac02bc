import Interchange
import NeuralNetwork
import Testing

@Suite("JSONPath")
struct JSONPathTests {
  // The examples of RFC 6901 5 and 6.
  @Test(
    "is a JSON Pointer with its escapes, and a fragment with more of them",
    arguments: [
      ([], "", "#"), (["foo"], "/foo", "#/foo"), (["foo", 0], "/foo/0", "#/foo/0"),
      ([""], "/", "#/"), (["a/b"], "/a~1b", "#/a~1b"), (["c%d"], "/c%d", "#/c%25d"),
      (["e^f"], "/e^f", "#/e%5Ef"), (["g|h"], "/g|h", "#/g%7Ch"), (["i\\j"], "/i\\j", "#/i%5Cj"),
      (["k\"l"], "/k\"l", "#/k%22l"), ([" "], "/ ", "#/%20"), (["m~n"], "/m~0n", "#/m~0n"),
      (["~1/"], "/~01~1", "#/~01~1"), (["é\n"], "/é\n", "#/%C3%A9%0A"),
    ] as [(JSONPath, String, String)])
  func isPointer(path: JSONPath, pointer: String, fragment: String) {
    #expect(path.pointer == pointer)
    #expect(path.fragment == fragment)
    #expect(path.description == fragment)
  }

  @Test("goes on by members and indices")
  func appends() {
    let path = JSONPath().member("a").entry(3).appending("b")
    #expect(path == ["a", 3, "b"])
    #expect(path.count == 3)
  }
}
