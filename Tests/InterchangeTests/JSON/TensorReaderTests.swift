import Interchange
import NeuralNetwork
import Synchronization
import Testing

@Suite("JSONReader: tensors")
struct TensorReaderTests {
  @Test(
    "infers the shape",
    arguments: [
      ("[]", [0], []), ("[1]", [1], [1]), ("[1,-2.5,3e0]", [3], [1, -2.5, 3]),
      ("[[1,2,3],[4,5,6]]", [2, 3], [1, 2, 3, 4, 5, 6]), ("[[],[]]", [2, 0], []),
      ("[[[]],[[]]]", [2, 1, 0], []), ("[[[1],[2]]]", [1, 2, 1], [1, 2]),
      (" [ [ 1 , 2 ] ,\n\t[ 3 , 4 ] ] ", [2, 2], [1, 2, 3, 4]),
    ] as [(String, [Int], [Float])])
  func infersShape(text: String, shape: [Int], elements: [Float]) throws {
    let value = try JSONReader.read(Array(text.utf8)) { $0 == [] }
    #expect(value == .tensor(Tensor(shape: shape, elements: elements)))
  }

  @Test(
    "tells the first fault, and where",
    arguments: [
      (
        "[[1,2,3],[4,5,6],[7,8,9],[1,2]]", [3], "ragged_rows", "row 3 has 2 entries but row 0 has 3"
      ),
      ("[[1],[1,2],[]]", [1], "ragged_rows", "row 1 has 2 entries but row 0 has 1"),
      ("[[],[1]]", [1], "ragged_rows", "row 1 has 1 entry but row 0 has 0"),
      (
        "[[[1],[2]],[[3],[]]]", [1, 1], "ragged_rows",
        "row [1][1] has 0 entries but row [0][0] has 1"
      ),
      ("[[[1],[2]],[[3]]]", [1], "ragged_rows", "row 1 has 1 entry but row 0 has 2"),
      ("[[1],2]", [1], "ragged_rows", "row 1 is a number, expected an array"),
      ("[1,[2]]", [1], "ragged_rows", "entry 1 is an array, expected a number"),
      ("[[],[[]]]", [1, 0], "ragged_rows", "entry [1][0] is an array, expected a number"),
      ("[1,\"2\"]", [1], "not_a_number", "entry 1 is a string, expected a number"),
      ("[[1,2],[3,null]]", [1, 1], "not_a_number", "entry [1][1] is null, expected a number"),
      ("[[1],true]", [1], "not_a_number", "row 1 is a boolean, expected an array"),
      ("[{\"a\":[]}]", [0], "not_a_number", "entry 0 is an object, expected a number"),
      ("[0,1e39,x]", [1], "", ""),
      (
        "[0, 1e39]", [1], "number_too_large",
        "entry 1 is 1e39, beyond the range of a 32-bit float, 3.4028235e+38"
      ),
    ] as [(String, [Int], String, String)])
  func tellsFault(text: String, path: [Int], code: String, detail: String) throws {
    let document = Array(#"{"x":\#(text),"y":[1,2]}"#.utf8)
    guard !code.isEmpty else {
      // Broken JSON after the fault matters more than the fault.
      #expect(throws: JSONError.self) { try JSONReader.read(document) { $0 == ["x"] } }
      return
    }
    let value = try JSONReader.read(document) { $0.count == 1 }
    let fault = JSONValue.TensorFault(path: path, code: code, detail: detail)
    #expect(value["x"] == .malformedTensor(fault))
    #expect(value["y"] == .tensor(Tensor(shape: [2], elements: [1, 2])))
  }

  @Test("broken JSON within a tensor is told as anywhere else")
  func tellsBrokenJSON() {
    let document = Array(#"{"x":[[1,2],[3,04]]}"#.utf8)
    let error = #expect(throws: JSONError.self) { try JSONReader.read(document) { $0 == ["x"] } }
    #expect(error?.message == "expected no digit after a leading zero but found '4'")
    #expect(error?.pointer == "#/x/1/1")
    #expect(error?.offset == 16)
  }

  @Test("asks once for each array that begins outside a tensor, with its path")
  func asksOnce() throws {
    let document = Array(#"{"a":[[1],[2]],"b":[[3],{"c/d":[4,"x"]}],"e":5}"#.utf8)
    let paths = Asked()
    _ = try JSONReader.read(document) { path in
      paths.all.withLock { $0.append(path) }
      return path == ["a"] || path.elements.last == .member("c/d")
    }
    let all = paths.all.withLock { $0 }
    #expect(all == [["a"], ["b"], ["b", 0], ["b", 1, "c/d"]])
    #expect(all.last?.pointer == "/b/1/c~1d")
    #expect(all.last?.member(at: 0) == "b")
    #expect(all.last?.member(at: 1) == nil)
    #expect(all.last?.member(at: 3) == nil)
  }

  private final class Asked: Sendable {
    let all = Mutex<[JSONPath]>([])
  }
}
