import Foundation
import KernelReferenceV3
import Kernels
import TestSupport
import Testing

#if arch(x86_64)
import KernelReferenceV4
#endif

typealias ElementaryFunction = KernelReferenceV3.ElementaryFunction

#if arch(x86_64)
extension KernelReferenceV4.ElementaryFunction {
  /// The same function of the other set.
  fileprivate init?(_ kind: KernelReferenceV3.ElementaryFunction) {
    guard let place = KernelReferenceV3.ElementaryFunction.allCases.firstIndex(of: kind) else {
      return nil
    }
    self = Self.allCases[place]
  }
}
#endif

@Suite("Elementary functions")
struct ElementaryTests {
  /// An elementary function of one set of kernels.
  struct Function: CustomTestStringConvertible {
    let kind: ElementaryFunction
    let isWide: Bool

    var testDescription: String { "\(kind), \(isWide ? "v4" : "v3")" }

    static let exp = Function(kind: .exp, isWide: false)
    static let expMinus1 = Function(kind: .expMinus1, isWide: false)
    static let log = Function(kind: .log, isWide: false)
    static let log1p = Function(kind: .log1p, isWide: false)
    static let sigmoid = Function(kind: .sigmoid, isWide: false)
    static let tanh = Function(kind: .tanh, isWide: false)
    static let erf = Function(kind: .erf, isWide: false)
    static let normalDensity = Function(kind: .normalDensity, isWide: false)
    static let squareRoot = Function(kind: .squareRoot, isWide: false)

    /// Of each set that this processor can run.
    static let allCases = KernelSet.available.flatMap { set in
      ElementaryFunction.allCases.map { Function(kind: $0, isWide: set != .v3) }
    }

    func values(of numbers: [Float]) -> [Float] {
      #if arch(x86_64)
      if isWide, let wide = KernelReferenceV4.ElementaryFunction(kind) {
        return wide.values(of: numbers)
      }
      #endif
      return kind.values(of: numbers)
    }

    func reference(_ x: Double) -> Double {
      switch kind {
      case .exp: Foundation.exp(x)
      case .expMinus1: Foundation.expm1(x)
      case .log: Foundation.log(x)
      case .log1p: Foundation.log1p(x)
      case .sigmoid: 1 / (1 + Foundation.exp(-x))
      case .tanh: Foundation.tanh(x)
      case .erf: Foundation.erf(x)
      case .normalDensity: Foundation.exp(-x * x / 2) / (2 * Double.pi).squareRoot()
      case .squareRoot: x.squareRoot()
      }
    }

    /// The checksum of the function's bits over ``everywhere``.
    var checksum: UInt64 {
      switch kind {
      case .exp: 0x8480_6180_BA85_520F
      case .expMinus1: 0x09BB_5406_35A2_0A89
      case .log: 0x4D8E_E416_47B5_F0C2
      case .log1p: 0x3F31_48E6_6A59_BF00
      case .sigmoid: 0xAC19_7701_E54D_1B41
      case .tanh: 0xCCC2_F082_B60A_9DBE
      case .erf: 0x27EE_0F84_B192_26A2
      case .normalDensity: 0xA89B_CF30_93A5_3644
      case .squareRoot: 0xF0E1_78EC_6F5C_61D5
      }
    }
  }

