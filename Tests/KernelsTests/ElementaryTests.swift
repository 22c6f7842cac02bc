import Foundation
import Kernels
import TestSupport
import Testing

@Suite("Elementary functions")
struct ElementaryTests {
  enum Function: CaseIterable {
    case exp, sigmoid, tanh

    /// The function under test on many numbers.
    func values(of numbers: [Float]) -> [Float] {
      if self == .exp {
        return numbers.map { Elementary.exp(Lanes(repeating: $0))[0] }
      }
      var layout = ArenaLayout()
      let matrix = layout.matrix(rows: 1, columns: numbers.count)
      var arena = Arena(layout)
      arena.fill(matrix, with: numbers)
      if self == .sigmoid {
        arena.sigmoid(matrix, into: matrix)
      } else {
        arena.tanh(matrix, into: matrix)
      }
      return arena.elements(of: matrix)
    }

    func reference(_ x: Double) -> Double {
      switch self {
      case .exp: Foundation.exp(x)
      case .sigmoid: 1 / (1 + Foundation.exp(-x))
      case .tanh: Foundation.tanh(x)
      }
    }
  }

  private func worst(_ function: Function, _ numbers: [Float]) -> (ulps: Double, at: Float) {
    var worst = (ulps: 0.0, at: Float(0))
    for (number, value) in zip(numbers, function.values(of: numbers)) {
      let distance = ulps(value, from: function.reference(Double(number)))
      if distance > worst.ulps { worst = (distance, number) }
    }
    return worst
  }

  @Test("is at most 2 ulp off over all floats", arguments: Function.allCases)
  func isCloseEverywhere(function: Function) {
    // An odd stride takes every exponent, both signs and all low bits.
    let numbers = stride(from: UInt32(0), to: 0xFFFF_8000, by: 32_771).map(Float.init(bitPattern:))
    let (ulps, number) = worst(function, numbers)
    #expect(ulps <= 2, "at \(number)")
  }

  @Test("is at most 2 ulp off where it bends", arguments: Function.allCases)
  func isCloseWhereItBends(function: Function) {
    let numbers = stride(from: Float(-110), through: 110, by: 0.001_3).map { $0 }
    let near = stride(from: Float(-5), through: 5, by: 0.000_071).map { $0 }
    let (ulps, number) = worst(function, numbers + near)
    #expect(ulps <= 2, "at \(number)")
  }

  @Test("NaN gives NaN", arguments: Function.allCases)
  func undefined(function: Function) {
    #expect(function.values(of: [.nan, -.nan]).allSatisfy { $0.isNaN })
  }

  @Test("exp at the ends")
  func exponentialEnds() {
    let big = Float.greatestFiniteMagnitude
    #expect(Function.exp.values(of: [-.infinity, -big, -104, 0, -0.0]) == [0, 0, 0, 1, 1])
    let above = Function.exp.values(of: [88.73, 89, 1e10, big, .infinity])
    #expect(above == Array(repeating: .infinity, count: 5))
    // e^-103.9 = 0.55 * 2^-149 rounds to the least number above 0; e^-88 is below the normal ones.
    #expect(Function.exp.values(of: [-103.9]) == [.leastNonzeroMagnitude])
    #expect(Function.exp.values(of: [-88])[0].isSubnormal)
    #expect(Function.exp.values(of: [88.72])[0].isFinite)
  }

  @Test("sigmoid at the ends")
  func sigmoidEnds() {
    let big = Float.greatestFiniteMagnitude
    #expect(
      Function.sigmoid.values(of: [-.infinity, -big, 0, -0.0, big, .infinity])
        == [0, 0, 0.5, 0.5, 1, 1])
    #expect(Function.sigmoid.values(of: [-88])[0].isSubnormal)
  }

  @Test("tanh at the ends, keeping the sign of 0")
  func tanhEnds() {
    let big = Float.greatestFiniteMagnitude
    let least = Float.leastNonzeroMagnitude
    let numbers: [Float] = [-.infinity, -big, -least, -0.0, 0, least, big, .infinity]
    let expected: [Float] = [-1, -1, -least, -0.0, 0, least, 1, 1]
    #expect(sameBits(Function.tanh.values(of: numbers), expected))
  }

  @Test("tanh is odd")
  func tanhIsOdd() {
    let numbers = stride(from: Float(0), through: 12, by: 0.01).map { $0 }
    let mirrored = Function.tanh.values(of: numbers.map { -$0 })
    #expect(mirrored == Function.tanh.values(of: numbers).map { -$0 })
  }
}