  /// An odd stride takes every exponent, both signs and all low bits.
  static let everywhere = stride(from: UInt32(0), to: 0xFFFF_8000, by: 32_771)
    .map(Float.init(bitPattern:))

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
    let (ulps, number) = worst(function, Self.everywhere)
    #expect(ulps <= 2, "at \(number)")
  }

  @Test("is at most 2 ulp off where it bends", arguments: Function.allCases)
  func isCloseWhereItBends(function: Function) {
    let numbers = stride(from: Float(-110), through: 110, by: 0.001_3).map { $0 }
    let near = stride(from: Float(-5), through: 5, by: 0.000_071).map { $0 }
    let (ulps, number) = worst(function, numbers + near)
    #expect(ulps <= 2, "at \(number)")
  }

  @Test("gives the same bits on every machine", arguments: Function.allCases)
  func isReproducible(function: Function) {
    // FNV-1a, a number at a time; which NaN it is depends on the processor.
    let checksum = function.values(of: Self.everywhere)
      .reduce(0xCBF2_9CE4_8422_2325 as UInt64) { sum, value in
        (sum ^ UInt64((value.isNaN ? .nan : value).bitPattern)) &* 0x100_0000_01B3
      }
    #expect(checksum == function.checksum)
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

  @Test("e^x - 1 at the ends and around 0")
  func exponentialMinus1Ends() {
    let big = Float.greatestFiniteMagnitude
    #expect(Function.expMinus1.values(of: [-.infinity, -big, -20]) == [-1, -1, -1])
    let above = Function.expMinus1.values(of: [88.73, 89, big, .infinity])
    #expect(above == Array(repeating: .infinity, count: 4))
    #expect(Function.expMinus1.values(of: [88.72])[0].isFinite)
    #expect(sameBits(Function.expMinus1.values(of: tiny), tiny))
  }

  @Test("log at the ends and below 0")
  func logarithmEnds() {
    #expect(
      Function.log.values(of: [0, -0.0, 1, .infinity]) == [-.infinity, -.infinity, 0, .infinity])
    #expect(Function.log.values(of: [1])[0].sign == .plus)
    let below: [Float] = [-.leastNonzeroMagnitude, -1, -.infinity]
    #expect(Function.log.values(of: below).allSatisfy { $0.isNaN })
    // -149 log 2.
    #expect(Function.log.values(of: [.leastNonzeroMagnitude]) == [-103.278_93])
  }

  @Test("log(1 + x) at the ends and around 0")
  func logarithmOf1PlusEnds() {
    #expect(Function.log1p.values(of: [-1, .infinity]) == [-.infinity, .infinity])
    let below: [Float] = [Float(-1).nextDown, -2, -.infinity]
    #expect(Function.log1p.values(of: below).allSatisfy { $0.isNaN })
    #expect(sameBits(Function.log1p.values(of: tiny), tiny))
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
    #expect(Function.tanh.values(of: [-.infinity, -big, big, .infinity]) == [-1, -1, 1, 1])
    #expect(sameBits(Function.tanh.values(of: tiny), tiny))
  }

  @Test("erf at the ends, keeping the sign of 0")
  func errorFunctionEnds() {
    let big = Float.greatestFiniteMagnitude
    #expect(Function.erf.values(of: [-.infinity, -big, big, .infinity]) == [-1, -1, 1, 1])
    #expect(sameBits(Function.erf.values(of: [-0.0, 0]), [-0.0, 0]))
  }

  @Test("the normal density at the ends")
  func normalDensityEnds() {
    let big = Float.greatestFiniteMagnitude
    #expect(Function.normalDensity.values(of: [-.infinity, -big, big, .infinity]) == [0, 0, 0, 0])
    #expect(Function.normalDensity.values(of: [0, -0.0]) == [0.398_942_28, 0.398_942_28])
    #expect(Function.normalDensity.values(of: [13.5])[0].isSubnormal)
  }

  @Test("the square root is the standard library's, bit by bit")
  func squareRootIsExact() {
    let near = stride(from: Float(0.5), through: 4.5, by: 0.000_071).map { $0 }
    let numbers = Self.everywhere + near + tiny
    #expect(sameBits(Function.squareRoot.values(of: numbers), numbers.map { $0.squareRoot() }))
  }

  @Test("is odd, or even", arguments: [Function.tanh, .erf, .normalDensity])
  func isSymmetric(function: Function) {
    let numbers = stride(from: Float(0), through: 12, by: 0.01).map { $0 }
    let values = function.values(of: numbers)
    let mirrored = function.values(of: numbers.map { -$0 })
    #expect(mirrored == (function.kind == .normalDensity ? values : values.map { -$0 }))
  }

  /// So close to 0 that functions which touch the diagonal there give their argument, bit by bit.
  private let tiny: [Float] = [
    -0x1p-30, -.leastNormalMagnitude, -.leastNonzeroMagnitude, -0.0, 0, .leastNonzeroMagnitude,
    .leastNormalMagnitude, 0x1p-30,
  ]
}
